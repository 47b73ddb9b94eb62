// A browser's half of server-sent events: reads them as they come, and goes away when it likes.
import type { AssessmentProgress } from '../../domain/assessments/schema.js';

export interface ReceivedEvent {
  event: string;
  data: AssessmentProgress;
}

export interface Listener {
  events: ReceivedEvent[];
  /** Resolves when the server has ended the stream. */
  over: Promise<void>;
  leave(): void;
}

export async function listen(url: string, token: string): Promise<Listener> {
  const gone = new AbortController();
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    signal: gone.signal,
  });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`the stream was answered with ${response.status}: ${await response.text()}`);
  }
  const events: ReceivedEvent[] = [];
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = async (): Promise<void> => {
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (rest + part.value).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const found = /^event: (\w+)\ndata: (.*)$/u.exec(block);
        if (found) events.push({ event: found[1] ?? '', data: JSON.parse(found[2] ?? 'null') });
      }
    }
  };
  const over = read().catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
  return { events, over, leave: () => gone.abort() };
}
