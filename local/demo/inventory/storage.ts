// Buckets and the file system. The one with pictures for the website is public on purpose; the copy in Frankfurt was
// made in a hurry and lacks what its original has.
import type { Clock } from './clock.js';
import {
  ACCOUNT,
  arn,
  COMPANY,
  FRANKFURT,
  groupId,
  idOf,
  IRELAND,
  keyArn,
  subnetId,
  tagsOf,
  vpcId,
  zoneOf,
  type Environment,
} from './place.js';
import type { Fleet } from './shapes.js';

interface Bucket {
  name: string;
  region: string;
  environment: Environment;
  data_class: string;
  since: number;
  versioned: boolean;
  open?: true;
  refuses_plain: boolean;
  locked?: true;
  /** Days until an object is deleted. */
  keeps: number;
  copied_to?: string;
}

const production = { region: IRELAND, environment: 'production' } as const;

const buckets: readonly Bucket[] = [
  {
    ...production,
    name: 'documents',
    data_class: 'customer-confidential',
    since: 690,
    versioned: true,
    refuses_plain: true,
    keeps: 2_557,
    copied_to: 'documents-standby',
  },
  {
    ...production,
    name: 'exports',
    data_class: 'customer-confidential',
    since: 690,
    versioned: false,
    refuses_plain: true,
    keeps: 30,
  },
  {
    ...production,
    name: 'ledger-closings',
    data_class: 'customer-confidential',
    since: 520,
    versioned: true,
    refuses_plain: true,
    locked: true,
    keeps: 3_653,
  },
  {
    ...production,
    name: 'logs',
    data_class: 'internal',
    since: 700,
    versioned: true,
    refuses_plain: true,
    locked: true,
    keeps: 400,
  },
  {
    ...production,
    name: 'assets',
    data_class: 'public',
    since: 1_500,
    versioned: false,
    open: true,
    refuses_plain: false,
    keeps: 1_095,
  },
  {
    name: 'documents-standby',
    region: FRANKFURT,
    environment: 'standby',
    data_class: 'customer-confidential',
    since: 258,
    versioned: true,
    refuses_plain: false,
    keeps: 2_557,
  },
  {
    name: 'staging-uploads',
    region: IRELAND,
    environment: 'staging',
    data_class: 'internal',
    since: 480,
    versioned: false,
    refuses_plain: false,
    keeps: 14,
  },
];

const bucketName = (name: string): string => `${COMPANY}-${name}`;
const bucketArn = (name: string): string => `arn:aws:s3:::${bucketName(name)}`;

function policy(bucket: Bucket) {
  const everybody = { AWS: ['*'] };
  const statements = [
    ...(bucket.refuses_plain
      ? [
          {
            Sid: 'tls-only',
            Effect: 'Deny',
            Principal: everybody,
            Action: ['s3:*'],
            Resource: [bucketArn(bucket.name), `${bucketArn(bucket.name)}/*`],
            Condition: { Bool: { 'aws:securetransport': ['false'] } },
          },
        ]
      : []),
    ...(bucket.open
      ? [
          {
            Sid: 'website',
            Effect: 'Allow',
            Principal: everybody,
            Action: ['s3:getobject', 's3:listbucket'],
            Resource: [bucketArn(bucket.name), `${bucketArn(bucket.name)}/*`],
          },
        ]
      : []),
  ];
  return statements.length === 0 ? null : { Version: '2012-10-17', Statement: statements };
}

function s3Bucket(bucket: Bucket, { ago }: Clock) {
  const closed = bucket.open !== true;
  const { name, keeps, copied_to } = bucket;
  return {
    name: bucketName(name),
    arn: bucketArn(name),
    creation_date: ago(bucket.since),
    bucket_policy_is_public: !closed,
    versioning_enabled: bucket.versioned,
    block_public_acls: closed,
    block_public_policy: closed,
    ignore_public_acls: closed,
    restrict_public_buckets: closed,
    server_side_encryption_configuration: {
      Rules: [
        {
          ApplyServerSideEncryptionByDefault: closed
            ? { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn(bucket.region, 'data') }
            : { SSEAlgorithm: 'AES256' },
          BucketKeyEnabled: closed,
        },
      ],
    },
    lifecycle_rules: [{ ID: 'end-of-life', Status: 'Enabled', Expiration: { Days: keeps } }],
    logging: bucket.locked ? null : { TargetBucket: bucketName('logs'), TargetPrefix: `s3/${name}/` },
    object_lock_configuration: bucket.locked
      ? { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: keeps } } }
      : null,
    policy_std: policy(bucket),
    replication: copied_to
      ? { Rules: [{ ID: copied_to, Status: 'Enabled', Destination: { Bucket: bucketArn(copied_to) } }] }
      : null,
    tags: tagsOf(bucketName(name), bucket.environment, { data_class: bucket.data_class }),
    region: bucket.region,
  };
}

export const FILE_SYSTEM = { id: idOf('fs', 'shared-files'), name: 'shared-files' } as const;

export function storage(clock: Clock) {
  return {
    aws_s3_bucket: buckets.map((bucket) => s3Bucket(bucket, clock)),
    aws_efs_file_system: [
      {
        name: FILE_SYSTEM.name,
        file_system_id: FILE_SYSTEM.id,
        arn: arn('elasticfilesystem', IRELAND, `file-system/${FILE_SYSTEM.id}`),
        owner_id: ACCOUNT,
        automatic_backups: 'disabled',
        life_cycle_state: 'available',
        kms_key_id: keyArn(IRELAND, 'data'),
        throughput_mode: 'elastic',
        encrypted: true,
        number_of_mount_targets: 2,
        creation_time: clock.ago(610),
        size_in_bytes: { Value: 218_000_000_000 },
        tags: tagsOf(FILE_SYSTEM.name, 'production', {
          backup: 'daily',
          data_class: 'customer-confidential',
        }),
        region: IRELAND,
      },
    ],
    aws_efs_mount_target: (['a', 'b'] as const).map((letter) => {
      const zone = zoneOf(IRELAND, letter);
      return {
        mount_target_id: idOf('fsmt', `shared-files-${letter}`),
        file_system_id: FILE_SYSTEM.id,
        life_cycle_state: 'available',
        availability_zone_id: zone.zone_id,
        availability_zone_name: zone.name,
        subnet_id: subnetId(`prod/data-${letter}`),
        vpc_id: vpcId('prod'),
        security_groups: [groupId('prod/data')],
        title: idOf('fsmt', `shared-files-${letter}`),
        region: IRELAND,
      };
    }),
  } satisfies Partial<Fleet>;
}
