import type { Columns } from './table.js';

/** Tables of what runs and of what keeps data. */
export const serviceShapes = {
  aws_ec2_instance: {
    text: 'instance_id arn instance_type instance_state image_id key_name iam_instance_profile_arn placement_availability_zone private_dns_name public_dns_name subnet_id vpc_id title',
    bool: 'disable_api_termination ebs_optimized',
    inet: 'private_ip_address public_ip_address',
    timestamptz: 'launch_time',
    jsonb: 'block_device_mappings metadata_options security_groups tags akas',
  },
  aws_ebs_volume: {
    text: 'volume_id arn volume_type state availability_zone kms_key_id snapshot_id title',
    bool: 'encrypted',
    int8: 'size iops',
    timestamptz: 'create_time',
    jsonb: 'attachments tags akas',
  },
  aws_ebs_snapshot: {
    text: 'snapshot_id arn state volume_id description owner_id kms_key_id title',
    bool: 'encrypted',
    int8: 'volume_size',
    timestamptz: 'start_time',
    jsonb: 'create_volume_permissions tags akas',
  },
  aws_ssm_managed_instance: {
    text: 'name instance_id arn resource_type ping_status agent_version computer_name platform_name platform_type platform_version title',
    inet: 'ip_address',
    bool: 'is_latest_version',
    timestamptz: 'last_ping_date_time registration_date',
    jsonb: 'akas',
  },
  aws_ssm_managed_instance_compliance: {
    text: 'id name resource_id status compliance_type resource_type severity title',
    jsonb: 'details execution_summary akas',
  },
  aws_ecs_cluster: {
    text: 'cluster_arn cluster_name status title',
    int8: 'active_services_count running_tasks_count pending_tasks_count',
    jsonb: 'capacity_providers settings tags akas',
  },
  aws_ecs_service: {
    text: 'service_name arn status cluster_arn task_definition deployment_controller_type launch_type role_arn title',
    bool: 'enable_execute_command',
    int8: 'desired_count running_count pending_count',
    timestamptz: 'created_at',
    jsonb: 'deployment_configuration load_balancers network_configuration tags akas',
  },
  aws_ecs_task_definition: {
    text: 'task_definition_arn family status execution_role_arn task_role_arn network_mode title',
    int8: 'revision cpu memory',
    jsonb: 'container_definitions requires_compatibilities tags akas',
  },
  aws_ecr_repository: {
    text: 'repository_name registry_id arn repository_uri image_tag_mutability title',
    timestamptz: 'created_at',
    jsonb:
      'encryption_configuration image_scanning_configuration repository_scanning_configuration tags akas',
  },
  aws_lambda_function: {
    text: 'name arn description handler kms_key_arn timeout package_type role runtime state vpc_id dead_letter_config_target_arn title',
    int8: 'memory_size code_size',
    timestamptz: 'last_modified',
    jsonb: 'policy_std url_config file_system_configs layers vpc_subnet_ids vpc_security_group_ids tags akas',
  },
  aws_lambda_event_source_mapping: {
    text: 'uuid arn function_arn function_name state title',
    int8: 'batch_size',
    timestamptz: 'last_modified',
  },
  aws_rds_db_instance: {
    text: 'db_instance_identifier arn db_cluster_identifier status class resource_id availability_zone secondary_availability_zone read_replica_source_db_instance_identifier db_subnet_group_name engine engine_version endpoint_address kms_key_id vpc_id title',
    bool: 'auto_minor_version_upgrade copy_tags_to_snapshot deletion_protection multi_az publicly_accessible storage_encrypted iam_database_authentication_enabled',
    int8: 'allocated_storage max_allocated_storage backup_retention_period endpoint_port',
    timestamptz: 'create_time latest_restorable_time',
    jsonb:
      'enabled_cloudwatch_logs_exports read_replica_db_instance_identifiers vpc_security_groups tags akas',
  },
  aws_rds_db_snapshot: {
    text: 'db_snapshot_identifier arn type status availability_zone db_instance_identifier engine kms_key_id title',
    bool: 'encrypted',
    int8: 'allocated_storage',
    timestamptz: 'create_time',
    jsonb: 'db_snapshot_attributes tags akas',
  },
  aws_rds_db_subnet_group: {
    text: 'name arn description status vpc_id title',
    jsonb: 'subnets tags akas',
  },
  aws_dynamodb_table: {
    text: 'name arn table_status billing_mode latest_stream_arn title',
    bool: 'deletion_protection_enabled',
    int8: 'item_count table_size_bytes',
    timestamptz: 'creation_date_time',
    jsonb: 'point_in_time_recovery_description sse_description replicas tags akas',
  },
  aws_elasticache_replication_group: {
    text: 'replication_group_id arn description kms_key_id automatic_failover cache_node_type multi_az status title',
    bool: 'at_rest_encryption_enabled transit_encryption_enabled cluster_enabled',
    int8: 'snapshot_retention_limit',
    jsonb: 'member_clusters node_groups akas',
  },
  aws_s3_bucket: {
    text: 'name arn title',
    bool: 'bucket_policy_is_public versioning_enabled block_public_acls block_public_policy ignore_public_acls restrict_public_buckets',
    timestamptz: 'creation_date',
    jsonb:
      'event_notification_configuration server_side_encryption_configuration lifecycle_rules logging object_lock_configuration policy_std replication tags akas',
  },
  aws_efs_file_system: {
    text: 'name file_system_id arn owner_id automatic_backups life_cycle_state availability_zone_id availability_zone_name kms_key_id throughput_mode title',
    bool: 'encrypted',
    int8: 'number_of_mount_targets',
    timestamptz: 'creation_time',
    jsonb: 'size_in_bytes tags akas',
  },
  aws_efs_mount_target: {
    text: 'mount_target_id file_system_id life_cycle_state availability_zone_id availability_zone_name subnet_id vpc_id title',
    jsonb: 'security_groups akas',
  },
  aws_sns_topic: {
    text: 'topic_arn display_name owner kms_master_key_id title',
    int8: 'subscriptions_confirmed subscriptions_pending subscriptions_deleted',
    jsonb: 'policy_std tags akas',
  },
  aws_sns_topic_subscription: {
    text: 'subscription_arn topic_arn owner protocol endpoint title',
    bool: 'pending_confirmation',
    jsonb: 'akas',
  },
  aws_sqs_queue: {
    text: 'queue_url queue_arn kms_master_key_id message_retention_seconds visibility_timeout_seconds title',
    bool: 'fifo_queue sqs_managed_sse_enabled',
    jsonb: 'policy_std redrive_policy tags akas',
  },
} as const satisfies Record<string, Columns>;
