// R14, S11: notices of real incidents reach their receivers: through refusals, kills and quiet hours, signed and known by
// their id. The incident waits for none of it.
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStage, type Stage } from '../runs/stage.js';
import {
  type HookCatcher,
  type MailCatcher,
  startHookCatcher,
  startMailCatcher,
} from '../support/fakes/catcher.js';
import { until } from '../support/until.js';
import type { WorkerProcess } from '../support/worker-process.js';

const PATIENCE_MS = 90_000;
const SECOND = { contain: null, resolve: null, update_cadence: null, calendar: null };

let hooks: HookCatcher;
let mails: MailCatcher;
let stage: Stage;
let worker: WorkerProcess;
let worker_env: Record<string, string>;
let org: string;

beforeAll(async () => {
  [hooks, mails] = await Promise.all([startHookCatcher(), startMailCatcher()]);
  const settings = { EGRESS_ALLOW: hooks.url, SMTP_URL: mails.url };
  stage = await startStage(settings);
  worker_env = { ...settings, MAIL_FROM: 'GRC <grc@ours.example>', PUBLIC_URL: 'https://grc.ours.example' };
  worker = await stage.startWorker(worker_env);
  org = `/orgs/${stage.org.id}`;
  await configure({
    notification_webhook: `${hooks.url}/hook`,
    executive_email: 'boss@runs.example',
    escalation: [
      { percent: 100, notify: ['commander'], repeat_every: null },
      { percent: 150, notify: ['executive'], repeat_every: null },
    ],
    sla: Object.fromEntries(
      ['critical', 'high', 'medium', 'low', 'informational'].map((severity) => [
        severity,
        { acknowledge: 'PT1S', ...SECOND },
      ]),
    ),
  });
});
afterAll(async () => {
  await stage.stop();
  await Promise.all([hooks.close(), mails.close()]);
});

async function configure(settings: Record<string, unknown>): Promise<void> {
  const { status, body } = await stage.org.admin.put(org, { settings });
  expect(status, JSON.stringify(body)).toBe(200);
}

