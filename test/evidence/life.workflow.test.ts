// R4, R5, R11: a document after its upload, with real workers: read once although its worker is killed, gathered by runs
// until another supersedes it, stale at its time, and with a clock again that Temporal has lost.
import { createServer, connect as connectTo, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listTexts } from '../../db/evidence/repository.js';
import { withTenant } from '../../db/tenancy.js';
import { evidenceWorkflowId } from '../../domain/temporal.js';
import { lookAtPairs, type Pairs } from '../delivery/pairs.js';
import { ended, poll } from '../runs/stage.js';
import { TYPES } from '../support/bad-files.js';
import { docx } from '../support/files.js';
import { startEmbeddedStore } from '../support/object-stores.js';
import type { WorkerProcess } from '../support/worker-process.js';
import { send, sha256, startUploads, type Uploads } from './stage.js';

const QUIET = { RECONCILE_SECONDS: '1000' };
const DAY = 86_400_000;

let its: Uploads;
let pairs: Pairs;

beforeAll(async () => {
  its = await startUploads(startEmbeddedStore, QUIET);
  pairs = lookAtPairs(its.stage);
});
afterAll(async () => {
  await pairs.close();
  await its.stop();
});

const workflowOf = (id: string): string => evidenceWorkflowId(its.stage.org.id, id);
const inFuture = (ms: number): string => new Date(Date.now() + ms).toISOString();
const text = (words: string, name = 'policy.txt') => ({
  filename: name,
  content_type: TYPES.txt,
  bytes: Buffer.from(words),
});

