// Tables and columns of Steampipe's AWS plugin, as far as checks and discovery read them; every table also has the
// columns that the loader adds.
import type { Columns } from './table.js';
import type { RowOf } from './table.js';
import { networkShapes } from './shapes-network.js';
import { serviceShapes } from './shapes-services.js';

/** Tables of the account: people, rights, keys, detection, backups. */
const accountShapes = {
  aws_account: { text: 'arn organization_id title', jsonb: 'account_aliases akas' },
  aws_region: { text: 'name opt_in_status title', jsonb: 'akas' },
  aws_iam_account_summary: {
    int8: 'account_access_keys_present mfa_devices mfa_devices_in_use groups policies roles users users_quota',
    bool: 'account_mfa_enabled account_password_present',
  },
  aws_iam_account_password_policy: {
    bool: 'allow_users_to_change_password expire_passwords require_numbers require_symbols require_uppercase_characters require_lowercase_characters',
    int8: 'max_password_age minimum_password_length password_reuse_prevention',
  },
  aws_iam_credential_report: {
    text: 'user_name user_arn password_status access_key_1_last_used_service',
    bool: 'mfa_active password_enabled access_key_1_active access_key_2_active cert_1_active cert_2_active',
    timestamptz:
      'user_creation_time generated_time password_last_changed password_last_used access_key_1_last_rotated access_key_1_last_used_date access_key_2_last_rotated access_key_2_last_used_date',
  },
  aws_iam_user: {
    text: 'name user_id path arn title',
    bool: 'mfa_enabled',
    timestamptz: 'create_date password_last_used',
    jsonb: 'attached_policy_arns groups mfa_devices tags akas',
  },
  aws_iam_access_key: {
    text: 'access_key_id user_name status access_key_last_used_service access_key_last_used_region title',
    timestamptz: 'create_date access_key_last_used_date',
    jsonb: 'akas',
  },
  aws_iam_policy: {
    text: 'name policy_id path description arn default_version_id title',
    bool: 'is_aws_managed is_attachable is_attached',
    int8: 'attachment_count',
    timestamptz: 'create_date update_date',
    jsonb: 'policy_std tags akas',
  },
  aws_iam_role: {
    text: 'name arn role_id description path role_last_used_region title',
    int8: 'max_session_duration',
    timestamptz: 'create_date role_last_used_date',
    jsonb: 'instance_profile_arns attached_policy_arns assume_role_policy_std tags akas',
  },
  aws_kms_key: {
    text: 'id arn key_manager customer_master_key_spec description key_state key_usage origin title',
    bool: 'enabled key_rotation_enabled multi_region',
    timestamptz: 'creation_date deletion_date',
    jsonb: 'aliases tags akas',
  },
  aws_secretsmanager_secret: {
    text: 'name arn description kms_key_id owning_service primary_region rotation_lambda_arn title',
    bool: 'rotation_enabled',
    timestamptz: 'created_date deleted_date last_accessed_date last_changed_date last_rotated_date',
    jsonb: 'replication_status rotation_rules tags akas',
  },
  aws_cloudtrail_trail: {
    text: 'name arn home_region s3_bucket_name kms_key_id title',
    bool: 'is_multi_region_trail log_file_validation_enabled is_logging include_global_service_events is_organization_trail',
    timestamptz: 'latest_delivery_time start_logging_time',
    jsonb: 'event_selectors tags akas',
  },
  aws_guardduty_detector: {
    text: 'detector_id arn status finding_publishing_frequency service_role title',
    timestamptz: 'created_at updated_at',
    jsonb: 'data_sources tags akas',
  },
  aws_securityhub_hub: {
    text: 'hub_arn title',
    bool: 'auto_enable_controls',
    timestamptz: 'subscribed_at',
    jsonb: 'tags akas',
  },
  aws_config_configuration_recorder: {
    text: 'name arn recording_mode role_arn title',
    bool: 'status_recording',
    jsonb: 'recording_group status akas',
  },
  aws_cloudwatch_log_group: {
    text: 'name arn kms_key_id log_group_class title',
    int8: 'retention_in_days stored_bytes metric_filter_count',
    timestamptz: 'creation_time',
    jsonb: 'tags akas',
  },
  aws_cloudwatch_alarm: {
    text: 'name arn state_value comparison_operator metric_name namespace statistic treat_missing_data title',
    bool: 'actions_enabled',
    int8: 'evaluation_periods period',
    float8: 'threshold',
    timestamptz: 'state_updated_timestamp',
    jsonb: 'alarm_actions ok_actions dimensions tags akas',
  },
  aws_backup_plan: {
    text: 'name arn backup_plan_id version_id title',
    timestamptz: 'creation_date deletion_date last_execution_date',
    jsonb: 'backup_plan tags akas',
  },
  aws_backup_vault: {
    text: 'name arn encryption_key_arn sns_topic_arn title',
    bool: 'locked',
    int8: 'min_retention_days max_retention_days',
    float8: 'number_of_recovery_points',
    timestamptz: 'creation_date lock_date',
    jsonb: 'policy_std tags akas',
  },
  aws_backup_protected_resource: {
    text: 'resource_name resource_arn resource_type last_backup_vault_arn last_recovery_point_arn',
    int8: 'latest_restore_execution_time_minutes',
    timestamptz: 'last_backup_time latest_restore_job_creation_date',
    jsonb: 'akas',
  },
  aws_backup_recovery_point: {
    text: 'recovery_point_arn resource_arn resource_name resource_type status backup_vault_arn backup_vault_name encryption_key_arn source_backup_vault_arn',
    bool: 'is_encrypted',
    int8: 'backup_size_in_bytes',
    timestamptz: 'creation_date completion_date last_restore_time',
    jsonb: 'lifecycle akas',
  },
} as const satisfies Record<string, Columns>;

export const SHAPES = { ...accountShapes, ...networkShapes, ...serviceShapes };

export type TableName = keyof typeof SHAPES;

export type Fleet = { [T in TableName]: readonly RowOf<(typeof SHAPES)[T]>[] };
