// The account, its roles and policies. The testers of June still have a way in that asks for no external id, and a
// policy of the migration in 2024 still allows everything.
import type { Clock } from './clock.js';
import { FUNCTIONS } from './functions.js';
import { MFA_COUNT, USER_COUNT } from './people.js';
import { ACCOUNT, COMPANY, iamArn, iamId, IRELAND } from './place.js';
import type { Fleet } from './shapes.js';

interface Role {
  name: string;
  note: string;
  trusts: Record<string, readonly string[]>;
  condition?: Record<string, Record<string, readonly string[]>>;
  policies: readonly string[];
  /** Days since it was last used; undefined: never. */
  used?: number;
  since: number;
}

const service = (name: string) => ({ Service: [`${name}.amazonaws.com`] });

const roles: readonly Role[] = [
  { name: 'ecs-execution', note: 'starts containers', trusts: service('ecs-tasks') },
  ...['web', 'api', 'ledger-worker', 'bank-feeds', 'reporting'].map((name) => ({
    name: `task-${name}`,
    note: `service ${name}`,
    trusts: service('ecs-tasks'),
  })),
  ...FUNCTIONS.map((name) => ({
    name: `lambda-${name}`,
    note: `function ${name}`,
    trusts: service('lambda'),
  })),
  { name: 'managed-host', note: 'hosts under Systems Manager', trusts: service('ec2') },
  { name: 'backup', note: 'AWS Backup', trusts: service('backup') },
  { name: 'config-recorder', note: 'AWS Config', trusts: service('config') },
].map((role) => ({ ...role, policies: [role.name], used: 0.1, since: 690 }));

const outside: readonly Role[] = [
  {
    name: 'pipeline-deploy',
    note: 'deployments from the repository',
    trusts: { Federated: [iamArn('oidc-provider/token.actions.githubusercontent.com')] },
    condition: {
      StringLike: {
        'token.actions.githubusercontent.com:sub': ['repo:northwind-ledger/*:ref:refs/heads/main'],
      },
    },
    policies: ['deploy'],
    used: 0.1,
    since: 400,
  },
  {
    name: 'siem-reader',
    note: 'log analysis service',
    trusts: { AWS: ['arn:aws:iam::444455556666:root'] },
    condition: { StringEquals: { 'sts:externalid': ['nw-7f31c2'] } },
    policies: ['siem-reader'],
    used: 0.1,
    since: 610,
  },
  {
    name: 'pentest-2026-audit',
    note: 'Harrow Point, June 2026, read only',
    trusts: { AWS: ['arn:aws:iam::777788889999:root'] },
    policies: ['arn:aws:iam::aws:policy/SecurityAudit'],
    used: 151,
    since: 171,
  },
  {
    name: 'data-migration-2024',
    note: 'move from the Haarlem cage',
    trusts: service('ec2'),
    policies: ['migration-2024'],
    since: 870,
  },
];

interface Policy {
  name: string;
  note: string;
  actions: readonly string[];
  resources: readonly string[];
  attached: number;
  managed?: true;
}

