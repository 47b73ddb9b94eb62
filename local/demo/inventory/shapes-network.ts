import type { Columns } from './table.js';

/** Tables of the network and of what stands at its edge. */
export const networkShapes = {
  aws_availability_zone: {
    text: 'name zone_id zone_type opt_in_status group_name region_name title',
    jsonb: 'akas',
  },
  aws_vpc: {
    text: 'vpc_id arn state owner_id instance_tenancy title',
    cidr: 'cidr_block',
    bool: 'is_default',
    jsonb: 'cidr_block_association_set tags akas',
  },
  aws_vpc_subnet: {
    text: 'subnet_id subnet_arn vpc_id state owner_id availability_zone availability_zone_id title',
    cidr: 'cidr_block',
    bool: 'default_for_az map_public_ip_on_launch',
    int8: 'available_ip_address_count',
    jsonb: 'tags akas',
  },
  aws_vpc_route_table: {
    text: 'route_table_id vpc_id owner_id title',
    jsonb: 'associations routes tags akas',
  },
  aws_vpc_nat_gateway: {
    text: 'nat_gateway_id arn state vpc_id subnet_id title',
    timestamptz: 'create_time delete_time',
    jsonb: 'nat_gateway_addresses tags akas',
  },
  aws_vpc_endpoint: {
    text: 'vpc_endpoint_id service_name owner_id vpc_id vpc_endpoint_type state title',
    bool: 'private_dns_enabled',
    timestamptz: 'creation_timestamp',
    jsonb: 'subnet_ids route_table_ids groups tags akas',
  },
  aws_vpc_flow_log: {
    text: 'flow_log_id deliver_logs_status flow_log_status resource_id traffic_type log_destination_type log_destination title',
    int8: 'max_aggregation_interval',
    timestamptz: 'creation_time',
    jsonb: 'tags akas',
  },
  aws_vpc_security_group: {
    text: 'group_name group_id arn description vpc_id owner_id title',
    jsonb: 'ip_permissions ip_permissions_egress tags akas',
  },
  aws_vpc_security_group_rule: {
    text: 'security_group_rule_id group_id group_owner_id type description ip_protocol referenced_group_id title',
    bool: 'is_egress',
    int8: 'from_port to_port',
    cidr: 'cidr_ipv4 cidr_ipv6',
    jsonb: 'akas',
  },
  aws_ec2_application_load_balancer: {
    text: 'name arn type scheme vpc_id dns_name ip_address_type state_code title',
    timestamptz: 'created_time',
    jsonb: 'availability_zones security_groups load_balancer_attributes tags akas',
  },
  aws_ec2_load_balancer_listener: {
    text: 'arn load_balancer_arn protocol ssl_policy title',
    int8: 'port',
    jsonb: 'certificates default_actions akas',
  },
  aws_ec2_target_group: {
    text: 'target_group_name target_group_arn target_type vpc_id protocol health_check_path title',
    int8: 'port healthy_threshold_count',
    jsonb: 'load_balancer_arns target_health_descriptions tags akas',
  },
  aws_wafv2_web_acl: {
    text: 'name arn id scope description title',
    int8: 'capacity',
    jsonb: 'associated_resources default_action rules tags akas',
  },
  aws_acm_certificate: {
    text: 'certificate_arn domain_name issuer status key_algorithm renewal_eligibility type title',
    timestamptz: 'created_at issued_at not_before not_after',
    jsonb: 'in_use_by subject_alternative_names tags akas',
  },
  aws_route53_zone: {
    text: 'name id comment title',
    bool: 'private_zone',
    int8: 'resource_record_set_count',
    jsonb: 'tags akas',
  },
  aws_route53_record: {
    text: 'name zone_id type failover set_identifier health_check_id ttl title',
    int8: 'weight',
    jsonb: 'alias_target records akas',
  },
} as const satisfies Record<string, Columns>;
