import { loadModule, parse } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { soc2 } from '../../db/seeds/soc2/index.js';

const refs = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}.${index + 1}`);

const CRITERIA_PER_GROUP: readonly (readonly [string, number])[] = [
  ['CC1', 5],
  ['CC2', 3],
  ['CC3', 4],
  ['CC4', 2],
  ['CC5', 3],
  ['CC6', 8],
  ['CC7', 5],
  ['CC8', 1],
  ['CC9', 2],
  ['A1', 3],
  ['C1', 2],
  ['PI1', 5],
  ['P1', 1],
  ['P2', 1],
  ['P3', 2],
  ['P4', 3],
  ['P5', 2],
  ['P6', 7],
  ['P7', 1],
  ['P8', 1],
];
const ENGAGEMENT = ['SD-1', 'MA-1', 'CU-1'];
const EXPECTED_REFS = [...CRITERIA_PER_GROUP.flatMap(([group, count]) => refs(group, count)), ...ENGAGEMENT];

/** What the demo inventory has; a check on another table could not be shown. */
const TABLES = new Set(
  `aws_account aws_iam_user aws_iam_account_password_policy aws_iam_account_summary aws_iam_credential_report
  aws_iam_access_key aws_iam_role aws_iam_policy aws_s3_bucket aws_ec2_instance aws_ebs_volume aws_ebs_snapshot
  aws_vpc aws_vpc_subnet aws_vpc_security_group aws_vpc_security_group_rule aws_vpc_flow_log
  aws_rds_db_instance aws_rds_db_snapshot aws_dynamodb_table aws_lambda_function aws_cloudtrail_trail
  aws_cloudwatch_alarm aws_cloudwatch_log_group aws_config_configuration_recorder aws_guardduty_detector
  aws_securityhub_hub aws_kms_key aws_acm_certificate aws_ec2_application_load_balancer
  aws_ec2_load_balancer_listener aws_backup_plan aws_backup_vault aws_backup_protected_resource
  aws_secretsmanager_secret aws_sns_topic aws_sqs_queue aws_ecs_cluster aws_ecs_service aws_ecr_repository
  aws_wafv2_web_acl aws_ssm_managed_instance aws_ssm_managed_instance_compliance aws_efs_file_system
  aws_elasticache_replication_group aws_region`.split(/\s+/),
);
/** Functions that only compute: a check must pass the guard that every query meets. */
const FUNCTIONS = new Set([
  'concat',
  'count',
  'jsonb_path_query',
  'lower',
  'max',
  'now',
  'pg_catalog.substring',
  'pg_catalog.timezone',
  'string_agg',
  'to_char',
  'unnest',
]);

const checks = soc2.controls.flatMap((control) => control.checks);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every node of one kind, at any depth. */
function nodes(tree: unknown, kind: string): Record<string, unknown>[] {
  if (Array.isArray(tree)) return tree.flatMap((item) => nodes(item, kind));
  if (!isRecord(tree)) return [];
  return Object.entries(tree).flatMap(([key, value]) => [
    ...(key === kind && isRecord(value) ? [value] : []),
    ...nodes(value, kind),
  ]);
}

const strings = (tree: unknown): unknown[] => nodes(tree, 'String').map((node) => node['sval']);

async function selectOf(sql: string): Promise<Record<string, unknown>> {
  const tree: unknown = await parse(sql);
  const statements = isRecord(tree) && Array.isArray(tree['stmts']) ? tree['stmts'] : [];
  expect(statements).toHaveLength(1);
  const statement: unknown = statements[0];
  const select =
    isRecord(statement) && isRecord(statement['stmt']) ? statement['stmt']['SelectStmt'] : undefined;
  if (!isRecord(select)) throw new Error('not a SELECT');
  return select;
}

describe('the SOC 2 catalogue', () => {
  it('has 64 rows: 61 criteria and three parts of the engagement', () => {
    expect(soc2).toMatchObject({ key: 'SOC2_TYPE2', name: 'SOC 2 Type II', version: '2017' });
    expect(soc2.controls).toHaveLength(64);
    expect(soc2.controls.filter(({ kind }) => kind === 'criterion')).toHaveLength(61);
    expect(soc2.controls.filter(({ kind }) => kind === 'engagement').map(({ ref }) => ref)).toEqual(
      ENGAGEMENT,
    );
  });

  it('lists exactly the known refs, in order, without gaps or duplicates', () => {
    expect(soc2.controls.map(({ ref }) => ref)).toEqual(EXPECTED_REFS);
  });

  it('has the known number of rows in each group, and no other groups', () => {
    const expected = [...CRITERIA_PER_GROUP, ['ENG', ENGAGEMENT.length] as const];
    const counts = soc2.groups.map(({ key }) => [
      key,
      soc2.controls.filter((control) => control.group === key).length,
    ]);
    expect(counts).toEqual(expected);
    for (const { ref, group, kind } of soc2.controls)
      expect([ref, group]).toEqual([ref, kind === 'engagement' ? 'ENG' : ref.split('.')[0]]);
  });

  it.each(soc2.controls.map((control) => [control.ref, control] as const))(
    'says enough about %s',
    (_, control) => {
      expect(control.title.length).toBeGreaterThanOrEqual(8);
      expect(control.title.length).toBeLessThanOrEqual(70);
      expect(control.description.split(/[.] /).length).toBeGreaterThanOrEqual(2);
      expect(control.description.length).toBeGreaterThanOrEqual(100);
      expect(control.description.length).toBeLessThanOrEqual(450);
      expect(control.description).toMatch(/[.]$/);
      expect(control.question).toMatch(/^[A-Z].{50,220}[?.]$/);
      expect(control.guidance).toMatch(/^[A-Z].{120,400}[.]$/);
    },
  );

  it('repeats no text in two rows', () => {
    for (const field of ['title', 'description', 'question', 'guidance'] as const)
      expect(new Set(soc2.controls.map((control) => control[field])).size).toBe(64);
  });
});

describe('the automated checks of the SOC 2 catalogue', () => {
  beforeAll(async () => {
    await loadModule();
  });

  it('are 56, with unique kebab-case names', () => {
    expect(checks).toHaveLength(56);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(56);
    for (const { name, title } of checks) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      expect(title).toMatch(/^[A-Z].{10,70}$/);
    }
  });

  it.each(checks.map((check) => [check.name, check] as const))(
    '%s is one SELECT on known tables with the agreed columns in a fixed order',
    async (_, check) => {
      const select = await selectOf(check.sql);

      const relations = nodes(select, 'RangeVar');
      const tables = relations.map((relation) => relation['relname']);
      for (const table of tables) expect(TABLES).toContain(table);
      expect(tables).toContain(check.table);
      expect(relations.filter((relation) => 'schemaname' in relation)).toEqual([]);

      for (const call of nodes(select, 'FuncCall'))
        expect(FUNCTIONS).toContain(strings(call['funcname']).join('.'));
      for (const node of ['A_Star', 'LockingClause', 'IntoClause', 'ParamRef'])
        expect(nodes(select, node)).toEqual([]);

      const targets = Array.isArray(select['targetList']) ? select['targetList'] : [];
      const columns = targets.map((target) => {
        const found = nodes(target, 'ResTarget')[0];
        return found?.['name'] ?? strings(found?.['val']).at(-1);
      });
      expect(columns).toEqual(['resource', 'status', 'reason', 'region', 'account_id']);
      const sorted = strings(select['sortClause']);
      expect(sorted[0]).toBe('resource');
      // Knex would take it for a placeholder.
      expect(check.sql).not.toContain('?');
    },
  );

  it.each(checks.map((check) => [check.name, check] as const))(
    '%s answers only ok, alarm, skip or info',
    async (_, check) => {
      const select = await selectOf(check.sql);
      const targets = Array.isArray(select['targetList']) ? select['targetList'] : [];
      const status = nodes(targets[1], 'ResTarget')[0];
      const cases = nodes(status, 'CaseExpr');
      const answers = cases.flatMap((node) => [
        ...nodes(node['args'], 'CaseWhen').map((when) => when['result']),
        node['defresult'],
      ]);
      const words = answers.flatMap((answer) => nodes(answer, 'sval').map((value) => value['sval']));
      expect(words).toHaveLength(answers.length);
      for (const word of words) expect(['ok', 'alarm', 'skip', 'info']).toContain(word);
      expect(words).toContain('alarm');
      expect(words).toContain('ok');
    },
  );
});
