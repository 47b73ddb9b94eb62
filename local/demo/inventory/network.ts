// Regions, networks and their ways out. Production's NAT gateway stands in one zone; Frankfurt still has the default
// network that AWS made, which nobody logs.
import type { Clock } from './clock.js';
import {
  ACCOUNT,
  arn,
  FRANKFURT,
  groupId,
  idOf,
  IRELAND,
  NETWORKS,
  subnetId,
  tagsOf,
  vpcId,
  zoneOf,
} from './place.js';
import type { Fleet } from './shapes.js';

const DEFAULT_NETWORK = 'default-frankfurt';

const regions = [
  [IRELAND, 'opt-in-not-required'],
  [FRANKFURT, 'opt-in-not-required'],
  ['eu-central-2', 'not-opted-in'],
  ['eu-south-1', 'not-opted-in'],
] as const;

function zones(region: string) {
  return ['a', 'b', 'c'].map((letter) => {
    const { name, zone_id } = zoneOf(region, letter);
    return {
      name,
      zone_id,
      zone_type: 'availability-zone',
      opt_in_status: 'opt-in-not-required',
      group_name: region,
      region_name: region,
    };
  });
}

const subnets = NETWORKS.flatMap(({ name: network, environment, region, cidr, subnets: parts }) =>
  parts.map(([part, letter, octet]) => {
    const id = subnetId(`${network}/${part}`);
    const zone = zoneOf(region, letter);
    return {
      subnet_id: id,
      subnet_arn: arn('ec2', region, `subnet/${id}`),
      vpc_id: vpcId(network),
      state: 'available',
      owner_id: ACCOUNT,
      availability_zone: zone.name,
      availability_zone_id: zone.zone_id,
      cidr_block: cidr.replace('0.0/16', `${octet}.0/24`),
      default_for_az: false,
      map_public_ip_on_launch: part.startsWith('public') || part.startsWith('ops'),
      available_ip_address_count: 251 - 3 * octet,
      tags: tagsOf(part, environment),
      region,
    };
  }),
);

/** Public subnets and the operators' one reach the internet by the gateway, applications by NAT, data not at all. */
function routeTables({
  name: network,
  environment,
  region,
  cidr,
  subnets: parts,
}: (typeof NETWORKS)[number]) {
  const local = { DestinationCidrBlock: cidr, GatewayId: 'local', State: 'active' };
  const gateway = { DestinationCidrBlock: '0.0.0.0/0', GatewayId: idOf('igw', network), State: 'active' };
  const nat = { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: idOf('nat', network), State: 'active' };
  const tables = [
    { name: 'public', used_by: /^(?:public|ops)/u, routes: [local, gateway] },
    { name: 'app', used_by: /^app/u, routes: [local, nat] },
    { name: 'data', used_by: /^data/u, routes: [local] },
  ];
  return tables.map(({ name, used_by, routes }) => ({
    route_table_id: idOf('rtb', `${network}/${name}`),
    vpc_id: vpcId(network),
    owner_id: ACCOUNT,
    associations: parts
      .filter(([part]) => used_by.test(part))
      .map(([part]) => ({ Main: false, SubnetId: subnetId(`${network}/${part}`) }))
      .concat(name === 'data' ? [{ Main: true, SubnetId: '' }] : []),
    routes,
    tags: tagsOf(`${network}-${name}`, environment),
    region,
  }));
}

export function network({ ago, on }: Clock) {
  return {
    aws_region: regions.map(([name, opt_in_status]) => ({ name, opt_in_status, region: name })),
    aws_availability_zone: [...zones(IRELAND), ...zones(FRANKFURT)],
    aws_vpc: [
      ...NETWORKS.map(({ name, environment, region, cidr }) => ({
        vpc_id: vpcId(name),
        arn: arn('ec2', region, `vpc/${vpcId(name)}`),
        state: 'available',
        owner_id: ACCOUNT,
        instance_tenancy: 'default',
        cidr_block: cidr,
        is_default: false,
        tags: tagsOf(name, environment),
        region,
      })),
      {
        vpc_id: vpcId(DEFAULT_NETWORK),
        arn: arn('ec2', FRANKFURT, `vpc/${vpcId(DEFAULT_NETWORK)}`),
        state: 'available',
        owner_id: ACCOUNT,
        instance_tenancy: 'default',
        cidr_block: '172.31.0.0/16',
        is_default: true,
        region: FRANKFURT,
      },
    ],
    aws_vpc_subnet: subnets,
    aws_vpc_route_table: NETWORKS.flatMap(routeTables),
    aws_vpc_nat_gateway: NETWORKS.map(({ name, environment, region }) => ({
      nat_gateway_id: idOf('nat', name),
      arn: arn('ec2', region, `natgateway/${idOf('nat', name)}`),
      state: 'available',
      vpc_id: vpcId(name),
      subnet_id: subnetId(`${name}/public-a`),
      create_time: ago(620),
      tags: tagsOf(`${name}-nat`, environment),
      region,
    })),
    aws_vpc_endpoint: ['secretsmanager', 'kms', 'logs'].map((service) => ({
      vpc_endpoint_id: idOf('vpce', service),
      service_name: `com.amazonaws.${IRELAND}.${service}`,
      owner_id: ACCOUNT,
      vpc_id: vpcId('prod'),
      vpc_endpoint_type: 'Interface',
      state: 'available',
      private_dns_enabled: true,
      creation_timestamp: ago(540),
      subnet_ids: [subnetId('prod/data-a'), subnetId('prod/data-b')],
      route_table_ids: [],
      groups: [{ GroupId: groupId('prod/data'), GroupName: 'data' }],
      tags: tagsOf(service, 'production'),
      region: IRELAND,
    })),
    aws_vpc_flow_log: NETWORKS.map(({ name, environment, region }) => ({
      flow_log_id: idOf('fl', name),
      deliver_logs_status: 'SUCCESS',
      flow_log_status: 'ACTIVE',
      resource_id: vpcId(name),
      traffic_type: 'ALL',
      log_destination_type: 's3',
      log_destination: 'arn:aws:s3:::northwind-logs/vpc-flow/',
      max_aggregation_interval: 600,
      creation_time: name === 'standby' ? on('2026-03-16') : ago(700),
      tags: tagsOf(`${name}-flow`, environment),
      region,
    })),
  } satisfies Partial<Fleet>;
}
