// Encryption keys and secrets. In Frankfurt, where no Config rule looks, two keys do not rotate; an old key waits for
// its deletion.
import type { Clock } from './clock.js';
import { ACCOUNT, arn, FRANKFURT, IRELAND, keyArn, tagsOf } from './place.js';
import type { Fleet } from './shapes.js';

interface Key {
  alias: string;
  region: string;
  note: string;
  rotates: boolean;
  /** Days until it is destroyed. */
  ends_in?: number;
  since: number;
}

const keys: readonly Key[] = [
  { alias: 'rds', region: IRELAND, note: 'databases', rotates: true, since: 700 },
  { alias: 'data', region: IRELAND, note: 'buckets, tables, queues', rotates: true, since: 700 },
  { alias: 'ebs', region: IRELAND, note: 'disks', rotates: true, since: 700 },
  { alias: 'backup', region: IRELAND, note: 'recovery points', rotates: true, since: 700 },
  { alias: 'rds', region: FRANKFURT, note: 'databases of the standby', rotates: true, since: 259 },
  { alias: 'data', region: FRANKFURT, note: 'buckets of the standby', rotates: false, since: 259 },
  { alias: 'backup', region: FRANKFURT, note: 'copies of recovery points', rotates: false, since: 259 },
  { alias: 'vpn-old', region: IRELAND, note: 'old VPN', rotates: false, ends_in: 11, since: 2_100 },
];

interface Secret {
  name: string;
  /** Days since its value changed. */
  changed: number;
  rotates: boolean;
  owner?: string;
  since: number;
}

const secrets: readonly Secret[] = [
  { name: 'ledger-db', changed: 34, rotates: true, since: 690 },
  { name: 'reporting-db', changed: 61, rotates: true, since: 560 },
  { name: 'session-signing', changed: 12, rotates: true, since: 690 },
  { name: 'bankfeeds-db', changed: 138, rotates: false, since: 138 },
  { name: 'bank-tokens', changed: 77, rotates: true, since: 530 },
  // Paylink exchanges certificates once a year, by hand.
  { name: 'paylink-mtls', changed: 283, rotates: false, since: 650 },
  { name: 'rds!db-ledger-staging', changed: 3, rotates: true, owner: 'rds', since: 480 },
];

function keyRow(key: Key, { ago }: Clock) {
  const key_arn = keyArn(key.region, key.alias);
  const ends = key.ends_in !== undefined;
  return {
    id: key_arn.split('/')[1] ?? null,
    arn: key_arn,
    key_manager: 'CUSTOMER',
    customer_master_key_spec: 'SYMMETRIC_DEFAULT',
    description: key.note,
    key_state: ends ? 'PendingDeletion' : 'Enabled',
    key_usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    title: `alias/${key.alias}`,
    enabled: !ends,
    key_rotation_enabled: key.rotates,
    multi_region: false,
    creation_date: ago(key.since),
    deletion_date: key.ends_in === undefined ? null : ago(-key.ends_in),
    aliases: [{ AliasName: `alias/${key.alias}`, AliasArn: arn('kms', key.region, `alias/${key.alias}`) }],
    tags: tagsOf(key.alias, key.region === IRELAND ? 'production' : 'standby'),
    region: key.region,
  };
}

function secretRow(secret: Secret, { ago }: Clock) {
  const name = secret.owner === undefined ? `prod/${secret.name}` : secret.name;
  return {
    name,
    arn: arn('secretsmanager', IRELAND, `secret:${name}`),
    kms_key_id: keyArn(IRELAND, 'data'),
    owning_service: secret.owner ?? null,
    primary_region: IRELAND,
    rotation_lambda_arn:
      secret.rotates && secret.owner === undefined
        ? arn('lambda', IRELAND, 'function:secret-rotation')
        : null,
    rotation_enabled: secret.rotates,
    rotation_rules: secret.rotates ? { AutomaticallyAfterDays: 90 } : null,
    created_date: ago(secret.since),
    last_accessed_date: ago(0.5),
    last_changed_date: ago(secret.changed),
    last_rotated_date: secret.rotates ? ago(secret.changed) : null,
    replication_status:
      secret.owner === undefined ? [{ Region: FRANKFURT, Status: 'InSync', KmsKeyId: 'alias/data' }] : null,
    tags: tagsOf(name, secret.owner === undefined ? 'production' : 'staging'),
    region: IRELAND,
  };
}

export function keysAndSecrets(clock: Clock) {
  return {
    aws_kms_key: [
      ...keys.map((key) => keyRow(key, clock)),
      {
        id: 'aws-managed-sns',
        arn: arn('kms', IRELAND, 'key/aws-managed-sns'),
        key_manager: 'AWS',
        customer_master_key_spec: 'SYMMETRIC_DEFAULT',
        description: `Default key that protects messages of ${ACCOUNT}`,
        key_state: 'Enabled',
        key_usage: 'ENCRYPT_DECRYPT',
        origin: 'AWS_KMS',
        title: 'alias/aws/sns',
        enabled: true,
        key_rotation_enabled: true,
        creation_date: clock.ago(700),
        region: IRELAND,
      },
    ],
    aws_secretsmanager_secret: secrets.map((secret) => secretRow(secret, clock)),
  } satisfies Partial<Fleet>;
}
