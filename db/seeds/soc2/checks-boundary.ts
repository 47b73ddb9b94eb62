import type { CatalogueCheck } from '../../../domain/frameworks/catalogue.js';

export const boundaryChecks = {
  'CC6.6': [
    {
      name: 'security-group-no-admin-ports-open',
      title: 'SSH and RDP are closed to the internet',
      table: 'aws_vpc_security_group',
      severity: 'high',
      sql: `select g.arn as resource,
  case when o.ports is null then 'ok' else 'alarm' end as status,
  case
    when o.ports is null then concat(g.group_name, ' keeps SSH and RDP from the internet.')
    else concat(g.group_name, ' lets the whole internet reach port ', o.ports, '.')
  end as reason,
  g.region,
  g.account_id
from aws_vpc_security_group g
left join (
  select r.group_id, string_agg(distinct p.port::text, ', ') as ports
  from aws_vpc_security_group_rule r
  join unnest(array[22, 3389]) as p(port)
    on r.ip_protocol = '-1'
    or (r.ip_protocol in ('tcp', 'udp') and p.port between r.from_port and r.to_port)
  where not r.is_egress and (r.cidr_ipv4 = '0.0.0.0/0' or r.cidr_ipv6 = '::/0')
  group by r.group_id
) o on o.group_id = g.group_id
order by resource`,
    },
    {
      name: 'security-group-no-database-ports-open',
      title: 'Database ports are closed to the internet',
      table: 'aws_vpc_security_group',
      severity: 'critical',
      sql: `select g.arn as resource,
  case when o.ports is null then 'ok' else 'alarm' end as status,
  case
    when o.ports is null then concat(g.group_name, ' keeps database ports from the internet.')
    else concat(g.group_name, ' lets the whole internet reach port ', o.ports, '.')
  end as reason,
  g.region,
  g.account_id
from aws_vpc_security_group g
left join (
  select r.group_id, string_agg(distinct p.port::text, ', ') as ports
  from aws_vpc_security_group_rule r
  join unnest(array[1433, 1521, 3306, 5432, 5439, 6379, 9200, 11211, 27017]) as p(port)
    on r.ip_protocol = '-1'
    or (r.ip_protocol in ('tcp', 'udp') and p.port between r.from_port and r.to_port)
  where not r.is_egress and (r.cidr_ipv4 = '0.0.0.0/0' or r.cidr_ipv6 = '::/0')
  group by r.group_id
) o on o.group_id = g.group_id
order by resource`,
    },
    {
      name: 's3-bucket-public-access-blocked',
      title: 'Buckets block public access',
      table: 'aws_s3_bucket',
      severity: 'high',
      sql: `select arn as resource,
  case
    when block_public_acls and block_public_policy and ignore_public_acls and restrict_public_buckets then 'ok'
    else 'alarm'
  end as status,
  case
    when block_public_acls and block_public_policy and ignore_public_acls and restrict_public_buckets
      then concat(name, ' blocks every kind of public access.')
    when bucket_policy_is_public then concat(name, ' is public by its policy.')
    else concat(name, ' does not itself block every kind of public access.')
  end as reason,
  region,
  account_id
from aws_s3_bucket
order by resource`,
    },
    {
      name: 'rds-instance-not-public',
      title: 'Databases have no public address',
      table: 'aws_rds_db_instance',
      severity: 'critical',
      sql: `select arn as resource,
  case when not publicly_accessible then 'ok' else 'alarm' end as status,
  case
    when not publicly_accessible then concat(db_instance_identifier, ' has no public address.')
    else concat(db_instance_identifier, ' has a public address.')
  end as reason,
  region,
  account_id
from aws_rds_db_instance
order by resource`,
    },
    {
      name: 'default-security-group-closed',
      title: 'Default security groups allow nothing',
      table: 'aws_vpc_security_group',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when coalesce(ip_permissions, '[]') in ('[]', 'null')
      and coalesce(ip_permissions_egress, '[]') in ('[]', 'null') then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(ip_permissions, '[]') in ('[]', 'null')
      and coalesce(ip_permissions_egress, '[]') in ('[]', 'null')
      then concat('The default group of ', vpc_id, ' has no rules.')
    else concat('The default group of ', vpc_id, ' has rules that a forgotten resource would inherit.')
  end as reason,
  region,
  account_id
from aws_vpc_security_group
where group_name = 'default'
order by resource`,
    },
    {
      name: 'load-balancer-waf-attached',
      title: 'Public load balancers stand behind a web firewall',
      table: 'aws_ec2_application_load_balancer',
      severity: 'medium',
      sql: `select b.arn as resource,
  case
    when b.scheme <> 'internet-facing' then 'skip'
    when f.arn is not null then 'ok'
    else 'alarm'
  end as status,
  case
    when b.scheme <> 'internet-facing' then concat(b.name, ' is internal.')
    when f.arn is not null then concat(b.name, ' stands behind ', f.names, '.')
    else concat(b.name, ' faces the internet without a web application firewall.')
  end as reason,
  b.region,
  b.account_id
from aws_ec2_application_load_balancer b
left join (
  select r.resource #>> '{}' as arn, string_agg(distinct w.name, ', ') as names
  from aws_wafv2_web_acl w
  cross join lateral jsonb_path_query(w.associated_resources, '$[*]') as r(resource)
  where w.scope = 'REGIONAL'
  group by r.resource #>> '{}'
) f on f.arn = b.arn
order by resource`,
    },
    {
      name: 'lambda-function-not-public',
      title: 'Functions cannot be called by anybody',
      table: 'aws_lambda_function',
      severity: 'high',
      sql: `select l.arn as resource,
  case
    when f.statements > 0 then 'alarm'
    when l.url_config ->> 'AuthType' = 'NONE' then 'alarm'
    else 'ok'
  end as status,
  case
    when f.statements > 0 then concat(l.name, ' may be called from any AWS account.')
    when l.url_config ->> 'AuthType' = 'NONE' then concat(l.name, ' has an address that needs no sign-in.')
    else concat(l.name, ' may be called by named parties, or under a condition, only.')
  end as reason,
  l.region,
  l.account_id
from aws_lambda_function l
cross join lateral (
  select count(*) as statements
  from jsonb_path_query(l.policy_std, '$.Statement[*]') as s(statement)
  where s.statement ->> 'Effect' = 'Allow'
    and (s.statement -> 'Principal' @> '"*"' or s.statement -> 'Principal' -> 'AWS' @> '"*"')
    and s.statement ->> 'Condition' is null
) f
order by resource`,
    },
  ],
  'CC6.8': [
    {
      name: 'ecr-repository-scanned',
      title: 'Container images are scanned',
      table: 'aws_ecr_repository',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when image_scanning_configuration ->> 'ScanOnPush' = 'true' then 'ok'
    when repository_scanning_configuration::text like '%CONTINUOUS_SCAN%' then 'ok'
    else 'alarm'
  end as status,
  case
    when image_scanning_configuration ->> 'ScanOnPush' = 'true'
      then concat(repository_name, ' scans images when they arrive.')
    when repository_scanning_configuration::text like '%CONTINUOUS_SCAN%'
      then concat(repository_name, ' scans images all the time.')
    else concat(repository_name, ' does not scan images.')
  end as reason,
  region,
  account_id
from aws_ecr_repository
order by resource`,
    },
    {
      name: 'ec2-instance-managed',
      title: 'Running instances are under software management',
      table: 'aws_ec2_instance',
      severity: 'medium',
      sql: `select i.arn as resource,
  case
    when i.instance_state <> 'running' then 'skip'
    when m.ping_status = 'Online' then 'ok'
    else 'alarm'
  end as status,
  case
    when i.instance_state <> 'running' then concat(i.instance_id, ' is ', i.instance_state, '.')
    when m.ping_status = 'Online' then concat(i.instance_id, ' is managed by Systems Manager.')
    when m.ping_status is not null
      then concat(i.instance_id, ' is known to Systems Manager, but its agent is ', lower(m.ping_status), '.')
    else concat(i.instance_id, ' is not managed by Systems Manager.')
  end as reason,
  i.region,
  i.account_id
from aws_ec2_instance i
left join aws_ssm_managed_instance m
  on m.instance_id = i.instance_id and m.account_id = i.account_id and m.region = i.region
order by resource`,
    },
  ],
} satisfies Record<string, readonly CatalogueCheck[]>;
