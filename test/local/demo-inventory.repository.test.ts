// The demo's cloud inventory: every check of the catalogue has an answer there, and it agrees with what the demo's
// documents say, or contradicts them on purpose.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest';
import { createSteampipe, type CheckResult, type Steampipe } from '../../activities/steampipe/client.js';
import { soc2 } from '../../db/seeds/soc2/index.js';
import { parseCsv } from '../../local/demo/csv.js';
import { DEMO_INVENTORY, fillInventory } from '../../local/demo/inventory/fill.js';
import { fleetAt } from '../../local/demo/inventory/fleet.js';
import { withClient } from '../../local/postgres/databases.js';

const never = new AbortController().signal;
const name = `inventory_${randomBytes(6).toString('hex')}`;
const filled_at = new Date();
const checks = soc2.controls.flatMap((control) => control.checks ?? []);

let owner_url: string;
let reader: pg.Client;
let steampipe: Steampipe;

beforeAll(async () => {
  const admin_url = inject('postgres_admin_url');
  await withClient(admin_url, (client) => client.query(`create database ${name}`));
  const url = new URL(admin_url);
  url.pathname = `/${name}`;
  owner_url = url.toString();
  const { reader_url } = await fillInventory(owner_url, filled_at);
  reader = new pg.Client({ connectionString: reader_url });
  await reader.connect();
  steampipe = createSteampipe({ database_url: reader_url });
});

afterAll(async () => {
  await reader.end();
  await steampipe.close();
  await withClient(inject('postgres_admin_url'), (client) =>
    client.query(`drop database ${name} with (force)`),
  );
});

async function run(check_name: string): Promise<CheckResult> {
  const check = checks.find((each) => each.name === check_name);
  if (check === undefined) throw new Error(`the catalogue has no check ${check_name}`);
  return steampipe.runCheck(check, DEMO_INVENTORY, never);
}

async function column(sql: string): Promise<unknown[]> {
  const { rows } = await reader.query<unknown[]>({ text: sql, rowMode: 'array' });
  return rows.map(([value]) => value);
}

function document(file: string): string {
  return readFileSync(join(import.meta.dirname, '../../local/demo/evidence', file), 'utf8');
}

function rowsOf(file: string): Record<string, string>[] {
  const [header = [], ...body] = parseCsv(document(file));
  return body.map((row) => Object.fromEntries(header.map((title, at) => [title, row[at] ?? ''])));
}

describe('as the role that the product has', () => {
  it.each(checks.map((check) => check.name))('%s gives a verdict', async (check_name) => {
    const result = await run(check_name);
    expect(result.error).toBeNull();
    expect(['pass', 'fail']).toContain(result.status);
    expect(result.rows.every(({ resource, reason }) => resource !== '' && reason !== '')).toBe(true);
  });

  test('tables are found with and without their schema', async () => {
    expect(await column('select count(*)::int from aws_vpc')).toEqual([4]);
    expect(await column('select count(*)::int from aws.aws_vpc')).toEqual([4]);
    expect(await column('show statement_timeout')).toEqual(['1min']);
  });

  it.each([
    `insert into aws.aws_vpc (vpc_id) values ('vpc-x')`,
    `update aws.aws_vpc set vpc_id = 'vpc-x'`,
    'delete from aws.aws_vpc',
    'drop table aws.aws_vpc',
    'create table aws.mine (id text)',
    'create table public.mine (id text)',
    'create temporary table mine (id text)',
  ])('%s is refused, also after leaving read-only mode', async (sql) => {
    await expect(reader.query(sql)).rejects.toThrow(/read-only transaction|permission denied|must be owner/u);
    await reader.query('begin read write');
    await expect(reader.query(sql)).rejects.toThrow(/permission denied|must be owner/u);
    await reader.query('rollback');
  });
});

test('the checks find what is wrong, and only that', async () => {
  const found: Record<string, string[]> = {};
  for (const check_name of [
    'security-group-no-admin-ports-open',
    'iam-user-credentials-in-use',
    'backup-vault-locked',
    'guardduty-enabled',
    'rds-instance-backup-kept',
    'load-balancer-waf-attached',
    'iam-role-third-party-bounded',
    'sns-topic-encrypted',
  ]) {
    const { rows } = await run(check_name);
    const alarms = rows.filter(({ status }) => status === 'alarm');
    found[check_name] = alarms.map(({ reason }) => reason.split(' ')[0] ?? '');
  }
  expect(found).toEqual({
    'security-group-no-admin-ports-open': ['bastion'],
    'iam-user-credentials-in-use': ['anouk.lammers', 'joris.okkerse', 'pim.degraaf', 'rik.janssens'],
    'backup-vault-locked': ['copies'],
    'guardduty-enabled': ['GuardDuty'],
    'rds-instance-backup-kept': ['bankfeeds-prod', 'ledger-staging'],
    'load-balancer-waf-attached': ['web-standby'],
    'iam-role-third-party-bounded': ['pentest-2026-audit'],
    'sns-topic-encrypted': [],
  });
  const verdicts = await Promise.all(checks.map(async (check) => (await run(check.name)).status));
  expect(verdicts.filter((status) => status === 'pass').length).toBeGreaterThanOrEqual(15);
});