async function report(severity: string): Promise<string> {
  const incident = { title: 'Canary title', description: 'Canary text', category: 'phishing', severity };
  const { status, body } = await stage.org.admin.post(`${org}/incidents`, incident);
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

interface Row {
  id: string;
  incident_id: string | null;
  event: string;
  channel: string;
  recipient_id: string | null;
  state: string;
  attempts: number;
  last_error: string | null;
  not_before: string | null;
}

async function rows(query: string): Promise<Row[]> {
  const { status, body } = await stage.org.admin.get(`${org}/notifications?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.items;
}

/** What was told of an incident, once its breach is among it and all of it is settled. */
async function settled(incident_id: string, states = ['sent']): Promise<Row[]> {
  let found: Row[] = [];
  await until(async () => {
    found = await rows(`incident_id=${incident_id}`);
    return (
      found.some(({ event }) => event === 'sla_breached') &&
      found.some(({ recipient_id, channel }) => channel === 'email' && recipient_id === null) &&
      found.every(({ state }) => states.includes(state))
    );
  }, PATIENCE_MS);
  return found;
}

/** @param overlap_hours 24 unless said */
async function newSecret(overlap_hours?: number): Promise<string> {
  const { status, body } = await stage.org.admin.post(
    `${org}/notifications/webhook-secret`,
    overlap_hours === undefined ? undefined : { overlap_hours },
  );
  expect(status).toBe(201);
  return body.secret;
}

describe('an escalation', () => {
  test(
    'arrives once although the receiver refuses it twice and the mail server puts it off',
    { timeout: 2 * PATIENCE_MS },
    async () => {
      const old = await newSecret(0);
      const secret = await newSecret();
      hooks.answer = (before) => (before < 2 ? 500 : 204);
      mails.refusals = 1;
      const incident_id = await report('critical');
      const told = await settled(incident_id);

      const posts = told.filter(({ channel }) => channel === 'webhook');
      expect(posts.length).toBeGreaterThan(0);
      for (const { id, attempts } of posts) {
        const tries = hooks.of(`msg_${id}`);
        expect(tries.map(({ status }) => status)).toEqual([500, 500, 204]);
        expect(attempts).toBe(3);
        expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
        for (const { body, headers } of tries) {
          // while both are valid, a receiver that knows either is content
          for (const known of [old, secret])
            expect(new Webhook(known).verify(body, headers)).toMatchObject({
              data: { incident_id, notification_id: id, severity: 'critical', clock: 'acknowledge' },
            });
          const forged = body.replace('critical', 'low');
          expect(() => new Webhook(secret).verify(forged, headers)).toThrow();
          expect(body).not.toContain('Canary');
        }
      }
      // nobody commands it, so its admins are told; and the executive contact of the settings
      const taken = mails.mails.filter(({ taken: kept }) => kept);
      const letters = told.filter(({ channel }) => channel === 'email');
      expect(taken).toHaveLength(letters.length);
      expect(mails.mails).toHaveLength(letters.length + 1);
      expect(new Set(taken.flatMap(({ to }) => to))).toEqual(new Set([stage.org.email, 'boss@runs.example']));
      for (const { text } of taken) {
        expect(text).toContain(`https://grc.ours.example/api/v1${org}/incidents/${incident_id}`);
        expect(text).not.toContain('Canary');
      }
      const ids = mails.mails.map(({ text }) => /^message-id: <(.*)@ours\.example>/im.exec(text)?.[1]);
      expect(new Set(ids)).toEqual(new Set(letters.map(({ id }) => id)));
    },
  );

  test(
    'keeps its id when the worker dies after the receiver has taken it',
    { timeout: 3 * PATIENCE_MS },
    async () => {
      hooks.caught.length = 0;
      let release: (status: number) => void = () => undefined;
      const killed = new Promise<number>((resolve) => {
        release = resolve;
      });
      hooks.answer = (before) => (before === 0 ? killed : 204);
      const incident_id = await report('high');
      await until(() => hooks.caught.length > 0, PATIENCE_MS);
      const { id } = hooks.caught[0] ?? { id: '' };
      await worker.kill();
      release(204);
      worker = await stage.startWorker(worker_env);
      const told = await settled(incident_id);
      const tries = hooks.of(id);
      expect(tries.length).toBeGreaterThan(1);
      expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
      expect(told.map((row) => `msg_${row.id}`)).toContain(id);
      // whoever goes by the id has each message once
      const posts = told.filter(({ channel }) => channel === 'webhook');
      expect(new Set(hooks.caught.map((each) => each.id)).size).toBe(posts.length);
    },
  );

  test(
    'that cannot be delivered is still tried, and the incident does not wait for it',
    { timeout: 2 * PATIENCE_MS },
    async () => {
      hooks.answer = () => 503;
      const incident_id = await report('critical');
      await until(
        async () =>
          (await rows(`incident_id=${incident_id}&channel=webhook`)).some(
            ({ last_error }) => last_error === 'status_503',
          ),
        PATIENCE_MS,
      );
      const answer = await stage.org.admin.post(`${org}/incidents/${incident_id}/acknowledge`, {});
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      await until(async () => {
        const { body } = await stage.org.admin.get(`${org}/incidents/${incident_id}`);
        return body.acknowledged_at !== null;
      }, PATIENCE_MS);
      expect(await rows(`incident_id=${incident_id}&channel=webhook&state=pending`)).not.toEqual([]);
      hooks.answer = () => 204;
      await settled(incident_id);
    },
  );

  test(
    'is given up at once when the receiver says that it is gone',
    { timeout: 2 * PATIENCE_MS },
    async () => {
      hooks.answer = () => 410;
      const incident_id = await report('critical');
      const told = await settled(incident_id, ['sent', 'failed']);
      const posts = told.filter(({ channel }) => channel === 'webhook');
      expect(posts.map(({ state, attempts, last_error }) => [state, attempts, last_error])).toEqual(
        posts.map(() => ['failed', 1, 'status_410']),
      );
      expect(await rows(`incident_id=${incident_id}&state=failed`)).toHaveLength(posts.length);
    },
  );

  test('waits for the end of the quiet hours, unless it is grave', { timeout: 2 * PATIENCE_MS }, async () => {
    hooks.answer = () => 204;
    const hour = (shift: number): string =>
      new Date(Date.now() + shift * 3_600_000).toISOString().slice(11, 16);
    await configure({ quiet_hours: { zone: 'UTC', from: hour(-2), to: hour(2) } });
    const incident_id = await report('low');
    let told: Row[] = [];
    await until(async () => {
      told = await rows(`incident_id=${incident_id}`);
      return told.some(({ event }) => event === 'sla_breached');
    }, PATIENCE_MS);
    for (const { state, attempts, not_before } of told) {
      expect([state, attempts]).toEqual(['pending', 0]);
      expect(Date.parse(not_before ?? '')).toBeGreaterThan(Date.now() + 3_600_000);
    }
    await settled(await report('critical'));
    expect(await rows(`incident_id=${incident_id}&state=sent`)).toEqual([]);
  });
});

describe('a test message', () => {
  test('goes to the webhook, or to the caller', { timeout: 2 * PATIENCE_MS }, async () => {
    hooks.answer = () => 204;
    for (const channel of ['webhook', 'email']) {
      const { status, body } = await stage.org.admin.post(`${org}/notifications/test`, { channel });
      expect(status, JSON.stringify(body)).toBe(201);
      expect(body).toMatchObject({ event: 'test', channel, incident_id: null });
      await until(async () => {
        const sent = await rows('event=test&state=sent');
        return sent.some(({ id }) => id === body.id);
      }, PATIENCE_MS);
      if (channel === 'webhook') expect(hooks.of(`msg_${body.id}`)).toHaveLength(1);
      else expect(mails.mails.at(-1)).toMatchObject({ to: [stage.org.email], taken: true });
    }
  });

  test('needs something to go to', async () => {
    await configure({ notification_webhook: null });
    const refused = await stage.org.admin.post(`${org}/notifications/test`, { channel: 'webhook' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    const bare = await stage.addApi({ SMTP_URL: '' });
    const nowhere = await bare.as(stage.org.email).post(`${org}/notifications/test`, { channel: 'email' });
    expect(nowhere).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
  });
});

test.each([
  'https://127.0.0.1/hook',
  'https://2130706433/hook',
  'https://[::ffff:10.0.0.1]/hook',
  'https://169.254.169.254/latest/meta-data/',
  'https://93.184.215.14/hook',
  'https://localhost/hook',
  'https://db.internal/hook',
  'https://hooks.example.com:8443/hook',
  'https://user:secret@hooks.example.com/hook',
  'http://hooks.example.com/hook',
  'http://127.0.0.1:1/hook',
])('the settings refuse the webhook %s', async (notification_webhook) => {
  const answer = await stage.org.admin.put(org, { settings: { notification_webhook } });
  expect(answer).toMatchObject({
    status: 422,
    body: { code: 'VALIDATION_ERROR', field: 'settings.notification_webhook' },
  });
});
