// The demo's key risk indicators: counted over its inventory, each with a past. Some are red, on purpose.
import { insertKri, type KriSettings, lockKri } from '../../db/kris/repository.js';
import { oweSchedule, requestCollection } from '../../db/kris/schedules.js';
import { recordValue } from '../../db/kris/values.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import { readCron } from '../../domain/kris/cron.js';
import { DEFAULT_HYSTERESIS } from '../../domain/kris/rules.js';
import type { TenantRef } from '../../domain/tenant.js';

interface DemoKri {
  name: string;
  description: string;
  unit: string;
  thresholds: readonly [green: number, amber: number];
  /** Null: its values are posted by hand. */
  query: string | null;
  schedule: string | null;
  /** Weekly values, the oldest first, as if they had been posted by hand; the present one is collected. */
  past: readonly number[];
}

const HOURLY = '0 * * * *';
const DAILY = '0 6 * * *';
const WEEK_MS = 7 * 86_400_000;

export const DEMO_KRIS: readonly DemoKri[] = [
  {
    name: 'People without a second factor',
    description: 'Accounts with a console password and no MFA device.',
    unit: 'accounts',
    thresholds: [0, 2],
    query: 'select count(*) from aws_iam_credential_report where password_enabled and not mfa_active',
    schedule: HOURLY,
    past: [7, 7, 6, 6, 5, 4, 4, 3],
  },
  {
    name: 'Access keys older than 90 days',
    description: 'Active keys that nobody has rotated for a quarter.',
    unit: 'keys',
    thresholds: [0, 3],
    query: `select count(*) from aws_iam_access_key where status = 'Active' and create_date < now() - interval '90 days'`,
    schedule: DAILY,
    past: [0, 0, 0, 1, 1, 1, 2, 2],
  },
  {
    name: 'Root keys of the account',
    description: 'The account itself must have no access key.',
    unit: 'keys',
    thresholds: [0, 0],
    query: 'select coalesce(max(account_access_keys_present), 0) from aws_iam_account_summary',
    schedule: HOURLY,
    past: [0, 0, 0, 0, 0, 0, 0, 0],
  },
  {
    name: 'Buckets without versioning',
    description: 'Objects in these cannot be brought back once overwritten.',
    unit: '%',
    thresholds: [10, 30],
    query: `select round(100.0 * count(*) filter (where not coalesce(versioning_enabled, false)) / nullif(count(*), 0), 1)
  from aws_s3_bucket`,
    schedule: DAILY,
    past: [64, 62, 57, 57, 50, 48, 46, 43],
  },
  {
    name: 'Buckets that anybody may read',
    description: 'Public by their policy.',
    unit: 'buckets',
    thresholds: [0, 1],
    query: 'select count(*) from aws_s3_bucket where bucket_policy_is_public',
    schedule: HOURLY,
    past: [0, 0, 0, 0, 0, 0, 1, 1],
  },
  {
    name: 'Databases that are not encrypted, or public',
    description: 'Either of them on any instance is a finding.',
    unit: 'databases',
    thresholds: [0, 1],
    query: 'select count(*) from aws_rds_db_instance where publicly_accessible or not storage_encrypted',
    schedule: HOURLY,
    past: [2, 2, 2, 1, 1, 0, 0, 0],
  },
  {
    name: 'Volumes without encryption',
    description: 'Disks of machines, in use or not.',
    unit: 'volumes',
    thresholds: [0, 2],
    query: 'select count(*) from aws_ebs_volume where not encrypted',
    schedule: DAILY,
    past: [6, 6, 5, 5, 4, 3, 3, 2],
  },
  {
    name: 'Days until the next certificate ends',
    description: 'Fewer is worse: somebody has to renew it.',
    unit: 'days',
    thresholds: [30, 14],
    query: `select floor(extract(epoch from min(not_after) - now()) / 86400) from aws_acm_certificate where status = 'ISSUED' and not_after > now()`,
    schedule: DAILY,
    past: [74, 67, 60, 53, 46, 39, 32, 25],
  },
  {
    name: 'Ports for administration open to the world',
    description: 'SSH and RDP from anywhere.',
    unit: 'rules',
    thresholds: [0, 0],
    query: `select count(*) from aws_vpc_security_group_rule
  where not is_egress and cidr_ipv4 = '0.0.0.0/0' and (22 between from_port and to_port or 3389 between from_port and to_port)`,
    schedule: HOURLY,
    past: [0, 0, 1, 1, 1, 0, 0, 1],
  },
  {
    name: 'Hours since the oldest backup',
    description: 'Of all resources that are to be backed up every day.',
    unit: 'hours',
    thresholds: [26, 50],
    query: `select round(coalesce(extract(epoch from now() - min(last_backup_time)) / 3600, 0)) from aws_backup_protected_resource`,
    schedule: HOURLY,
    past: [12, 14, 9, 30, 54, 16, 13, 11],
  },
  {
    name: 'Machines that lack patches',
    description: 'Not compliant by the patch manager.',
    unit: 'machines',
    thresholds: [0, 2],
    query: `select count(distinct resource_id) from aws_ssm_managed_instance_compliance
  where compliance_type = 'Patch' and status = 'NON_COMPLIANT'`,
    schedule: DAILY,
    past: [1, 1, 2, 3, 3, 4, 5, 6],
  },
  {
    name: 'People who clicked in the phishing drill',
    description: 'From the monthly drill; posted by the awareness team.',
    unit: '%',
    thresholds: [5, 12],
    query: null,
    schedule: null,
    past: [19, 17, 18, 14, 13, 11, 9, 8],
  },
];

/** Safe to repeat: an indicator that is there, by its name, stays as it is. @returns how many were added */
export async function addKris(db: Database, tenant: TenantRef, now = Date.now()): Promise<number> {
  const present = await withTenant(db, tenant, async (trx) => {
    const rows: { name: string }[] = await trx('kri').select('name');
    return new Set(rows.map(({ name }) => name));
  });
  const missing = DEMO_KRIS.filter(({ name }) => !present.has(name));
  for (const each of missing) await addKri(db, tenant, each, now);
  return missing.length;
}

async function addKri(db: Database, tenant: TenantRef, demo: DemoKri, now: number): Promise<void> {
  const settings = settingsOf(demo);
  await withTenant(db, tenant, async (trx) => {
    const id = await insertKri(trx, tenant, settings);
    for (const [week, value] of demo.past.entries()) {
      const kri = await lockKri(trx, id);
      const measured_at = new Date(now - (demo.past.length - week) * WEEK_MS).toISOString();
      await recordValue(trx, tenant, kri, { value, measured_at, email: false });
    }
    if (demo.query !== null) {
      await oweSchedule(trx, tenant, { ...settings, id });
      await requestCollection(trx, tenant, id);
    }
    await appendAudit(trx, tenant, {
      action: 'kri.create',
      resource_type: 'kri',
      resource_id: id,
      after: { name: demo.name, steampipe_query: demo.query },
    });
  });
}

function settingsOf({ name, description, unit, thresholds, query, schedule }: DemoKri): KriSettings {
  const cron = schedule === null ? null : readCron(schedule);
  if (cron?.ok === false) throw new Error(`${name}: ${cron.detail}`);
  return {
    name,
    description,
    unit,
    green_threshold: thresholds[0],
    amber_threshold: thresholds[1],
    collection_method: query === null ? 'manual' : 'steampipe',
    steampipe_query: query,
    schedule,
    interval_s: cron?.interval_s ?? null,
    paused: false,
    hysteresis: DEFAULT_HYSTERESIS,
    owner_id: null,
    warnings: [],
  };
}
