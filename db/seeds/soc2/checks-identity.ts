import type { CatalogueCheck } from '../../../domain/frameworks/catalogue.js';

/*
 * How all checks of this folder are written: rows in a fixed order and dates instead of ages in `reason`, so that
 * an unchanged cloud gives the same bytes and the hash kept with a finding stays the same. Uncorrelated sub-selects
 * and joins, because each reference to a Steampipe table is a round of API calls. `concat` instead of `||`, because
 * one null must not swallow the reason. Policies are read from the `_std` columns: same letter case, arrays.
 */
export const identityChecks = {
  'CC6.1': [
    {
      name: 'iam-root-mfa-enabled',
      title: 'Root user has a second factor',
      table: 'aws_iam_account_summary',
      severity: 'critical',
      sql: `select concat('arn:', partition, ':iam::', account_id, ':root') as resource,
  case when account_mfa_enabled or not account_password_present then 'ok' else 'alarm' end as status,
  case
    when not account_password_present then 'The root user has no password.'
    when account_mfa_enabled then 'The root user has a second factor.'
    else 'The root user signs in without a second factor.'
  end as reason,
  region,
  account_id
from aws_iam_account_summary
order by resource`,
    },
    {
      name: 'iam-root-no-access-keys',
      title: 'Root user has no access keys',
      table: 'aws_iam_account_summary',
      severity: 'critical',
      sql: `select concat('arn:', partition, ':iam::', account_id, ':root') as resource,
  case when account_access_keys_present = 0 then 'ok' else 'alarm' end as status,
  case
    when account_access_keys_present = 0 then 'The root user has no access key.'
    else 'The root user has an access key.'
  end as reason,
  region,
  account_id
from aws_iam_account_summary
order by resource`,
    },
    {
      name: 'iam-user-console-mfa',
      title: 'Users with a password have a second factor',
      table: 'aws_iam_credential_report',
      severity: 'high',
      sql: `select user_arn as resource,
  case
    when not coalesce(password_enabled, false) then 'skip'
    when mfa_active then 'ok'
    else 'alarm'
  end as status,
  case
    when not coalesce(password_enabled, false) then concat(user_name, ' has no password.')
    when mfa_active then concat(user_name, ' signs in with a second factor.')
    else concat(user_name, ' signs in with a password alone.')
  end as reason,
  region,
  account_id
from aws_iam_credential_report
where user_name <> '<root_account>'
order by resource`,
    },
    {
      name: 'iam-password-policy-strong',
      title: 'Password policy asks for long passwords and no reuse',
      table: 'aws_iam_account_password_policy',
      severity: 'medium',
      sql: `select a.arn as resource,
  case
    when p.minimum_password_length >= 14 and p.password_reuse_prevention >= 24 then 'ok'
    else 'alarm'
  end as status,
  case
    when p.minimum_password_length is null then 'The account has no password policy.'
    else concat('At least ', p.minimum_password_length, ' characters (14 expected), last ',
      coalesce(p.password_reuse_prevention, 0), ' passwords refused (24 expected).')
  end as reason,
  a.region,
  a.account_id
from aws_account a
left join aws_iam_account_password_policy p on p.account_id = a.account_id
order by resource`,
    },
  ],
  'CC6.2': [
    {
      name: 'iam-user-credentials-in-use',
      title: 'Users have no credentials unused for 90 days',
      table: 'aws_iam_credential_report',
      severity: 'medium',
      sql: `select user_arn as resource,
  case
    when not (coalesce(password_enabled, false) or coalesce(access_key_1_active, false)
      or coalesce(access_key_2_active, false)) then 'skip'
    when password_enabled
      and coalesce(password_last_used, password_last_changed, user_creation_time) < now() - interval '90 days'
      then 'alarm'
    when access_key_1_active and coalesce(access_key_1_last_used_date, access_key_1_last_rotated,
      user_creation_time) < now() - interval '90 days' then 'alarm'
    when access_key_2_active and coalesce(access_key_2_last_used_date, access_key_2_last_rotated,
      user_creation_time) < now() - interval '90 days' then 'alarm'
    else 'ok'
  end as status,
  concat(user_name,
    case when password_enabled then concat(' | password last used ',
      coalesce(to_char(password_last_used at time zone 'UTC', 'YYYY-MM-DD'), 'never')) end,
    case when access_key_1_active then concat(' | key 1 last used ',
      coalesce(to_char(access_key_1_last_used_date at time zone 'UTC', 'YYYY-MM-DD'), 'never')) end,
    case when access_key_2_active then concat(' | key 2 last used ',
      coalesce(to_char(access_key_2_last_used_date at time zone 'UTC', 'YYYY-MM-DD'), 'never')) end
  ) as reason,
  region,
  account_id
from aws_iam_credential_report
where user_name <> '<root_account>'
order by resource`,
    },
    {
      name: 'iam-access-key-rotated',
      title: 'Access keys are not older than 90 days',
      table: 'aws_iam_access_key',
      severity: 'medium',
      sql: `select access_key_id as resource,
  case
    when status <> 'Active' then 'skip'
    when create_date >= now() - interval '90 days' then 'ok'
    else 'alarm'
  end as status,
  concat('Key of ', user_name, ' (', lower(status), '), created ',
    to_char(create_date at time zone 'UTC', 'YYYY-MM-DD'), '.') as reason,
  region,
  account_id
from aws_iam_access_key
order by resource`,
    },
  ],
  'CC6.3': [
    {
      name: 'iam-policy-no-full-admin',
      title: 'Own policies do not allow everything',
      table: 'aws_iam_policy',
      severity: 'high',
      sql: `select p.arn as resource,
  case when f.statements = 0 then 'ok' when p.is_attached then 'alarm' else 'info' end as status,
  case
    when f.statements = 0 then concat(p.name, ' does not allow every action on every resource.')
    when p.is_attached then concat(p.name, ' is attached and allows every action on every resource.')
    else concat(p.name, ' allows every action on every resource, but is attached to nobody.')
  end as reason,
  p.region,
  p.account_id
from aws_iam_policy p
cross join lateral (
  select count(*) as statements
  from jsonb_path_query(p.policy_std, '$.Statement[*]') as s(statement)
  where s.statement ->> 'Effect' = 'Allow'
    and (s.statement -> 'Action' @> '"*"' or s.statement -> 'Action' @> '"*:*"')
    and s.statement -> 'Resource' @> '"*"'
) f
where not p.is_aws_managed
order by resource`,
    },
    {
      name: 'iam-role-trust-not-public',
      title: 'No role can be assumed by anybody',
      table: 'aws_iam_role',
      severity: 'critical',
      sql: `select r.arn as resource,
  case when f.statements = 0 then 'ok' else 'alarm' end as status,
  case
    when f.statements = 0 then concat(r.name, ' can be assumed by named parties, or under a condition, only.')
    else concat(r.name, ' can be assumed from any AWS account.')
  end as reason,
  r.region,
  r.account_id
from aws_iam_role r
cross join lateral (
  select count(*) as statements
  from jsonb_path_query(r.assume_role_policy_std, '$.Statement[*]') as s(statement)
  where s.statement ->> 'Effect' = 'Allow'
    and (s.statement -> 'Principal' @> '"*"' or s.statement -> 'Principal' -> 'AWS' @> '"*"')
    and s.statement ->> 'Condition' is null
) f
order by resource`,
    },
  ],
} satisfies Record<string, readonly CatalogueCheck[]>;
