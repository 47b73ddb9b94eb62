import type { CatalogueCheck } from '../../../domain/frameworks/catalogue.js';

/** Services that must be on everywhere are asked per region of the account: a region without rows is the finding. */
export const detectionChecks = {
  'CC4.1': [
    {
      name: 'security-hub-enabled',
      title: 'Controls are evaluated continuously in every region',
      table: 'aws_securityhub_hub',
      severity: 'medium',
      sql: `select concat('arn:', r.partition, '::', r.name, ':', r.account_id) as resource,
  case
    when r.opt_in_status = 'not-opted-in' then 'skip'
    when h.account_id is not null then 'ok'
    else 'alarm'
  end as status,
  case
    when r.opt_in_status = 'not-opted-in' then concat(r.name, ' is disabled.')
    when h.account_id is not null then concat('Security Hub evaluates ', r.name, '.')
    else concat('Security Hub is off in ', r.name, '.')
  end as reason,
  r.name as region,
  r.account_id
from aws_region r
left join (select distinct account_id, region from aws_securityhub_hub) h
  on h.account_id = r.account_id and h.region = r.name
order by resource`,
    },
  ],
  'CC7.1': [
    {
      name: 'config-recorder-on',
      title: 'Configuration changes are recorded in every region',
      table: 'aws_config_configuration_recorder',
      severity: 'high',
      sql: `select concat('arn:', r.partition, '::', r.name, ':', r.account_id) as resource,
  case
    when r.opt_in_status = 'not-opted-in' then 'skip'
    when c.account_id is not null then 'ok'
    else 'alarm'
  end as status,
  case
    when r.opt_in_status = 'not-opted-in' then concat(r.name, ' is disabled.')
    when c.account_id is not null then concat('AWS Config records ', r.name, '.')
    else concat('AWS Config does not record ', r.name, '.')
  end as reason,
  r.name as region,
  r.account_id
from aws_region r
left join (
  select distinct account_id, region from aws_config_configuration_recorder where status_recording
) c on c.account_id = r.account_id and c.region = r.name
order by resource`,
    },
    {
      name: 'ssm-instance-patched',
      title: 'Managed instances have all their patches',
      table: 'aws_ssm_managed_instance_compliance',
      severity: 'high',
      sql: `select i.arn as resource,
  case
    when count(c.id) = 0 then 'alarm'
    when count(c.id) filter (where c.status <> 'COMPLIANT') = 0 then 'ok'
    else 'alarm'
  end as status,
  case
    when count(c.id) = 0 then concat(i.instance_id, ' has never reported its patches.')
    when count(c.id) filter (where c.status <> 'COMPLIANT') = 0 then concat(i.instance_id, ' has all patches.')
    else concat(i.instance_id, ' has ', count(c.id) filter (where c.status <> 'COMPLIANT'),
      ' patch items that do not comply.')
  end as reason,
  i.region,
  i.account_id
from aws_ssm_managed_instance i
left join aws_ssm_managed_instance_compliance c
  on c.resource_id = i.instance_id and c.compliance_type = 'Patch'
group by i.arn, i.instance_id, i.region, i.account_id
order by resource`,
    },
    {
      // Runtimes whose support AWS has ended by November 2026; there is no table to ask.
      name: 'lambda-runtime-supported',
      title: 'Functions run on supported runtimes',
      table: 'aws_lambda_function',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when runtime is null or package_type = 'Image' then 'skip'
    when runtime in ('nodejs', 'nodejs4.3', 'nodejs6.10', 'nodejs8.10', 'nodejs10.x', 'nodejs12.x', 'nodejs14.x',
      'nodejs16.x', 'nodejs18.x', 'nodejs20.x', 'python2.7', 'python3.6', 'python3.7', 'python3.8', 'python3.9',
      'python3.10', 'ruby2.5', 'ruby2.7', 'ruby3.2', 'java8', 'go1.x', 'provided', 'provided.al2',
      'dotnetcore1.0', 'dotnetcore2.0', 'dotnetcore2.1', 'dotnetcore3.1', 'dotnet6', 'dotnet8') then 'alarm'
    else 'ok'
  end as status,
  case
    when runtime is null or package_type = 'Image' then concat(name, ' brings its own runtime in an image.')
    else concat(name, ' runs on ', runtime, '.')
  end as reason,
  region,
  account_id
from aws_lambda_function
order by resource`,
    },
  ],
  'CC7.2': [
    {
      name: 'cloudtrail-all-regions',
      title: 'A trail records all regions',
      table: 'aws_cloudtrail_trail',
      severity: 'critical',
      sql: `select a.arn as resource,
  case when t.account_id is not null then 'ok' else 'alarm' end as status,
  case
    when t.account_id is not null then concat('All regions are recorded by ', t.names, '.')
    else 'No running trail records all regions.'
  end as reason,
  a.region,
  a.account_id
from aws_account a
left join (
  select account_id, string_agg(distinct name, ', ') as names
  from aws_cloudtrail_trail
  where is_multi_region_trail and is_logging
  group by account_id
) t on t.account_id = a.account_id
order by resource`,
    },
    {
      name: 'cloudtrail-log-validation',
      title: 'Trails prove that their logs were not changed',
      table: 'aws_cloudtrail_trail',
      severity: 'medium',
      sql: `select arn as resource,
  case when log_file_validation_enabled then 'ok' else 'alarm' end as status,
  case
    when log_file_validation_enabled then concat(name, ' signs its log files.')
    else concat(name, ' does not sign its log files.')
  end as reason,
  region,
  account_id
from aws_cloudtrail_trail
where region = home_region
order by resource, account_id`,
    },
    {
      name: 'guardduty-enabled',
      title: 'Threat detection is on in every region',
      table: 'aws_guardduty_detector',
      severity: 'high',
      sql: `select concat('arn:', r.partition, '::', r.name, ':', r.account_id) as resource,
  case
    when r.opt_in_status = 'not-opted-in' then 'skip'
    when d.account_id is not null then 'ok'
    else 'alarm'
  end as status,
  case
    when r.opt_in_status = 'not-opted-in' then concat(r.name, ' is disabled.')
    when d.account_id is not null then concat('GuardDuty watches ', r.name, '.')
    else concat('GuardDuty is off in ', r.name, '.')
  end as reason,
  r.name as region,
  r.account_id
from aws_region r
left join (select distinct account_id, region from aws_guardduty_detector where status = 'ENABLED') d
  on d.account_id = r.account_id and d.region = r.name
order by resource`,
    },
    {
      name: 'vpc-flow-logs-enabled',
      title: 'Network traffic is logged',
      table: 'aws_vpc_flow_log',
      severity: 'medium',
      sql: `select v.arn as resource,
  case when f.resource_id is not null then 'ok' else 'alarm' end as status,
  case
    when f.resource_id is not null then concat(v.vpc_id, ' has an active flow log.')
    else concat(v.vpc_id, ' has no active flow log.')
  end as reason,
  v.region,
  v.account_id
from aws_vpc v
left join (select distinct resource_id from aws_vpc_flow_log where flow_log_status = 'ACTIVE') f
  on f.resource_id = v.vpc_id
order by resource`,
    },
    {
      name: 'log-group-kept-one-year',
      title: 'Logs are kept for a year',
      table: 'aws_cloudwatch_log_group',
      severity: 'medium',
      sql: `select arn as resource,
  case when coalesce(retention_in_days, 0) = 0 or retention_in_days >= 365 then 'ok' else 'alarm' end as status,
  case
    when coalesce(retention_in_days, 0) = 0 then concat(name, ' keeps its logs without limit.')
    else concat(name, ' keeps its logs for ', retention_in_days, ' days (365 expected).')
  end as reason,
  region,
  account_id
from aws_cloudwatch_log_group
order by resource`,
    },
  ],
  'CC7.3': [
    {
      name: 'cloudwatch-alarm-has-action',
      title: 'Alarms reach somebody',
      table: 'aws_cloudwatch_alarm',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when actions_enabled and coalesce(alarm_actions, '[]') not in ('[]', 'null') then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(alarm_actions, '[]') in ('[]', 'null') then concat(name, ' tells nobody.')
    when actions_enabled then concat(name, ' has an action.')
    else concat(name, ' has an action that is switched off.')
  end as reason,
  region,
  account_id
from aws_cloudwatch_alarm
order by resource`,
    },
  ],
  'CC7.4': [
    {
      name: 'sns-topic-has-subscriber',
      title: 'Notification topics have a confirmed subscriber',
      table: 'aws_sns_topic',
      severity: 'medium',
      sql: `select topic_arn as resource,
  case when subscriptions_confirmed > 0 then 'ok' else 'alarm' end as status,
  concat(title, ' has ', coalesce(subscriptions_confirmed, 0), ' confirmed and ',
    coalesce(subscriptions_pending, 0), ' pending subscriptions.') as reason,
  region,
  account_id
from aws_sns_topic
order by resource`,
    },
  ],
  'CC7.5': [
    {
      name: 'backup-vault-locked',
      title: 'Backups cannot be deleted before their time',
      table: 'aws_backup_vault',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when coalesce(number_of_recovery_points, 0) = 0 then 'skip'
    when locked then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(number_of_recovery_points, 0) = 0 then concat(name, ' is empty.')
    when locked then concat(name, ' is locked.')
    else concat(name, ' is not locked: an administrator could delete its backups.')
  end as reason,
  region,
  account_id
from aws_backup_vault
order by resource`,
    },
  ],
} satisfies Record<string, readonly CatalogueCheck[]>;
