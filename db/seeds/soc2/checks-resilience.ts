import type { CatalogueCheck } from '../../../domain/frameworks/catalogue.js';

export const resilienceChecks = {
  'CC8.1': [
    {
      name: 'ecr-repository-tags-immutable',
      title: 'A released image cannot be replaced under its tag',
      table: 'aws_ecr_repository',
      severity: 'medium',
      sql: `select arn as resource,
  case when image_tag_mutability like 'IMMUTABLE%' then 'ok' else 'alarm' end as status,
  case
    when image_tag_mutability like 'IMMUTABLE%' then concat(repository_name, ' does not let tags move.')
    else concat(repository_name, ' lets a tag be moved to another image.')
  end as reason,
  region,
  account_id
from aws_ecr_repository
order by resource`,
    },
    {
      name: 'ecs-service-rollback-enabled',
      title: 'A failing deployment is rolled back',
      table: 'aws_ecs_service',
      severity: 'low',
      sql: `select arn as resource,
  case
    when coalesce(deployment_controller_type, 'ECS') <> 'ECS' then 'skip'
    when deployment_configuration -> 'DeploymentCircuitBreaker' ->> 'Rollback' = 'true' then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(deployment_controller_type, 'ECS') <> 'ECS'
      then concat(service_name, ' is deployed by ', deployment_controller_type, '.')
    when deployment_configuration -> 'DeploymentCircuitBreaker' ->> 'Rollback' = 'true'
      then concat(service_name, ' rolls a failing deployment back.')
    else concat(service_name, ' does not roll a failing deployment back.')
  end as reason,
  region,
  account_id
from aws_ecs_service
order by resource`,
    },
  ],
  'CC9.1': [
    {
      name: 'rds-instance-deletion-protected',
      title: 'Databases are protected from deletion',
      table: 'aws_rds_db_instance',
      severity: 'medium',
      sql: `select arn as resource,
  case
    when db_cluster_identifier is not null then 'skip'
    when deletion_protection then 'ok'
    else 'alarm'
  end as status,
  case
    when db_cluster_identifier is not null
      then concat(db_instance_identifier, ' is protected, or not, with its cluster.')
    when deletion_protection then concat(db_instance_identifier, ' is protected from deletion.')
    else concat(db_instance_identifier, ' can be deleted by one call.')
  end as reason,
  region,
  account_id
from aws_rds_db_instance
order by resource`,
    },
  ],
  'CC9.2': [
    {
      name: 'iam-role-third-party-bounded',
      title: 'Roles of outside accounts ask for an external id',
      table: 'aws_iam_role',
      severity: 'high',
      sql: `select r.arn as resource,
  case when f.principals = 0 then 'skip' when f.unbounded = 0 then 'ok' else 'alarm' end as status,
  case
    when f.principals = 0 then concat(r.name, ' trusts no named outside account.')
    when f.unbounded = 0 then concat(r.name, ' trusts an outside account under a condition.')
    else concat(r.name, ' trusts an outside account without an external id.')
  end as reason,
  r.region,
  r.account_id
from aws_iam_role r
cross join lateral (
  select count(*) as principals,
    count(*) filter (
      where coalesce(lower(s.statement ->> 'Condition'), '') not like '%sts:externalid%'
        and coalesce(lower(s.statement ->> 'Condition'), '') not like '%aws:principalorgid%'
    ) as unbounded
  from jsonb_path_query(r.assume_role_policy_std, '$.Statement[*]') as s(statement)
  cross join lateral jsonb_path_query(s.statement, '$.Principal.AWS[*]') as p(principal)
  where s.statement ->> 'Effect' = 'Allow'
    and substring(p.principal #>> '{}' from '[0-9]{12}') not in (select account_id from aws_account)
) f
order by resource`,
    },
  ],
} satisfies Record<string, readonly CatalogueCheck[]>;
