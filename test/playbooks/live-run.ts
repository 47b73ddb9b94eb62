// What the tests of real runs stand on: a catcher that counts calls and can hold its answers, and runs by HTTP.
import { createServer, type ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { listenOn } from '../../local/http-server.js';
import type { PlaybookRunDetail, StepRun } from '../../domain/playbooks/schema.js';
import type { Caller } from '../support/app.js';
import { type BuiltPlaybook, buildPlaybook, type Steps } from '../support/factories/playbook.js';
import { until } from '../support/until.js';

export interface Call {
  path: string;
  key: string;
}

export interface Catcher {
  url: string;
  calls: Call[];
  count(path: string): number;
  /** Paths whose callers wait for an answer until it is released. */
  hold: Set<string>;
  release(): void;
  close(): Promise<void>;
}

export async function startCatcher(): Promise<Catcher> {
  const calls: Call[] = [];
  const hold = new Set<string>();
  const held: ServerResponse[] = [];
  const answer = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"state":"done"}');
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    calls.push({ path, key: String(request.headers['idempotency-key']) });
    request.resume();
    if (hold.has(path)) held.push(response);
    else answer(response);
  });
  const listening = await listenOn(server, { port: 0 });
  return {
    url: listening.url,
    calls,
    hold,
    count: (path) => calls.filter((call) => call.path === path).length,
    release() {
      hold.clear();
      for (const response of held.splice(0)) answer(response);
    },
    async close() {
      server.closeAllConnections();
      await listening.stop();
    },
  };
}

export interface LiveRun {
  path: string;
  read(): Promise<PlaybookRunDetail>;
  /** Of the latest turn of a step, by its key. */
  step(key: string): Promise<StepRun | undefined>;
  /** Until the run, or one of its steps, is so. */
  is(status: string, key?: string): Promise<PlaybookRunDetail>;
  post(caller: Caller, more: string, body?: unknown): ReturnType<Caller['post']>;
}

const PATIENCE_MS = 90_000;

/** Imports a playbook and runs it on a new incident. */
export async function startRun(
  caller: Caller,
  base: string,
  playbook: BuiltPlaybook | string,
  more: Record<string, unknown> = {},
): Promise<LiveRun & { incident: string }> {
  const playbook_id = typeof playbook === 'string' ? playbook : `live${Date.now()}`;
  if (typeof playbook !== 'string') {
    const imported = await caller.post(`${base}/playbooks`, { playbook_id, document: playbook.document });
    expect(imported.status, JSON.stringify(imported.body)).toBe(201);
  }
  const report = { title: 'Live', description: 'Run', category: 'malicious_code', severity: 'high' };
  const incident = `${base}/incidents/${(await caller.post(`${base}/incidents`, report)).body.id}`;
  const started = await caller.post(`${incident}/playbook`, { playbook_id, ...more });
  expect(started.status, JSON.stringify(started.body)).toBe(201);
  const path = `${incident}/playbook-runs/${started.body.id}`;
  const read = async (): Promise<PlaybookRunDetail> => (await caller.get(path)).body;
  const find = (run: PlaybookRunDetail, key: string): StepRun | undefined => {
    const step_id = typeof playbook === 'string' ? key : playbook.id(key);
    return run.steps.findLast((step) => step.step_id === step_id || step.name === key);
  };
  return {
    incident,
    path,
    read,
    step: async (key) => find(await read(), key),
    async is(status, key) {
      let seen = await read();
      await until(async () => {
        seen = await read();
        return (key === undefined ? seen.status : find(seen, key)?.status) === status;
      }, PATIENCE_MS).catch((error: unknown) => {
        throw new Error(`not ${status}: ${JSON.stringify(seen, undefined, 1)}`, { cause: error });
      });
      return seen;
    },
    post: (by, end, body = {}) => by.post(`${path}${end}`, body),
  };
}

export function against(url: string, first: string, steps: Steps, more: object = {}): BuiltPlaybook {
  return buildPlaybook(first, steps, { targets: { api: url }, ...more });
}
