/*
 * A model server that speaks OpenAI's protocol and does what a test tells it to. Counts every call by control and by
 * Idempotency-Key, and sees when a caller goes away. `/__stub/…` steers it over HTTP, for tests that run it apart.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { bogusAnswer, honestAnswer, quotingAnswer } from './llm-answers.js';

const behaviour = z.strictObject({
  mode: z.enum([
    'honest',
    'slow',
    'held',
    'status',
    'hang',
    'cut',
    'wrong_json',
    'refuse',
    'captured',
    'captured_quoting',
    'no_schema',
  ]),
  /** For `slow`. */
  ms: z.number().optional(),
  /** For `status`. */
  status: z.number().optional(),
  retry_after: z.string().optional(),
  /** Only calls about this control. */
  control: z.string().optional(),
  /** Used so many times, then gone. */
  times: z.number().int().positive().optional(),
});
export type LlmBehaviour = z.infer<typeof behaviour>;

export interface LlmCall {
  control: string;
  key: string;
  mode: LlmBehaviour['mode'];
  at: number;
  outcome: 'open' | 'answered' | 'aborted';
  prompt: string;
}

export interface LlmCounts {
  total: number;
  answered: number;
  aborted: number;
  open: number;
  by_control: Record<string, number>;
  by_key: Record<string, number>;
}

export interface FakeLlm {
  base_url: string;
  calls: LlmCall[];
  counts(): LlmCounts;
  /** What every call gets that no script entry claims. */
  setMode(next: LlmBehaviour): void;
  /** Entries are used up in order, before the mode. */
  script(entries: LlmBehaviour[]): void;
  /** Lets the calls go that are `held` now: they get honest answers. */
  release(): void;
  reset(): void;
  close(): Promise<void>;
}

const request = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
  response_format: z.object({ type: z.string() }).nullish(),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).nullish(),
});

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function contentOf(mode: LlmBehaviour['mode'], prompt: string): string {
  if (mode === 'wrong_json') return '{"status": "certainly", "rationale": ';
  if (mode === 'captured') return JSON.stringify(bogusAnswer());
  if (mode === 'captured_quoting') return JSON.stringify(quotingAnswer(prompt));
  return JSON.stringify(honestAnswer(prompt));
}

function completionOf(mode: LlmBehaviour['mode'], prompt: string, tool: string | undefined): unknown {
  const content = contentOf(mode, prompt);
  const refusal = mode === 'refuse' ? 'I cannot help with that.' : null;
  const message =
    refusal === null && tool !== undefined
      ? {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: tool, arguments: content } }],
        }
      : { role: 'assistant', content: refusal === null ? content : null, refusal };
  const prompt_tokens = Math.ceil(prompt.length / 4);
  const completion_tokens = Math.ceil(content.length / 4);
  return {
    id: 'chatcmpl-stub',
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: 'stub-model',
    choices: [
      {
        index: 0,
        message,
        finish_reason: tool !== undefined && refusal === null ? 'tool_calls' : 'stop',
        logprobs: null,
      },
    ],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  };
}