const policies: readonly Policy[] = [
  {
    name: 'AdministratorAccess',
    note: 'Provides full access to AWS services and resources.',
    actions: ['*'],
    resources: ['*'],
    attached: 1,
    managed: true,
  },
  {
    name: 'ReadOnlyAccess',
    note: 'Provides read-only access to AWS services and resources.',
    actions: ['s3:get*', 's3:list*', 'rds:describe*', 'ec2:describe*'],
    resources: ['*'],
    attached: 1,
    managed: true,
  },
  {
    name: 'deploy',
    note: 'svc-deploy and the pipeline',
    actions: ['ecs:updateservice', 'ecs:registertaskdefinition', 'ecr:putimage', 'iam:passrole'],
    resources: ['*'],
    attached: 2,
  },
  {
    name: 'backup',
    note: 'svc-backup',
    actions: ['backup:listrecoverypointsbybackupvault', 'backup:describebackupjob'],
    resources: ['*'],
    attached: 1,
  },
  {
    name: 'metabase',
    note: 'svc-metabase',
    actions: ['s3:getobject', 'athena:startqueryexecution'],
    resources: [`arn:aws:s3:::${COMPANY}-exports/*`],
    attached: 1,
  },
  {
    name: 'legacy-sftp',
    note: 'svc-legacy-sftp',
    actions: ['s3:putobject', 's3:getobject'],
    resources: [`arn:aws:s3:::${COMPANY}-documents/*`],
    attached: 1,
  },
  {
    name: 'migration-2024',
    note: 'to be removed after the migration',
    actions: ['*'],
    resources: ['*'],
    attached: 1,
  },
  { name: 'emergency', note: 'attached in an emergency only', actions: ['*'], resources: ['*'], attached: 0 },
];

function policyArn({ name, managed }: Policy): string {
  return managed ? `arn:aws:iam::aws:policy/${name}` : iamArn(`policy/${name}`);
}

function roleRow(role: Role, { ago }: Clock) {
  const action = 'Federated' in role.trusts ? 'sts:assumerolewithwebidentity' : 'sts:assumerole';
  return {
    name: role.name,
    arn: iamArn(`role/${role.name}`),
    role_id: iamId('AROA', role.name),
    description: role.note,
    path: '/',
    max_session_duration: 3_600,
    create_date: ago(role.since),
    role_last_used_date: role.used === undefined ? null : ago(role.used),
    role_last_used_region: role.used === undefined ? null : IRELAND,
    instance_profile_arns: role.name === 'managed-host' ? [iamArn('instance-profile/managed-host')] : [],
    attached_policy_arns: role.policies.map((name) =>
      name.startsWith('arn:') ? name : iamArn(`policy/${name}`),
    ),
    assume_role_policy_std: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: role.trusts,
          Action: [action],
          ...(role.condition && { Condition: role.condition }),
        },
      ],
    },
    region: 'global',
  };
}

export function rights(clock: Clock) {
  const { ago } = clock;
  const all = [...roles, ...outside];
  return {
    aws_account: [
      {
        arn: `arn:aws:::${ACCOUNT}`,
        title: COMPANY,
        account_aliases: [COMPANY],
        akas: [`arn:aws:::${ACCOUNT}`],
        region: 'global',
      },
    ],
    aws_iam_account_summary: [
      {
        account_access_keys_present: 0,
        account_mfa_enabled: true,
        account_password_present: true,
        mfa_devices: MFA_COUNT + 1,
        mfa_devices_in_use: MFA_COUNT + 1,
        groups: 3,
        policies: policies.filter(({ managed }) => !managed).length,
        roles: all.length,
        users: USER_COUNT,
        users_quota: 5_000,
        region: 'global',
      },
    ],
    aws_iam_account_password_policy: [
      {
        allow_users_to_change_password: true,
        expire_passwords: false,
        require_numbers: true,
        require_symbols: false,
        require_uppercase_characters: true,
        require_lowercase_characters: true,
        minimum_password_length: 14,
        password_reuse_prevention: 24,
        region: 'global',
      },
    ],
    aws_iam_role: all.map((role) => roleRow(role, clock)),
    aws_iam_policy: policies.map((policy) => ({
      name: policy.name,
      policy_id: iamId('ANPA', policy.name),
      path: '/',
      description: policy.note,
      arn: policyArn(policy),
      default_version_id: 'v1',
      is_aws_managed: policy.managed === true,
      is_attachable: true,
      is_attached: policy.attached > 0,
      attachment_count: policy.attached,
      create_date: ago(870),
      update_date: ago(400),
      policy_std: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: policy.actions, Resource: policy.resources }],
      },
      region: 'global',
    })),
  } satisfies Partial<Fleet>;
}
