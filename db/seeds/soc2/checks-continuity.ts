import type { CatalogueCheck } from '../../../domain/frameworks/catalogue.js';

export const continuityChecks = {
  'A1.1': [
    {
      name: 'ecs-service-at-desired-count',
      title: 'Services run as many tasks as they should',
      table: 'aws_ecs_service',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when status <> 'ACTIVE' or desired_count = 0 then 'skip'
    when running_count >= desired_count then 'ok'
    else 'alarm'
  end as status,
  concat(service_name, ' runs ', running_count, ' of ', desired_count, ' tasks.') as reason,
  region,
  account_id
from aws_ecs_service
order by resource`,
    },
  ],
  'A1.2': [
    {
      name: 'backup-plan-exists',
      title: 'There is a backup plan',
      table: 'aws_backup_plan',
      severity: 'high',
      sql: `select a.arn as resource,
  case when p.plans > 0 then 'ok' else 'alarm' end as status,
  concat('The account has ', coalesce(p.plans, 0), ' backup plans.') as reason,
  a.region,
  a.account_id
from aws_account a
left join (
  select account_id, count(*) as plans from aws_backup_plan where deletion_date is null group by account_id
) p on p.account_id = a.account_id
order by resource`,
    },
    {
      name: 'rds-instance-backup-kept',
      title: 'Databases keep backups for 7 days',
      table: 'aws_rds_db_instance',
      severity: 'high',
      sql: `select arn as resource,
  case
    when read_replica_source_db_instance_identifier is not null then 'skip'
    when backup_retention_period >= 7 then 'ok'
    else 'alarm'
  end as status,
  case
    when read_replica_source_db_instance_identifier is not null
      then concat(db_instance_identifier, ' is a replica of ', read_replica_source_db_instance_identifier, '.')
    else concat(db_instance_identifier, ' keeps backups for ', coalesce(backup_retention_period, 0),
      ' days (7 expected).')
  end as reason,
  region,
  account_id
from aws_rds_db_instance
order by resource`,
    },
    {
      name: 'rds-instance-multi-az',
      title: 'Databases survive the loss of a zone',
      table: 'aws_rds_db_instance',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when db_cluster_identifier is not null or read_replica_source_db_instance_identifier is not null then 'skip'
    when multi_az then 'ok'
    else 'alarm'
  end as status,
  case
    when db_cluster_identifier is not null
      then concat(db_instance_identifier, ' belongs to cluster ', db_cluster_identifier, '.')
    when read_replica_source_db_instance_identifier is not null
      then concat(db_instance_identifier, ' is a replica of ', read_replica_source_db_instance_identifier, '.')
    when multi_az then concat(db_instance_identifier, ' has a standby in another zone.')
    else concat(db_instance_identifier, ' lies in one zone only.')
  end as reason,
  region,
  account_id
from aws_rds_db_instance
order by resource`,
    },
    {
      name: 'dynamodb-table-recoverable',
      title: 'Tables can be restored to any moment',
      table: 'aws_dynamodb_table',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when point_in_time_recovery_description ->> 'PointInTimeRecoveryStatus' = 'ENABLED' then 'ok'
    else 'alarm'
  end as status,
  case
    when point_in_time_recovery_description ->> 'PointInTimeRecoveryStatus' = 'ENABLED'
      then concat(name, ' can be restored to a point in time.')
    else concat(name, ' cannot be restored to a point in time.')
  end as reason,
  region,
  account_id
from aws_dynamodb_table
order by resource`,
    },
    {
      name: 's3-bucket-versioned',
      title: 'Buckets keep earlier versions',
      table: 'aws_s3_bucket',
      severity: 'medium',
      sql: `select arn as resource,
  case when versioning_enabled then 'ok' else 'alarm' end as status,
  case
    when versioning_enabled then concat(name, ' keeps earlier versions.')
    else concat(name, ' loses what is overwritten or deleted.')
  end as reason,
  region,
  account_id
from aws_s3_bucket
order by resource`,
    },
  ],
  'A1.3': [
    {
      name: 'backup-restore-tested',
      title: 'Each kind of backup was restored within a year',
      table: 'aws_backup_protected_resource',
      severity: 'medium',
      sql: `select concat(account_id, '/', region, '/', resource_type) as resource,
  case
    when max(latest_restore_job_creation_date) >= now() - interval '365 days' then 'ok'
    else 'alarm'
  end as status,
  concat(resource_type, ': last restore ',
    coalesce(to_char(max(latest_restore_job_creation_date) at time zone 'UTC', 'YYYY-MM-DD'), 'never'), '.'
  ) as reason,
  region,
  account_id
from aws_backup_protected_resource
group by account_id, region, resource_type
order by resource`,
    },
  ],
  'C1.1': [
    {
      name: 'sns-topic-encrypted',
      title: 'Notifications are encrypted at rest',
      table: 'aws_sns_topic',
      severity: 'medium',
      sql: `select topic_arn as resource,
  case when coalesce(kms_master_key_id, '') <> '' then 'ok' else 'alarm' end as status,
  case
    when coalesce(kms_master_key_id, '') <> '' then concat(title, ' is encrypted with a key.')
    else concat(title, ' is not encrypted at rest.')
  end as reason,
  region,
  account_id
from aws_sns_topic
order by resource`,
    },
    {
      name: 'sqs-queue-encrypted',
      title: 'Queues are encrypted at rest',
      table: 'aws_sqs_queue',
      severity: 'medium',
      sql: `select queue_arn as resource,
  case when coalesce(kms_master_key_id, '') <> '' or sqs_managed_sse_enabled then 'ok' else 'alarm' end as status,
  case
    when coalesce(kms_master_key_id, '') <> '' or sqs_managed_sse_enabled
      then concat(title, ' is encrypted at rest.')
    else concat(title, ' is not encrypted at rest.')
  end as reason,
  region,
  account_id
from aws_sqs_queue
order by resource`,
    },
  ],
  'C1.2': [
    {
      name: 's3-bucket-lifecycle',
      title: 'Buckets have a rule for the end of data',
      table: 'aws_s3_bucket',
      severity: 'low',
      sql: `select b.arn as resource,
  case when f.rules > 0 then 'ok' else 'alarm' end as status,
  concat(b.name, ' has ', f.rules, ' active lifecycle rules that delete data.') as reason,
  b.region,
  b.account_id
from aws_s3_bucket b
cross join lateral (
  select count(*) as rules
  from jsonb_path_query(b.lifecycle_rules, '$[*]') as r(rule)
  where r.rule ->> 'Status' = 'Enabled'
    and (r.rule ->> 'Expiration' is not null or r.rule ->> 'NoncurrentVersionExpiration' is not null)
) f
order by resource`,
    },
  ],
  'PI1.3': [
    {
      name: 'sqs-queue-dead-letter',
      title: 'Messages that fail are kept for follow-up',
      table: 'aws_sqs_queue',
      severity: 'medium',
      sql: `select q.queue_arn as resource,
  case
    when d.arn is not null then 'skip'
    when q.redrive_policy ->> 'deadLetterTargetArn' is not null then 'ok'
    else 'alarm'
  end as status,
  case
    when d.arn is not null then concat(q.title, ' is itself a dead-letter queue.')
    when q.redrive_policy ->> 'deadLetterTargetArn' is not null
      then concat(q.title, ' keeps failing messages in a dead-letter queue.')
    else concat(q.title, ' loses messages that keep failing.')
  end as reason,
  q.region,
  q.account_id
from aws_sqs_queue q
left join (select distinct redrive_policy ->> 'deadLetterTargetArn' as arn from aws_sqs_queue) d
  on d.arn = q.queue_arn
order by resource`,
    },
  ],
} satisfies Record<string, readonly CatalogueCheck[]>;
