// An incident as it is followed live: each entry once and in order, where it stands, the end; nobody else listens.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTenant } from '../../db/tenancy.js';
import { startTestApi, type TestApi } from '../support/app.js';
import type { Caller } from '../support/http.js';
import { until } from '../support/until.js';

let api: TestApi;
let admin: Caller;
let base: string;

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as('admin@events.example');
  const { id } = (await admin.post('/orgs', { name: 'Events', domain: 'events.example' })).body;
  base = `/orgs/${id}/incidents`;
});
afterAll(() => api.stop());

interface Received {
  event: string;
  id: string | undefined;
  data: Record<string, unknown>;
}

interface Listening {
  events: Received[];
  over: Promise<void>;
  leave(): void;
}

async function listen(path: string, headers: Record<string, string> = {}): Promise<Listening> {
  const gone = new AbortController();
  const response = await fetch(`${api.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${api.access.token('admin@events.example')}`, ...headers },
    signal: gone.signal,
  });
  if (response.status !== 200 || response.body === null) throw new Error(String(response.status));
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events: Received[] = [];
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = async (): Promise<void> => {
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (rest + part.value).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event, id, data] = /^event: (\w+)\n(?:id: (\d+)\n)?data: (.*)$/u.exec(block) ?? [];
        if (event !== undefined && data !== undefined) events.push({ event, id, data: JSON.parse(data) });
      }
    }
  };
  const over = read().catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
  return { events, over, leave: () => gone.abort() };
}

async function report(): Promise<string> {
  const body = { title: 'Followed', description: 'x', category: 'other', severity: 'low' };
  return (await admin.post(base, body)).body.id;
}

const seqs = ({ events }: Listening) =>
  events.filter(({ event }) => event === 'timeline').map(({ id }) => id);

test('tells what is there, what comes, and the end; goes on after the last one that was received', async () => {
  const id = await report();
  const path = `${base}/${id}`;
  const first = await listen(`${path}/events`);
  await until(() => first.events.length >= 2);
  expect(first.events).toMatchObject([
    { event: 'timeline', id: '1', data: { seq: 1, event_type: 'created', actor: 'admin' } },
    { event: 'incident', data: { id, phase: 'detection', status: 'open' } },
  ]);
  for (const description of ['Two', 'Three']) await admin.post(`${path}/timeline`, { description });
  await until(() => seqs(first).length >= 3);
  expect(seqs(first)).toEqual(['1', '2', '3']);
  first.leave();
  await first.over;
  const [, , org_id = ''] = base.split('/');
  await withTenant(api.database.db, { org_id }, (trx) =>
    trx('incident')
      .where({ id })
      .update({ phase: 'post_incident', status: 'closed', closed_at: trx.fn.now() }),
  );
  // by the query, and as a browser says it when it comes back
  for (const second of [
    await listen(`${path}/events?after_seq=2`),
    await listen(`${path}/events`, { 'last-event-id': '2' }),
  ]) {
    await second.over;
    expect(second.events).toMatchObject([
      { event: 'timeline', id: '3' },
      { event: 'incident', data: { status: 'closed' } },
      { event: 'end', data: { status: 'closed' } },
    ]);
  }
  const confused = await listen(`${path}/events`, { 'last-event-id': 'x' });
  await confused.over;
  expect(seqs(confused)).toEqual(['1', '2', '3']);
});

test('a long timeline comes whole, piece by piece', async () => {
  const id = await report();
  for (let count = 0; count < 120; count += 1)
    await admin.post(`${base}/${id}/timeline`, { description: `Note ${count}` });
  const listening = await listen(`${base}/${id}/events`);
  await until(() => seqs(listening).length >= 121);
  expect(seqs(listening)).toEqual(Array.from({ length: 121 }, (_, index) => String(index + 1)));
  listening.leave();
  await listening.over;
});

test('is for members only, and refuses what is no number', async () => {
  const id = await report();
  expect((await api.as('stranger@events.example').get(`${base}/${id}/events`)).status).toBe(404);
  expect((await admin.get(`${base}/${id}/events?after_seq=x`)).status).toBe(422);
});
