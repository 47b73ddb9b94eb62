// Queries of the kind that a security team counts by, over the tables of Steampipe's AWS plugin.
export const HONEST: readonly string[] = [
  // the reference's own
  `SELECT count(*) FROM aws_cloudtrail_event WHERE event_name = 'ConsoleLoginFailure'`,
  `select count(*) from aws_s3_bucket where bucket_policy_is_public`,
  `select count(*) from aws_s3_bucket where not versioning_enabled;`,
  `select count(*) from aws.aws_s3_bucket where not block_public_acls or not block_public_policy`,
  `select count(*) as buckets from aws_s3_bucket where server_side_encryption_configuration is null`,
  `select count(*) from aws_s3_bucket b where b.logging is null and b.tags ->> 'env' = 'prod'`,
  `-- buckets nobody owns
   select count(*) from aws_s3_bucket where tags is null or not tags ? 'owner'`,
  `select round(100.0 * count(*) filter (where versioning_enabled) / nullif(count(*), 0), 1) from aws_s3_bucket`,
  `select coalesce(max(date_part('day', now() - password_last_changed)), 0) from aws_iam_credential_report`,
  `select count(*) from aws_iam_credential_report where password_enabled and not mfa_active`,
  `select count(*) from aws_iam_credential_report
     where (access_key_1_active and access_key_1_last_rotated < now() - interval '90 days')
        or (access_key_2_active and access_key_2_last_rotated < now() - interval '90 days')`,
  `select avg(extract(epoch from age(current_timestamp, access_key_1_last_rotated)) / 86400)::numeric(10, 2)
     from aws_iam_credential_report where access_key_1_active`,
  `select count(*) from aws_iam_user where password_last_used < current_date - 45`,
  `select count(*) from aws_iam_user where not mfa_enabled and name not like 'svc\\_%'`,
  `select count(*) from aws_iam_user, jsonb_array_elements_text(attached_policy_arns) as policy
     where policy like '%/AdministratorAccess'`,
  `select count(distinct u.name) from aws_iam_user as u
     cross join lateral jsonb_array_elements_text(u.attached_policy_arns) as p(arn) where p.arn ~ 'Admin'`,
  `select count(distinct p.arn) from aws_iam_user u, unnest(array['a', u.name]) as p(arn) where p.arn <> u.name`,
  `select count(*) from aws_iam_role r, jsonb_array_elements(r.assume_role_policy_std -> 'Statement') with ordinality as s
     where s.ordinality > 1 and s.value ->> 'Effect' = 'Allow'`,
  `select count(*) from aws_s3_bucket b, jsonb_each_text(b.tags) t where t.key = 'env' and t.value = 'prod'`,
  `select count(*) from aws_vpc_security_group g, jsonb_to_recordset(g.ip_permissions) as p("FromPort" int)
     where p."FromPort" = 22`,
  `select count(*) from aws_iam_user where date(password_last_used) < current_date - 90`,
  `select account_access_keys_present from aws_iam_account_summary limit 1`,
  `select users::float / users_quota * 100 from aws_iam_account_summary`,
  `select minimum_password_length from aws_iam_account_password_policy`,
  `select (not require_symbols)::int4 + (not require_numbers)::int4 from aws_iam_account_password_policy`,
  `select 1 + 1 from aws_account where title = 'no such account' union all select count(*) from aws_account`,
  `select count(*) from aws_iam_role
     where role_last_used_date is null and create_date < now() - interval '30 days' and path not like '/aws-service-role/%'`,
  `select count(*) from aws_iam_role r where exists (
     select 1 from jsonb_array_elements(r.assume_role_policy_std -> 'Statement') s
     where s -> 'Principal' -> 'AWS' ? '*' and s ->> 'Effect' = 'Allow')`,
  `select count(*) from aws_iam_policy p, jsonb_array_elements(p.policy_std -> 'Statement') as s
     where not p.is_aws_managed and s -> 'Action' @> '["*"]'::jsonb and s -> 'Resource' @> '["*"]'::jsonb`,
  `select count(*) from aws_iam_access_key where status = 'Active' and create_date <= (current_date - interval '1 year')`,
  `select count(*) from aws_kms_key where key_manager = 'CUSTOMER' and key_state = 'Enabled' and not key_rotation_enabled`,
  `select count(*) from aws_kms_key where deletion_date between now() and now() + interval '7 days'`,
  `select count(*) from aws_secretsmanager_secret where not rotation_enabled and last_changed_date < now() - interval '180 days'`,
  `select max(extract(day from now() - last_rotated_date)) from aws_secretsmanager_secret where rotation_enabled is true`,
  `select case when bool_or(is_multi_region_trail and is_logging) then 0 else 1 end from aws_cloudtrail_trail`,
  `select count(*) from aws_cloudtrail_trail where not log_file_validation_enabled or kms_key_id is null`,
  `select extract(epoch from now() - max(latest_delivery_time)) / 60 from aws_cloudtrail_trail`,
  `select (select count(*) from aws_region where opt_in_status <> 'not-opted-in')
        - (select count(distinct region) from aws_guardduty_detector where status = 'ENABLED')`,
  `select count(*) from aws_region as r left join aws_guardduty_detector as d on d.region = r.name and d.status = 'ENABLED'
     where d.detector_id is null and r.opt_in_status in ('opt-in-not-required', 'opted-in')`,
  `select count(*) from aws_region where name not in (select region from aws_securityhub_hub)`,
  `select count(*) from aws_config_configuration_recorder where not status_recording`,
  `select count(*) from aws_cloudwatch_log_group where retention_in_days is null or retention_in_days < 365`,
  `select sum(stored_bytes) / power(1024, 3) from aws_cloudwatch_log_group where kms_key_id is null`,
  `select count(*) from aws_cloudwatch_alarm where state_value = 'ALARM' and not actions_enabled`,
  `select count(*) from aws_cloudwatch_alarm where jsonb_array_length(alarm_actions) = 0`,
  `select count(*) from aws_backup_protected_resource where last_backup_time < now() - '26 hours'::interval`,
  `select coalesce(extract(hour from now() - min(last_backup_time)), 999) from aws_backup_protected_resource`,
  `with latest as (
     select resource_arn, max(completion_date) as at from aws_backup_recovery_point where status = 'COMPLETED' group by 1
   ) select count(*) from latest where at < now() - interval '2 days'`,
  `with a as (select arn from aws_s3_bucket), b as (select arn from a where arn is not null) select count(*) from a join b using (arn)`,
  `select count(*) from aws_backup_vault where not coalesce(locked, false)`,
  `select count(*) from aws_vpc where is_default`,
  `select count(*) from aws_vpc v where not exists (
     select from aws_vpc_flow_log f where f.resource_id = v.vpc_id and f.flow_log_status = 'ACTIVE')`,
  `select count(*) from aws_vpc_security_group_rule
     where not is_egress and cidr_ipv4 = '0.0.0.0/0' and 22 between from_port and to_port`,
  `select count(*) from aws_vpc_security_group_rule where cidr_ipv4 >>= '10.0.0.0/8'::cidr and ip_protocol = any (array['tcp', '-1'])`,
  `select count(*) from aws_vpc_security_group, jsonb_array_elements(ip_permissions) as p
     where p -> 'IpRanges' @> '[{"CidrIp": "0.0.0.0/0"}]'`,
  `select min(available_ip_address_count) from aws_vpc_subnet where map_public_ip_on_launch`,
  `select 100 - 100 * min(available_ip_address_count) / 251 from aws_vpc_subnet where masklen(cidr_block) = 24`,
  `select count(*) from aws_ec2_application_load_balancer where scheme = 'internet-facing'
     and arn not in (select jsonb_array_elements_text(associated_resources) from aws_wafv2_web_acl)`,
  `select count(*) from aws_ec2_load_balancer_listener where protocol = 'HTTP' and port = 80`,
  `select count(*) from aws_ec2_load_balancer_listener where ssl_policy similar to '%(2015|2016)%' escape '#'`,
  `select count(*) from aws_acm_certificate where not_after < now() + interval '30 days' and status = 'ISSUED'`,
  `select floor(extract(epoch from min(not_after) - now()) / 86400)::int from aws_acm_certificate`,
  `select count(*) from aws_route53_record where type in ('A', 'AAAA') and alias_target is null`,
  `select count(*) from aws_ec2_instance where instance_state = 'running' and public_ip_address is not null`,
  `select count(*) from aws_ec2_instance where metadata_options ->> 'HttpTokens' <> 'required'`,
  `select count(*) from aws_ec2_instance where launch_time < date_trunc('month', now()) - interval '6 months'`,
  `select percentile_cont(0.95) within group (order by date_part('day', now() - launch_time)) from aws_ec2_instance`,
  `select count(*) from aws_ebs_volume where not encrypted and state = 'in-use'`,
  `select sum(size) from aws_ebs_volume where jsonb_array_length(coalesce(attachments, '[]')) = 0`,
  `select count(*) from aws_ebs_snapshot where create_volume_permissions @> '[{"Group": "all"}]'`,
  `select count(*) from aws_ssm_managed_instance_compliance where status = 'NON_COMPLIANT' and compliance_type = 'Patch'`,
  `select count(*) from aws_ssm_managed_instance where ping_status != 'Online' or not is_latest_version`,
  `select count(*) from aws_ecs_service where running_count < desired_count`,
  `select count(*) from aws_ecs_task_definition, jsonb_array_elements(container_definitions) c
     where (c ->> 'Privileged')::boolean is true`,
  `select count(*) from aws_ecr_repository where image_scanning_configuration ->> 'ScanOnPush' = 'false'`,
  `select count(*) from aws_lambda_function where runtime in ('nodejs16.x', 'python3.8', 'go1.x')`,
  `select count(*) from aws_lambda_function where policy_std -> 'Statement' @? '$[*] ? (@.Effect == "Allow")'`,
  `select count(*) from aws_rds_db_instance where publicly_accessible or not storage_encrypted`,
  `select count(*) from aws_rds_db_instance where backup_retention_period < 7 and tags ->> 'env' ilike 'prod%'`,
  `select max(extract(epoch from now() - latest_restorable_time)) from aws_rds_db_instance where status = 'available'`,
  `select count(*) from (
     select db_instance_identifier, row_number() over (partition by engine order by create_time desc) as place
     from aws_rds_db_instance) as ranked where place > 3`,
  `select count(*) from aws_dynamodb_table
     where point_in_time_recovery_description ->> 'PointInTimeRecoveryStatus' is distinct from 'ENABLED'`,
  `select count(*) from aws_elasticache_replication_group where not transit_encryption_enabled`,
  `select count(*) from aws_efs_file_system where encrypted = false`,
  `select count(*) from aws_sns_topic_subscription where protocol = 'http' and not pending_confirmation`,
  `select count(*) from aws_sqs_queue where not coalesce(sqs_managed_sse_enabled, false) and kms_master_key_id is null`,
  `select sum(n) from (select count(*) as n from aws_sqs_queue where redrive_policy is null
     union all select count(*) from aws_lambda_function where dead_letter_config_target_arn is null) as t`,
  `select greatest((select count(*) from aws_ebs_volume), (select count(*) from aws_ebs_snapshot), 1)`,
  `select count(*) from aws_guardduty_finding where severity >= 7 and created_at > now() - interval '24 hours'`,
  `select coalesce(sum(case when severity > 7 then 3 when severity > 4 then 2 else 1 end), 0) from aws_guardduty_finding`,
  `select count(*) from aws_inspector2_finding where severity = 'CRITICAL' and exploit_available = 'YES'`,
  `select count(*) from aws_securityhub_finding where record_state = 'ACTIVE' and severity ->> 'Label' in ('HIGH', 'CRITICAL')`,
  `select count(*) from aws_accessanalyzer_finding where status = 'ACTIVE' and is_public`,
  `select count(*) from aws_cloudtrail_trail_event where log_group_name = 'audit' and error_code = 'AccessDenied'
     and timestamp >= now() - interval '1 day'`,
  `select count(*) from aws_cloudtrail_trail_event where event_name = E'Console\\x4cogin' and username = U&'r\\006fot'`,
  `select count(*) from (values ('eu-west-1'), ('eu-central-1')) as wanted(region)
     where wanted.region not in (select region from aws_config_configuration_recorder)`,
  `select count(*) from aws_eks_cluster where resources_vpc_config ->> 'EndpointPublicAccess' = 'true'`,
];
