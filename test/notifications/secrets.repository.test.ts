// The secret of an organization's webhooks: sealed in its row, two of them valid while it is being changed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSealer } from '../../db/crypto/seal.js';
import { rotateWebhookSecret, webhookSecrets } from '../../db/notifications/secrets.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg } from '../support/factories/orgs.js';

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const sealer = createSealer(`old:${key(1)}`);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function organization() {
  const { tenant } = await buildOrg(database.db);
  const { org_id } = tenant;
  return {
    org_id,
    secrets: (by = sealer) => withTenant(database.db, tenant, (trx) => webhookSecrets(trx, org_id, by)),
    rotate: (hours: number) =>
      withTenant(database.db, tenant, (trx) => rotateWebhookSecret(trx, org_id, sealer, hours)),
    stored: () => withTenant(database.db, tenant, (trx) => trx('webhook_secret').first()),
  };
}

test('is made once, however many need it at the same time, and stays the same', async () => {
  const { secrets } = await organization();
  const made = await Promise.all([secrets(), secrets(), secrets()]);
  expect(new Set(made.flat()).size).toBe(1);
  expect(made[0]?.[0]).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});

test('gives way to a new one, beside which it signs for as long as was said', async () => {
  const { secrets, rotate } = await organization();
  const [first] = await secrets();
  const second = await rotate(24);
  expect(await secrets()).toEqual([second.secret, first]);
  const until = Date.parse(second.previous_valid_until ?? '') - Date.now();
  expect(until).toBeGreaterThan(23 * 3_600_000);
  expect(until).toBeLessThanOrEqual(24 * 3_600_000 + 60_000);
  const third = await rotate(0);
  expect(third.previous_valid_until).toBeNull();
  expect(await secrets()).toEqual([third.secret]);
});

test('cannot be read from the row, nor opened in the row of another organization', async () => {
  const [ours, theirs] = [await organization(), await organization()];
  const [secret = ''] = await ours.secrets();
  await theirs.secrets();
  const row = await ours.stored();
  expect(JSON.stringify(row)).not.toContain(secret.slice('whsec_'.length));
  await withTenant(database.db, theirs, (trx) => trx('webhook_secret').update({ secret: row.secret }));
  await expect(theirs.secrets()).rejects.toThrow();
});

test('survives a change of the root key, and needs the one it was sealed by', async () => {
  const { secrets } = await organization();
  const before = await secrets();
  expect(await secrets(createSealer(`new:${key(2)},old:${key(1)}`))).toEqual(before);
  await expect(secrets(createSealer(`new:${key(2)}`))).rejects.toThrow('unknown key');
});