describe('with the documents', () => {
  test('each asset of the register is there; three hosts are in no register', async () => {
    const register = rowsOf('asset-register-2026-10.csv');
    const names = (kind: string) => register.filter((row) => row['kind'] === kind).map((row) => row['name']);
    const tables = {
      database: 'select db_instance_identifier from aws_rds_db_instance',
      table: 'select name from aws_dynamodb_table',
      service: 'select service_name from aws_ecs_service',
      function: 'select name from aws_lambda_function',
      host: 'select title from aws_ec2_instance',
      'file system': 'select name from aws_efs_file_system',
    };
    for (const [kind, sql] of Object.entries(tables)) {
      expect(names(kind).length, kind).toBeGreaterThan(0);
      expect(await column(sql), kind).toEqual(expect.arrayContaining(names(kind)));
    }
    const hosts = await column('select title from aws_ec2_instance order by title');
    expect(hosts.filter((host) => !names('host').includes(String(host)))).toEqual([
      'search-1',
      'search-2',
      'vpn-old',
    ]);
  });

  test('users and their second factors are those of the access review, leavers included', async () => {
    const review = rowsOf('access-review-2026-q3.csv').filter((row) => row['system'] === 'aws-prod');
    const reported = await column(
      `select concat(user_name, ' ', mfa_active) from aws_iam_credential_report where user_name <> '<root_account>'`,
    );
    const expected = review.map((row) => `${row['account']} ${row['mfa_enrolled'] === 'yes' ? 't' : 'f'}`);
    expect(new Set(reported)).toEqual(new Set(expected));
    expect(reported).toHaveLength(expected.length);
    expect(review.filter((row) => row['remark']?.startsWith('Left the company'))).toHaveLength(4);
    const reviewed = review.find((row) => row['account'] === 'svc-legacy-sftp');
    expect(reviewed?.['remark']).toContain('key is 214 days old');
    const days_since = (Date.parse('2026-11-24') - Date.parse(reviewed?.['reviewed_on'] ?? '')) / 86_400_000;
    const age = `select extract(day from $1::timestamptz - create_date)::int as age from aws_iam_access_key
      where user_name = 'svc-legacy-sftp' and status = 'Active'`;
    const { rows: ages } = await reader.query<{ age: number }>(age, [filled_at]);
    expect(ages).toEqual([{ age: 214 + days_since }]);
  });

  test('what is backed up is what the report counts', async () => {
    expect(document('backup-status-report-2026-09.md')).toContain(
      'Four RDS instances, eleven volumes, four tables and one file system carried the tag.',
    );
    const { rows } = await reader.query(
      `select resource_type as kind, count(*)::int as things from aws_backup_protected_resource group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { kind: 'DynamoDB', things: 4 },
      { kind: 'EBS', things: 11 },
      { kind: 'EFS', things: 1 },
      { kind: 'RDS', things: 4 },
    ]);
    const tagged = `select db_instance_identifier from aws_rds_db_instance where tags ->> 'backup' is null`;
    expect(await column(tagged)).toEqual(['bankfeeds-prod']);
  });

  test('the number of alarms is the one of the overview', async () => {
    const said = /(\d+) alarms in CloudWatch/u.exec(document('logging-and-monitoring.md'))?.[1];
    expect(await column('select count(*)::int from aws_cloudwatch_alarm')).toEqual([Number(said)]);
  });

  test.each([
    ['network-security-standard.md', 'GuardDuty is on in every region in use', 'guardduty-enabled'],
    ['network-security-standard.md', 'VPC flow logs are on for all VPCs', 'vpc-flow-logs-enabled'],
    ['network-security-standard.md', 'port 80 answers a redirect', 'load-balancer-listener-encrypted'],
    ['network-security-standard.md', 'attached to every public load balancer', 'load-balancer-waf-attached'],
    ['encryption-standard.md', 'Customer-managed keys rotate yearly', 'kms-key-rotation-enabled'],
    ['encryption-standard.md', 'were to be replaced by 30 June 2025', 'ebs-volume-encrypted'],
    ['restore-test-log.csv', 'whole database,eu-central-1,312,yes', 'backup-restore-tested'],
  ])('%s says "%s" and the cloud says otherwise', async (file, claim, check_name) => {
    expect(document(file)).toContain(claim);
    expect((await run(check_name)).status).toBe('fail');
  });
});

test('filling again replaces everything and keeps the dates of the first time', async () => {
  const dates = 'select create_date from aws_iam_access_key order by 1';
  const before = await column(dates);
  const later = new Date(filled_at.getTime() + 30 * 86_400_000);
  const again = await fillInventory(owner_url, later);
  expect(await column(dates)).toEqual(before);
  const { rows } = await reader.query<{ tables: number }>(
    `select count(*)::int as tables from information_schema.tables where table_schema = 'aws'`,
  );
  expect(rows).toEqual([{ tables: again.tables }]);
  expect(fleetAt(filled_at)).toEqual(fleetAt(filled_at));
});
