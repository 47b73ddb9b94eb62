// Backups: one plan in both regions, which finds what it protects by a tag. The vault of the copies is not locked, and
// what was ever restored is told here, not in the log of restore tests.
import type { Clock } from './clock.js';
import { DATABASES, DYNAMO_TABLES } from './databases.js';
import { BACKED_UP_VOLUMES } from './hosts.js';
import { arn, FRANKFURT, IRELAND, keyArn, tagsOf, uuidOf } from './place.js';
import type { Fleet } from './shapes.js';
import { FILE_SYSTEM } from './storage.js';

interface Protected {
  name: string;
  arn: string;
  type: 'RDS' | 'EBS' | 'DynamoDB' | 'EFS';
  region: string;
  /** The day of the last restore job and its minutes. */
  restored?: readonly [string, number];
  /** Copied to Frankfurt every night. */
  copied?: true;
}

const COPIED = ['ledger-prod', 'reporting-prod', 'sessions', 'idempotency-keys', FILE_SYSTEM.name];

const RESTORED: Record<string, readonly [string, number]> = {
  'reporting-prod': ['2026-03-20', 171],
  sessions: ['2025-09-16', 14],
  [FILE_SYSTEM.name]: ['2025-12-09', 42],
};

function item(name: string, resource_arn: string, type: Protected['type'], region: string): Protected {
  const restored = RESTORED[name];
  return {
    name,
    arn: resource_arn,
    type,
    region,
    ...(restored && { restored }),
    ...(COPIED.includes(name) && { copied: true }),
  };
}

const items: readonly Protected[] = [
  ...DATABASES.filter(({ backed_up }) => backed_up).map((db) => item(db.name, db.arn, 'RDS', db.region)),
  ...BACKED_UP_VOLUMES.map(({ id, name }) => item(name, arn('ec2', IRELAND, `volume/${id}`), 'EBS', IRELAND)),
  ...DYNAMO_TABLES.map((name) => item(name, arn('dynamodb', IRELAND, `table/${name}`), 'DynamoDB', IRELAND)),
  item(FILE_SYSTEM.name, arn('elasticfilesystem', IRELAND, `file-system/${FILE_SYSTEM.id}`), 'EFS', IRELAND),
];

const vaultName = (region: string): string => (region === IRELAND ? 'primary' : 'copies');
const vaultArn = (region: string): string => arn('backup', region, `backup-vault:${vaultName(region)}`);
const pointArn = (name: string, region: string): string =>
  arn('backup', region, `recovery-point:${uuidOf(`${region}/${name}`)}`);

function point(resource: Protected, vault_region: string, { ago, on }: Clock) {
  const copy = vault_region !== resource.region;
  return {
    recovery_point_arn: pointArn(resource.name, vault_region),
    resource_arn: resource.arn,
    resource_name: resource.name,
    resource_type: resource.type,
    status: 'COMPLETED',
    backup_vault_arn: vaultArn(vault_region),
    backup_vault_name: vaultName(vault_region),
    encryption_key_arn: keyArn(vault_region, 'backup'),
    source_backup_vault_arn: copy ? vaultArn(resource.region) : null,
    is_encrypted: true,
    backup_size_in_bytes: 21_000_000_000,
    creation_date: ago(copy ? 0.8 : 0.9),
    completion_date: ago(copy ? 0.75 : 0.85),
    last_restore_time: resource.restored && !copy ? on(resource.restored[0]) : null,
    lifecycle: { DeleteAfterDays: 35 },
    akas: [pointArn(resource.name, vault_region)],
    region: vault_region,
  };
}

function vault(region: string, since: number, points: number, { ago }: Clock) {
  const locked = region === IRELAND;
  return {
    name: vaultName(region),
    arn: vaultArn(region),
    encryption_key_arn: keyArn(region, 'backup'),
    locked,
    min_retention_days: locked ? 35 : null,
    number_of_recovery_points: points,
    creation_date: ago(since),
    tags: tagsOf(vaultName(region), locked ? 'production' : 'standby'),
    region,
  };
}

export function backups(clock: Clock) {
  const { ago, on } = clock;
  const nights = 35;
  const copies = items.filter(({ copied }) => copied);
  const stored = (region: string): number =>
    nights * items.filter((resource) => resource.region === region).length;
  return {
    aws_backup_plan: [IRELAND, FRANKFURT].map((region) => ({
      name: 'daily-35',
      arn: arn('backup', region, `backup-plan:${uuidOf(`plan/${region}`)}`),
      backup_plan_id: uuidOf(`plan/${region}`),
      version_id: uuidOf(`version/${region}`),
      creation_date: region === IRELAND ? ago(600) : on('2026-03-16'),
      last_execution_date: ago(0.9),
      backup_plan: {
        BackupPlanName: 'daily-35',
        Rules: [
          {
            RuleName: 'daily',
            ScheduleExpression: 'cron(0 2 * * ? *)',
            TargetBackupVaultName: vaultName(region),
            Lifecycle: { DeleteAfterDays: nights },
            CopyActions: region === IRELAND ? [{ DestinationBackupVaultArn: vaultArn(FRANKFURT) }] : [],
          },
        ],
      },
      region,
    })),
    aws_backup_vault: [
      vault(IRELAND, 600, stored(IRELAND), clock),
      vault(FRANKFURT, 253, stored(FRANKFURT) + nights * copies.length, clock),
      {
        name: 'Default',
        arn: arn('backup', IRELAND, 'backup-vault:Default'),
        encryption_key_arn: keyArn(IRELAND, 'backup'),
        locked: false,
        number_of_recovery_points: 0,
        creation_date: ago(600),
        region: IRELAND,
      },
    ],
    aws_backup_protected_resource: items.map((resource) => ({
      resource_name: resource.name,
      resource_arn: resource.arn,
      resource_type: resource.type,
      last_backup_vault_arn: vaultArn(resource.region),
      last_recovery_point_arn: pointArn(resource.name, resource.region),
      last_backup_time: ago(0.85),
      latest_restore_job_creation_date: resource.restored ? on(resource.restored[0]) : null,
      latest_restore_execution_time_minutes: resource.restored?.[1] ?? null,
      akas: [resource.arn],
      region: resource.region,
    })),
    aws_backup_recovery_point: [
      ...items.map((resource) => point(resource, resource.region, clock)),
      ...copies.map((resource) => point(resource, FRANKFURT, clock)),
    ],
  } satisfies Partial<Fleet>;
}
