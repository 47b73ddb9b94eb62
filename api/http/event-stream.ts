// Server-sent events of whatever can be read again and again.
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../domain/errors.js';

/** One indexed statement per stream; faster than this no eye sees. */
const POLL_MS = 500;
/** Proxies close what is silent for a minute. */
const BEAT_MS = 15_000;
/** A stream ends then and the browser opens it again: a removed member does not listen on for ever. */
const LONGEST_MS = 15 * 60_000;
/** Streams of one kind in this process at once. */
const MOST_STREAMS = 200;

export interface Followed<State> {
  /** @throws DomainError when it is out of the caller's reach */
  read(): Promise<State>;
  /** What is new since the last time, as events. */
  news(state: State): string[];
  /** The last event, when nothing will change any more. */
  end(state: State): string | undefined;
}

export interface EventStreams {
  /** @throws DomainError SERVICE_UNAVAILABLE when there are too many */
  open<State>(followed: Followed<State>, gone: AbortSignal): Promise<Readable>;
}

/** @param stopping aborts when the process is about to stop */
export function createEventStreams(stopping: AbortSignal): EventStreams {
  let count = 0;

  async function* follow<State>(
    followed: Followed<State>,
    first: State,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    count += 1;
    try {
      yield 'retry: 2000\n\n';
      const until = Date.now() + LONGEST_MS;
      let beat_at = Date.now() + BEAT_MS;
      for (let state = first; Date.now() < until; state = await followed.read()) {
        const news = followed.news(state);
        yield* news;
        if (news.length === 0 && Date.now() >= beat_at) yield ': still here\n\n';
        if (news.length > 0 || Date.now() >= beat_at) beat_at = Date.now() + BEAT_MS;
        const end = followed.end(state);
        if (end !== undefined) {
          yield end;
          return;
        }
        await sleep(POLL_MS, undefined, { signal });
      }
    } catch (error) {
      // The headers are out already: whoever listens connects again and is told then.
      if (!signal.aborted && !(error instanceof DomainError)) throw error;
    } finally {
      count -= 1;
    }
  }

  return {
    async open(followed, gone) {
      if (count >= MOST_STREAMS) {
        throw new DomainError('SERVICE_UNAVAILABLE', 'too many open event streams', { retry_after_s: 5 });
      }
      const first = await followed.read();
      const signal = AbortSignal.any([gone, stopping]);
      return Readable.from(follow(followed, first, signal), { objectMode: false });
    },
  };
}

/** @param id what a client may go on after */
export function event(name: string, data: unknown, id?: number): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