export async function startFakeLlm(port = 0): Promise<FakeLlm> {
  const calls: LlmCall[] = [];
  let mode: LlmBehaviour = { mode: 'honest' };
  let scripted: LlmBehaviour[] = [];
  let held: (() => void)[] = [];

  function next(control: string): LlmBehaviour {
    const index = scripted.findIndex((entry) => entry.control === undefined || entry.control === control);
    const entry = scripted[index];
    if (entry !== undefined) {
      const left = (entry.times ?? 1) - 1;
      scripted = left > 0 ? scripted.with(index, { ...entry, times: left }) : scripted.toSpliced(index, 1);
      return entry;
    }
    return mode.control === undefined || mode.control === control ? mode : { mode: 'honest' };
  }

  function counts(): LlmCounts {
    const by_control: Record<string, number> = {};
    const by_key: Record<string, number> = {};
    for (const call of calls) {
      by_control[call.control] = (by_control[call.control] ?? 0) + 1;
      by_key[call.key] = (by_key[call.key] ?? 0) + 1;
    }
    const having = (outcome: LlmCall['outcome']): number =>
      calls.filter((call) => call.outcome === outcome).length;
    return {
      total: calls.length,
      answered: having('answered'),
      aborted: having('aborted'),
      open: having('open'),
      by_control,
      by_key,
    };
  }

  async function complete(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = request.parse(JSON.parse(await readBody(incoming)));
    const prompt = body.messages
      .map((message) =>
        typeof message.content === 'string' ? message.content : JSON.stringify(message.content),
      )
      .join('\n\n');
    const control = /"ref":\s*"([^"]+)"/u.exec(prompt)?.[1] ?? 'unknown';
    const key = incoming.headers['idempotency-key'];
    const doing = next(control);
    const call: LlmCall = {
      control,
      key: typeof key === 'string' ? key : '',
      mode: doing.mode,
      at: Date.now(),
      outcome: 'open',
      prompt,
    };
    calls.push(call);
    response.on('close', () => {
      call.outcome = response.writableFinished ? 'answered' : 'aborted';
    });
    if (doing.mode === 'hang') return;
    if (doing.mode === 'slow') await new Promise((resolve) => setTimeout(resolve, doing.ms ?? 1_000));
    if (doing.mode === 'held') await new Promise<void>((resolve) => held.push(resolve));
    if (response.destroyed) return;
    if (doing.mode === 'status') {
      const headers = doing.retry_after === undefined ? {} : { 'retry-after': doing.retry_after };
      send(response, doing.status ?? 500, { error: { message: 'told to fail', type: 'stub' } }, headers);
      return;
    }
    if (doing.mode === 'no_schema' && body.response_format?.type === 'json_schema') {
      send(response, 400, {
        error: { message: 'response_format json_schema is not supported', type: 'invalid_request_error' },
      });
      return;
    }
    const completion = completionOf(doing.mode, prompt, body.tools?.[0]?.function.name);
    if (doing.mode === 'cut') {
      const whole = JSON.stringify(completion);
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(whole)),
      });
      response.write(whole.slice(0, whole.length / 2), () => response.destroy());
      return;
    }
    send(response, 200, completion);
  }

  function release(): void {
    for (const go of held) go();
    held = [];
  }

  function reset(): void {
    release();
    calls.length = 0;
    scripted = [];
    mode = { mode: 'honest' };
  }

  async function steer(path: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = incoming.method === 'POST' ? await readBody(incoming) : '';
    if (path === '/__stub/mode') mode = behaviour.parse(JSON.parse(body));
    else if (path === '/__stub/script') scripted = z.array(behaviour).parse(JSON.parse(body));
    else if (path === '/__stub/release') release();
    else if (path === '/__stub/reset') reset();
    else if (path === '/__stub/calls')
      return send(
        response,
        200,
        calls.map(({ prompt: _prompt, ...call }) => call),
      );
    else if (path !== '/__stub/counts') return send(response, 404, { error: { message: 'no such path' } });
    send(response, 200, counts());
  }

  const server = createServer((incoming, response) => {
    const path = new URL(incoming.url ?? '/', 'http://stub').pathname;
    const handled = path.startsWith('/__stub/')
      ? steer(path, incoming, response)
      : path === '/v1/chat/completions'
        ? complete(incoming, response)
        : Promise.resolve(
            send(response, path === '/v1/models' ? 200 : 404, {
              object: 'list',
              data: [{ id: 'stub-model', object: 'model' }],
            }),
          );
    handled.catch((error: unknown) => {
      if (!response.headersSent) send(response, 400, { error: { message: String(error), type: 'stub' } });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    base_url: `http://127.0.0.1:${bound}/v1`,
    calls,
    counts,
    setMode: (wanted) => {
      mode = wanted;
    },
    script: (entries) => {
      scripted = [...entries];
    },
    release,
    reset,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
