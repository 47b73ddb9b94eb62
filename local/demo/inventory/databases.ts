// Databases, tables and the cache. bankfeeds-prod came back from a snapshot on 9 July without its second zone, its
// backups and its tag; two of the tables are not in the asset register.
import type { Clock } from './clock.js';
import {
  arn,
  FRANKFURT,
  groupId,
  IRELAND,
  keyArn,
  subnetId,
  tagsOf,
  uuidOf,
  vpcId,
  type Environment,
} from './place.js';
import type { Fleet } from './shapes.js';

interface Instance {
  name: string;
  class: string;
  region: string;
  environment: Environment;
  network: string;
  zone: 'a' | 'b';
  second_zone: 'a' | 'b' | null;
  replica_of?: string;
  storage_gb: number;
  grows_to_gb: number | null;
  backup_days: number;
  protected: boolean;
  service: string;
  backup?: 'daily';
  since: number;
}

const production = { region: IRELAND, environment: 'production', network: 'prod' } as const;

const instances: readonly Instance[] = [
  {
    ...production,
    name: 'ledger-prod',
    class: 'db.r6g.2xlarge',
    zone: 'a',
    second_zone: 'b',
    storage_gb: 2_000,
    grows_to_gb: 4_000,
    backup_days: 35,
    protected: true,
    service: 'ledger',
    backup: 'daily',
    since: 690,
  },
  {
    name: 'ledger-replica',
    region: FRANKFURT,
    environment: 'standby',
    network: 'standby',
    class: 'db.r6g.xlarge',
    zone: 'a',
    second_zone: null,
    replica_of: 'ledger-prod',
    storage_gb: 2_000,
    grows_to_gb: 4_000,
    backup_days: 1,
    protected: true,
    service: 'ledger',
    backup: 'daily',
    since: 257,
  },
  {
    ...production,
    name: 'bankfeeds-prod',
    class: 'db.m6g.large',
    zone: 'b',
    second_zone: null,
    storage_gb: 500,
    grows_to_gb: null,
    backup_days: 0,
    protected: false,
    service: 'bank-feeds',
    since: 138,
  },
  {
    ...production,
    name: 'reporting-prod',
    class: 'db.m6g.xlarge',
    zone: 'b',
    second_zone: 'a',
    storage_gb: 800,
    grows_to_gb: 1_600,
    backup_days: 7,
    protected: true,
    service: 'reporting',
    backup: 'daily',
    since: 560,
  },
  {
    name: 'ledger-staging',
    region: IRELAND,
    environment: 'staging',
    network: 'staging',
    class: 'db.t4g.large',
    zone: 'a',
    second_zone: null,
    storage_gb: 200,
    grows_to_gb: null,
    backup_days: 1,
    protected: false,
    service: 'ledger',
    backup: 'daily',
    since: 480,
  },
];

const dbArn = (region: string, name: string): string => arn('rds', region, `db:${name}`);

export const DATABASES: readonly { name: string; arn: string; region: string; backed_up: boolean }[] =
  instances.map(({ name, region, backup }) => ({
    name,
    arn: dbArn(region, name),
    region,
    backed_up: backup === 'daily',
  }));

interface Table {
  name: string;
  items: number;
  recoverable: boolean;
}

const tables: readonly Table[] = [
  { name: 'sessions', items: 48_210, recoverable: true },
  { name: 'idempotency-keys', items: 3_904_115, recoverable: true },
  { name: 'feature-flags', items: 212, recoverable: true },
  { name: 'export-jobs', items: 96_480, recoverable: false },
];

export const DYNAMO_TABLES: readonly string[] = tables.map(({ name }) => name);

function instance(db: Instance, { ago }: Clock) {
  const data_class = db.environment === 'staging' ? 'internal' : 'customer-confidential';
  const replicas = instances.filter(({ replica_of }) => replica_of === db.name);
  const recoverable = db.backup_days > 0 && db.replica_of === undefined;
  return {
    db_instance_identifier: db.name,
    arn: dbArn(db.region, db.name),
    status: 'available',
    class: db.class,
    resource_id: `db-${uuidOf(db.name).replaceAll('-', '').slice(0, 26).toUpperCase()}`,
    availability_zone: `${db.region}${db.zone}`,
    secondary_availability_zone: db.second_zone && `${db.region}${db.second_zone}`,
    multi_az: db.second_zone !== null,
    read_replica_source_db_instance_identifier: db.replica_of ? dbArn(IRELAND, db.replica_of) : null,
    read_replica_db_instance_identifiers: replicas.map(({ name, region }) => dbArn(region, name)),
    db_subnet_group_name: `${db.network}-data`,
    engine: 'postgres',
    engine_version: '15.14',
    endpoint_address: `${db.name}.${uuidOf(db.region).slice(0, 8)}.${db.region}.rds.amazonaws.com`,
    endpoint_port: 5432,
    kms_key_id: keyArn(db.region, 'rds'),
    vpc_id: vpcId(db.network),
    auto_minor_version_upgrade: true,
    copy_tags_to_snapshot: db.name !== 'bankfeeds-prod',
    deletion_protection: db.protected,
    publicly_accessible: false,
    storage_encrypted: true,
    iam_database_authentication_enabled: db.environment !== 'staging',
    allocated_storage: db.storage_gb,
    max_allocated_storage: db.grows_to_gb,
    backup_retention_period: db.backup_days,
    create_time: ago(db.since),
    latest_restorable_time: recoverable ? ago(0.003) : null,
    enabled_cloudwatch_logs_exports: db.environment === 'staging' ? [] : ['postgresql'],
    vpc_security_groups: [
      {
        VpcSecurityGroupId: groupId(
          db.environment === 'staging' ? 'staging/staging-app' : `${db.network}/data`,
        ),
        Status: 'active',
      },
    ],
    title: db.name,
    tags: tagsOf(db.name, db.environment, {
      service: db.service,
      data_class,
      ...(db.backup && { backup: db.backup }),
    }),
    region: db.region,
  };
}

