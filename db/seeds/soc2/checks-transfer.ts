import type { CatalogueCheck } from '../../../domain/frameworks/catalogue.js';

export const transferChecks = {
  'CC6.5': [
    {
      name: 'ebs-volume-attached',
      title: 'No disks are left over from retired machines',
      table: 'aws_ebs_volume',
      severity: 'low',
      sql: `select arn as resource,
  case when state = 'available' then 'alarm' else 'ok' end as status,
  case
    when state = 'available' then concat(volume_id, ' is attached to no machine and still holds its data.')
    else concat(volume_id, ' is ', state, '.')
  end as reason,
  region,
  account_id
from aws_ebs_volume
order by resource`,
    },
  ],
  'CC6.7': [
    {
      name: 'load-balancer-listener-encrypted',
      title: 'Load balancers speak HTTPS',
      table: 'aws_ec2_load_balancer_listener',
      severity: 'high',
      sql: `select l.arn as resource,
  case
    when l.protocol in ('HTTPS', 'TLS') then 'ok'
    when l.protocol <> 'HTTP' then 'skip'
    when f.redirects > 0 then 'ok'
    else 'alarm'
  end as status,
  case
    when l.protocol in ('HTTPS', 'TLS') then concat('Port ', l.port, ' is encrypted.')
    when l.protocol <> 'HTTP' then concat('Port ', l.port, ' passes ', l.protocol, ' through.')
    when f.redirects > 0 then concat('Port ', l.port, ' only redirects to HTTPS.')
    else concat('Port ', l.port, ' serves unencrypted HTTP.')
  end as reason,
  l.region,
  l.account_id
from aws_ec2_load_balancer_listener l
cross join lateral (
  select count(*) as redirects
  from jsonb_path_query(l.default_actions, '$[*]') as a(action)
  where a.action ->> 'Type' = 'redirect' and a.action -> 'RedirectConfig' ->> 'Protocol' = 'HTTPS'
) f
order by resource`,
    },
    {
      name: 's3-bucket-tls-required',
      title: 'Buckets refuse unencrypted requests',
      table: 'aws_s3_bucket',
      severity: 'medium',
      sql: `select b.arn as resource,
  case when f.statements > 0 then 'ok' else 'alarm' end as status,
  case
    when f.statements > 0 then concat(b.name, ' refuses requests without TLS.')
    else concat(b.name, ' has no rule that refuses requests without TLS.')
  end as reason,
  b.region,
  b.account_id
from aws_s3_bucket b
cross join lateral (
  select count(*) as statements
  from jsonb_path_query(b.policy_std, '$.Statement[*]') as s(statement)
  where s.statement ->> 'Effect' = 'Deny'
    and lower(s.statement ->> 'Condition') like '%aws:securetransport%false%'
) f
order by resource`,
    },
    {
      name: 'acm-certificate-valid',
      title: 'Certificates in use are valid for 30 more days',
      table: 'aws_acm_certificate',
      severity: 'high',
      sql: `select certificate_arn as resource,
  case
    when coalesce(in_use_by, '[]') in ('[]', 'null') then 'skip'
    when status = 'ISSUED' and not_after >= now() + interval '30 days' then 'ok'
    else 'alarm'
  end as status,
  concat('Certificate of ', domain_name, ' (', lower(status), ') ends ',
    coalesce(to_char(not_after at time zone 'UTC', 'YYYY-MM-DD'), 'on an unknown date'),
    case when coalesce(in_use_by, '[]') in ('[]', 'null') then ', not in use.' else '.' end) as reason,
  region,
  account_id
from aws_acm_certificate
order by resource`,
    },
    {
      name: 'ebs-snapshot-not-public',
      title: 'Disk snapshots are not shared with everybody',
      table: 'aws_ebs_snapshot',
      severity: 'critical',
      sql: `select arn as resource,
  case when create_volume_permissions @> '[{"Group": "all"}]' then 'alarm' else 'ok' end as status,
  case
    when create_volume_permissions @> '[{"Group": "all"}]'
      then concat(snapshot_id, ' can be copied from any AWS account.')
    else concat(snapshot_id, ' is not public.')
  end as reason,
  region,
  account_id
from aws_ebs_snapshot
order by resource`,
    },
    {
      name: 'rds-snapshot-not-public',
      title: 'Database snapshots are not shared with everybody',
      table: 'aws_rds_db_snapshot',
      severity: 'critical',
      sql: `select r.arn as resource,
  case when f.shares > 0 then 'alarm' else 'ok' end as status,
  case
    when f.shares > 0 then concat(r.db_snapshot_identifier, ' can be restored from any AWS account.')
    else concat(r.db_snapshot_identifier, ' is not public.')
  end as reason,
  r.region,
  r.account_id
from aws_rds_db_snapshot r
cross join lateral (
  select count(*) as shares
  from jsonb_path_query(r.db_snapshot_attributes, '$[*]') as a(attribute)
  where a.attribute ->> 'AttributeName' = 'restore' and a.attribute -> 'AttributeValues' @> '"all"'
) f
order by resource`,
    },
  ],
} satisfies Record<string, readonly CatalogueCheck[]>;
