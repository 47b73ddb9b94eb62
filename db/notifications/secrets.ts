// The secret that an organization's webhooks are signed with. Sealed in its row, in clear only where it signs.
import { randomBytes } from 'node:crypto';
import type { WebhookSecret } from '../../domain/notifications/schema.js';
import type { Sealer } from '../crypto/seal.js';
import type { TenantDb } from '../tenancy.js';

interface SecretRow {
  secret: string;
  previous: string | null;
}

const SECRET_BYTES = 32; // the specification asks for 24 to 64

/** The present one first; the one before it while both are valid. Made when it is first needed. */
export async function webhookSecrets(trx: TenantDb, org_id: string, sealer: Sealer): Promise<string[]> {
  await trx('webhook_secret')
    .insert({ org_id, secret: sealer.seal(newSecret(), placeOf(org_id)) })
    .onConflict('org_id')
    .ignore();
  const row: SecretRow | undefined = await trx('webhook_secret')
    .select('secret', trx.raw('case when previous_until > clock_timestamp() then previous end as previous'))
    .first();
  if (!row) throw new Error('an upsert returned no row');
  return [row.secret, row.previous]
    .filter((kept) => kept !== null)
    .map((kept) => sealer.open(kept, placeOf(org_id)));
}

/** A new one; the old one goes on signing for so many hours. */
export async function rotateWebhookSecret(
  trx: TenantDb,
  org_id: string,
  sealer: Sealer,
  overlap_hours: number,
): Promise<WebhookSecret> {
  const secret = newSecret();
  const { rows } = await trx.raw<{ rows: { previous_until: string | null }[] }>(
    `insert into webhook_secret as s (org_id, secret) values (?, ?)
     on conflict (org_id) do update set secret = excluded.secret, created_at = clock_timestamp(),
       previous = case when ? > 0 then s.secret end,
       previous_until = case when ? > 0 then clock_timestamp() + ? * interval '1 hour' end
     returning previous_until`,
    [org_id, sealer.seal(secret, placeOf(org_id)), overlap_hours, overlap_hours, overlap_hours],
  );
  return { secret, previous_valid_until: rows[0]?.previous_until ?? null };
}

function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** A row that is moved to another organization cannot be opened there. */
function placeOf(org_id: string): string {
  return `webhook_secret:${org_id}`;
}