function snapshot(name: string, source: string, region: string, type: string, taken: string) {
  const of = instances.find((db) => db.name === source);
  return {
    db_snapshot_identifier: name,
    arn: arn('rds', region, `snapshot:${name}`),
    type,
    status: 'available',
    availability_zone: `${region}${of?.zone ?? 'a'}`,
    db_instance_identifier: source,
    engine: 'postgres',
    kms_key_id: keyArn(region, 'rds'),
    encrypted: true,
    allocated_storage: of?.storage_gb ?? null,
    create_time: taken,
    db_snapshot_attributes: [{ AttributeName: 'restore', AttributeValues: [] }],
    title: name,
    region,
  };
}

function subnetGroup(network: string, region: string, subnets: readonly string[]) {
  return {
    name: `${network}-data`,
    arn: arn('rds', region, `subgrp:${network}-data`),
    description: `databases of ${network}`,
    status: 'Complete',
    vpc_id: vpcId(network),
    subnets: subnets.map((subnet) => ({
      SubnetIdentifier: subnetId(`${network}/${subnet}`),
      SubnetAvailabilityZone: { Name: `${region}${subnet.slice(-1)}` },
      SubnetStatus: 'Active',
    })),
    region,
  };
}

export function databases(clock: Clock) {
  const { ago, on } = clock;
  return {
    aws_rds_db_instance: instances.map((db) => instance(db, clock)),
    aws_rds_db_snapshot: [
      snapshot('rds:ledger-prod-nightly', 'ledger-prod', IRELAND, 'automated', ago(0.8)),
      snapshot('rds:reporting-prod-nightly', 'reporting-prod', IRELAND, 'automated', ago(0.8)),
      snapshot('rds:ledger-staging-nightly', 'ledger-staging', IRELAND, 'automated', ago(0.8)),
      snapshot('bankfeeds-before-0709', 'bankfeeds-prod', IRELAND, 'manual', on('2026-07-09')),
      snapshot('ledger-replica-failover-test', 'ledger-replica', FRANKFURT, 'manual', on('2026-09-27')),
    ],
    aws_rds_db_subnet_group: [
      subnetGroup('prod', IRELAND, ['data-a', 'data-b']),
      subnetGroup('standby', FRANKFURT, ['data-a', 'data-b']),
      subnetGroup('staging', IRELAND, ['app-a', 'app-b']),
    ],
    aws_dynamodb_table: tables.map(({ name, items, recoverable }) => ({
      name,
      arn: arn('dynamodb', IRELAND, `table/${name}`),
      table_status: 'ACTIVE',
      billing_mode: 'PAY_PER_REQUEST',
      deletion_protection_enabled: recoverable,
      item_count: items,
      table_size_bytes: items * 310,
      creation_date_time: ago(640),
      point_in_time_recovery_description: {
        PointInTimeRecoveryStatus: recoverable ? 'ENABLED' : 'DISABLED',
        ...(recoverable && { LatestRestorableDateTime: ago(0.003) }),
      },
      sse_description: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: keyArn(IRELAND, 'data') },
      replicas: [],
      tags: tagsOf(name, 'production', { backup: 'daily', service: 'api' }),
      region: IRELAND,
    })),
    aws_elasticache_replication_group: [
      {
        replication_group_id: 'ledger-cache',
        arn: arn('elasticache', IRELAND, 'replicationgroup:ledger-cache'),
        description: 'cache of web and api',
        kms_key_id: keyArn(IRELAND, 'data'),
        automatic_failover: 'enabled',
        cache_node_type: 'cache.m6g.large',
        multi_az: 'enabled',
        status: 'available',
        at_rest_encryption_enabled: true,
        transit_encryption_enabled: true,
        cluster_enabled: false,
        snapshot_retention_limit: 7,
        member_clusters: ['ledger-cache-001', 'ledger-cache-002'],
        node_groups: [
          {
            NodeGroupId: '0001',
            Status: 'available',
            NodeGroupMembers: ['a', 'b'].map((zone, index) => ({
              CacheClusterId: `ledger-cache-00${index + 1}`,
              PreferredAvailabilityZone: `${IRELAND}${zone}`,
              CurrentRole: index === 0 ? 'primary' : 'replica',
            })),
          },
        ],
        title: 'ledger-cache',
        region: IRELAND,
      },
    ],
  } satisfies Partial<Fleet>;
}
