import type { CatalogueCheck } from '../../../domain/frameworks/catalogue.js';

/** The part of CC6.1 that protects data, keys and machine credentials where they lie. */
export const assetChecks = {
  'CC6.1': [
    {
      name: 'kms-key-rotation-enabled',
      title: 'Own encryption keys rotate every year',
      table: 'aws_kms_key',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when key_state <> 'Enabled' then 'skip'
    when origin <> 'AWS_KMS' or customer_master_key_spec <> 'SYMMETRIC_DEFAULT' then 'skip'
    when key_rotation_enabled then 'ok'
    else 'alarm'
  end as status,
  case
    when key_state <> 'Enabled' then concat(title, ' is not in use: ', key_state, '.')
    when origin <> 'AWS_KMS' or customer_master_key_spec <> 'SYMMETRIC_DEFAULT'
      then concat(title, ' is of a kind that cannot rotate by itself.')
    when key_rotation_enabled then concat(title, ' rotates by itself.')
    else concat(title, ' does not rotate.')
  end as reason,
  region,
  account_id
from aws_kms_key
where key_manager = 'CUSTOMER'
order by resource`,
    },
    {
      name: 'ebs-volume-encrypted',
      title: 'Disks are encrypted',
      table: 'aws_ebs_volume',
      severity: 'high',
      sql: `select arn as resource,
  case when encrypted then 'ok' else 'alarm' end as status,
  case
    when encrypted then concat(volume_id, ' is encrypted.')
    else concat(volume_id, ' is not encrypted.')
  end as reason,
  region,
  account_id
from aws_ebs_volume
order by resource`,
    },
    {
      name: 'rds-instance-encrypted',
      title: 'Databases are encrypted at rest',
      table: 'aws_rds_db_instance',
      severity: 'high',
      sql: `select arn as resource,
  case when storage_encrypted then 'ok' else 'alarm' end as status,
  case
    when storage_encrypted then concat(db_instance_identifier, ' is encrypted at rest.')
    else concat(db_instance_identifier, ' is not encrypted at rest.')
  end as reason,
  region,
  account_id
from aws_rds_db_instance
order by resource`,
    },
    {
      name: 'efs-file-system-encrypted',
      title: 'File systems are encrypted at rest',
      table: 'aws_efs_file_system',
      severity: 'high',
      sql: `select arn as resource,
  case when encrypted then 'ok' else 'alarm' end as status,
  case
    when encrypted then concat(file_system_id, ' is encrypted at rest.')
    else concat(file_system_id, ' is not encrypted at rest.')
  end as reason,
  region,
  account_id
from aws_efs_file_system
order by resource`,
    },
    {
      name: 'ec2-instance-imdsv2-required',
      title: 'Instance credentials need a session token',
      table: 'aws_ec2_instance',
      severity: 'high',
      sql: `select arn as resource,
  case
    when instance_state in ('shutting-down', 'terminated') then 'skip'
    when metadata_options ->> 'HttpTokens' = 'required' then 'ok'
    when metadata_options ->> 'HttpEndpoint' = 'disabled' then 'ok'
    else 'alarm'
  end as status,
  case
    when instance_state in ('shutting-down', 'terminated') then concat(instance_id, ' is terminated.')
    when metadata_options ->> 'HttpTokens' = 'required'
      then concat(instance_id, ' answers only with a session token (version 2).')
    when metadata_options ->> 'HttpEndpoint' = 'disabled'
      then concat(instance_id, ' has no metadata service.')
    else concat(instance_id, ' still answers without a session token (version 1).')
  end as reason,
  region,
  account_id
from aws_ec2_instance
order by resource`,
    },
    {
      name: 'secret-rotation-enabled',
      title: 'Secrets rotate',
      table: 'aws_secretsmanager_secret',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when deleted_date is not null or owning_service is not null then 'skip'
    when rotation_enabled then 'ok'
    else 'alarm'
  end as status,
  case
    when deleted_date is not null then concat(name, ' is marked for deletion.')
    when owning_service is not null then concat(name, ' is managed by ', owning_service, '.')
    when rotation_enabled then concat(name, ' rotates by itself.')
    else concat(name, ' does not rotate by itself.')
  end as reason,
  region,
  account_id
from aws_secretsmanager_secret
order by resource`,
    },
  ],
} satisfies Record<string, readonly CatalogueCheck[]>;