/** Between a worker and the store: lets so many bytes through, then holds what comes. */
async function dam(url: string, most: number): Promise<{ url: string; held: () => boolean; server: Server }> {
  const { hostname, port } = new URL(url);
  let held = false;
  const server = createServer((client) => {
    const upstream = connectTo(Number(port), hostname);
    let passed = 0;
    client.pipe(upstream);
    upstream.on('data', (part) => {
      passed += part.length;
      if (passed > most) {
        held = true;
        upstream.pause();
      } else client.write(part);
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const at = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${String(at)}`, held: () => held, server };
}

test('a worker that is killed while it reads costs nothing: the file is verified afterwards, once', async () => {
  const { stage, objects } = its;
  // the worker of the stage reads nothing meanwhile: this one stands between the dam and the kill
  const bytes = Buffer.alloc(8 * 1024 * 1024, 'All access is reviewed.\n');
  const between = await dam(objects.url, 1024 * 1024);
  const env = { ...objects.env, ...QUIET, S3_ENDPOINT: between.url };
  const doomed: WorkerProcess[] = [];
  try {
    await its.pauseWorker();
    doomed.push(await stage.startWorker(env));
    const ticket = await its.ask({ filename: 'log.txt', content_type: TYPES.txt });
    expect((await send(ticket, bytes)).status).toBe(200);
    await its.by.post(`${its.path}/${ticket.evidence_id}/verify`);
    await poll('half of it is read', () => between.held());
    expect((await its.look(ticket.evidence_id)).status).toBe('pending');
    await Promise.all(doomed.map((worker) => worker.kill('SIGKILL')));
    await its.resumeWorker();
    expect(await its.settled(ticket.evidence_id)).toMatchObject({
      status: 'verified',
      sha256: sha256(bytes),
    });
    const actions = (await its.audited(ticket.evidence_id)).map(({ action }) => action);
    expect(actions).toEqual(['evidence.upload', 'evidence.verify_request', 'evidence.verify']);
  } finally {
    between.server.close();
  }
});

test('a run reads what was handed in for the control of a finding; what supersedes it takes its place', async () => {
  const { org, api } = its.stage;
  const [ref = ''] = org.refs;
  const run = await org.assess([ref], its.by, { evaluator: 'rules' });
  await run.execute();
  await run.until(ended);
  const [finding] = await run.findings();
  const old = await its.hand(
    { filename: 'policy.docx', content_type: TYPES.docx, bytes: docx(['Access is reviewed every quarter.']) },
    { finding_id: finding?.['id'], collected_at: '2026-01-01T00:00:00Z' },
  );
  expect(old).toMatchObject({ status: 'verified', finding_id: finding?.['id'], control_refs: [] });
  const cited = async (): Promise<string[]> => {
    expect((await run.execute({ restart: true })).status).toBe(200);
    await poll('it has been judged again', async () => ended((await its.by.get(run.path)).body));
    const rows: { evidence_id: string }[] = await withTenant(api.database.db, org.tenant, (trx) =>
      trx('execution_evidence as x')
        .join('assessment as a', 'a.execution_id', 'x.execution_id')
        .where('a.id', run.id)
        .select('x.evidence_id'),
    );
    return rows.map(({ evidence_id }) => evidence_id);
  };
  expect(await cited()).toContain(old.id);
  const [read] = await withTenant(api.database.db, org.tenant, (trx) => listTexts(trx, [old.id]));
  expect(read).toMatchObject({ unreadable_reason: null, text: expect.stringContaining('every quarter.') });
  const kept = await its.by.delete(`${its.path}/${old.id}`);
  expect([kept.status, kept.body.detail]).toEqual([409, 'it has to stay: runs of assessments rest on it']);

  const next = await its.hand(text('Access is reviewed every month.'), { supersedes_id: old.id });
  // links are taken over, times are its own
  expect(next).toMatchObject({ supersedes_id: old.id, finding_id: finding?.['id'], collected_at: null });
  expect(await its.look(old.id)).toMatchObject({ superseded_by: next.id, status: 'verified' });
  const now = await cited();
  expect(now).toContain(next.id);
  expect(now).not.toContain(old.id);
  const more = { filename: 'x.txt', content_type: TYPES.txt, supersedes_id: old.id };
  const late = await its.by.post(`${its.path}/upload-url`, more);
  expect([late.status, late.body.detail]).toEqual([
    422,
    `supersedes_id: is superseded already: name ${next.id}`,
  ]);
  const list = async (query: string): Promise<string[]> =>
    (await its.by.get(`${its.path}?${query}`)).body.items.map(({ id }: { id: string }) => id);
  expect(await list(`assessment_id=${run.id}`)).toEqual([next.id, old.id]);
  expect(await list(`finding_id=${String(finding?.['id'])}&superseded=false`)).toEqual([next.id]);
});

test('a document turns stale at its time, and by another time that is set for it', async () => {
  const soon = await its.hand(text('For seconds.'), { expires_at: inFuture(6_000) });
  const far = await its.hand(text('For a year.'), { expires_at: inFuture(365 * DAY) });
  const endless = await its.hand(text('For ever.'));
  expect(far).toMatchObject({ stale: false });
  for (const { id } of [far, endless]) {
    const { status, body } = await its.by.patch(`${its.path}/${id}`, { expires_at: inFuture(1_500) });
    expect([status, body.stale]).toEqual([200, false]);
  }
  for (const { id } of [soon, far, endless]) {
    await poll(`${id} is stale`, async () => (await its.look(id)).stale);
    const entries = (await its.audited(id)).filter(({ action }) => action === 'evidence.stale');
    expect(entries).toMatchObject([{ actor_id: null }]);
  }
  const fresh = await its.by.patch(`${its.path}/${far.id}`, { expires_at: inFuture(DAY) });
  expect(fresh.body).toMatchObject({ stale: false });
  await poll('its clock runs again', async () => (await pairs.fate(workflowOf(far.id))) === 'RUNNING');
  const past = await its.by.patch(`${its.path}/${endless.id}`, { expires_at: '2026-01-01T00:00:00Z' });
  expect(past.body).toMatchObject({ stale: true });
});

test('one on which nothing rests is removed, with its text; what is pending too, with its upload', async () => {
  const done = await its.hand(text('A mistake.'), { expires_at: inFuture(DAY) });
  const ticket = await its.ask({ filename: 'never.txt', content_type: TYPES.txt });
  for (const id of [done.id, ticket.evidence_id]) {
    expect((await its.by.delete(`${its.path}/${id}`)).body).toEqual({ id, deleted: true });
    expect((await its.by.get(`${its.path}/${id}`)).status).toBe(404);
    expect((await its.audited(id)).at(-1)?.action).toBe('evidence.delete');
  }
  // its URL is still good, and nobody will read what comes by it
  expect((await send(ticket, 'late')).status).toBe(200);
  await pairs.client.workflow.getHandle(workflowOf(ticket.evidence_id)).cancel();
  await poll('it is cleared away', async () => {
    return (await its.objects.store.find(ticket.object_key)) === undefined;
  });
});

test('lost by Temporal, an awaited upload and a clock are taken up again', async () => {
  const expiring = await its.hand(text('Expires.'), { expires_at: inFuture(300 * DAY) });
  const ticket = await its.ask({ filename: 'awaited.txt', content_type: TYPES.txt });
  const ids = [expiring.id, ticket.evidence_id];
  for (const id of ids) {
    await poll('it runs', async () => (await pairs.fate(workflowOf(id))) === 'RUNNING');
    await pairs.remove(workflowOf(id));
    await poll('it is gone', async () => (await pairs.fate(workflowOf(id))) === 'unknown');
  }
  expect((await send(ticket, 'Here.')).status).toBe(200);
  for (const id of ids)
    await poll('it is started again', async () => {
      expect((await pairs.reconcile()).failures).toEqual([]);
      return (await pairs.fate(workflowOf(id))) === 'RUNNING';
    });
  expect((await its.settled(ticket.evidence_id)).status).toBe('verified');
  expect(await pairs.audited(its.stage.org)).toEqual(
    expect.arrayContaining(
      ids.map((id) => expect.objectContaining({ action: 'evidence.workflow_restart', resource_id: id })),
    ),
  );
});
