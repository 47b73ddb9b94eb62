// What a worker process tells on loopback: its own figures with the SDK's, and whether it works.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/ports.js';
import { ended, poll, type Stage, startStage } from '../runs/stage.js';
import type { WorkerProcess } from '../support/worker-process.js';

let stage: Stage;
let worker: WorkerProcess;
let url: string;

beforeAll(async () => {
  stage = await startStage();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  worker = await stage.startWorker({ METRICS_PORT: String(port) });
});
afterAll(() => stage.stop());

/** Value of a line of the text format, by name and a part of its labels. */
function read(text: string, name: string, label = ''): number {
  const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(label));
  expect(lines, name).not.toEqual([]);
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();

test('tells of the process, its queues, the outbox, and what the SDK counts', async () => {
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await fetch(`${url}/`)).status).toBe(404);
  stage.llm.setMode({ mode: 'held' });
  const run = await stage.org.assess(stage.org.refs.slice(0, 2));
  await run.execute();
  await poll('both in flight', async () => {
    const text = await metrics();
    return read(text, 'grc_worker_activities_in_flight', '"grc-llm"') === 2;
  });
  const during = await metrics();
  expect(read(during, 'grc_worker_polling', '"grc-core"')).toBe(1);
  expect(read(during, 'grc_worker_workflows_cached', '"grc-core"')).toBeGreaterThanOrEqual(1);
  expect(read(during, 'grc_db_pool_queue')).toBeGreaterThanOrEqual(0);
  expect(read(during, 'grc_outbox_oldest_seconds')).toBeGreaterThanOrEqual(0);
  expect(read(during, 'process_resident_memory_bytes')).toBeGreaterThan(0);

  stage.llm.release();
  stage.llm.setMode({ mode: 'honest' });
  await run.until(ended);
  await poll('the SDK has counted', async () => {
    const text = await metrics();
    const name = 'temporal_activity_execution_latency_count';
    return text.includes(name) && read(text, name, 'evaluateControls') >= 2;
  });
  expect(await metrics()).not.toMatch(/@|example|Logins/);
});

test('is not ready while it drains, and gone afterwards', async () => {
  stage.llm.setMode({ mode: 'held' });
  const run = await stage.org.assess(stage.org.refs.slice(0, 1));
  await run.execute();
  await poll('a call in flight', () => stage.llm.calls.some(({ outcome }) => outcome === 'open'));
  const stopped = worker.kill('SIGTERM');
  await poll('it drains', async () => (await fetch(`${url}/readyz`)).status === 503);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  stage.llm.release();
  await stopped;
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});
