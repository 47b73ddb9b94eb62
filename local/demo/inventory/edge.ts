// Load balancers, their certificates and names. The one in Frankfurt was built quickly: no web application firewall,
// and a certificate that nobody renews.
import type { Clock } from './clock.js';
import {
  arn,
  FRANKFURT,
  groupId,
  IRELAND,
  subnetId,
  tagsOf,
  uuidOf,
  vpcId,
  zoneOf,
  type Environment,
} from './place.js';
import type { Fleet } from './shapes.js';

const MODERN_TLS = 'ELBSecurityPolicy-TLS13-1-2-2021-06';
const OLD_TLS = 'ELBSecurityPolicy-2016-08';
const DOMAIN = 'demo.example';

interface Balancer {
  name: string;
  service: string;
  environment: Environment;
  region: string;
  network: string;
  group: string;
  public: boolean;
  subnets: readonly string[];
  tls: string | null;
  certificate: string | null;
  /** Private address of each target; none: nothing runs there now. */
  targets: readonly string[];
}

const balancers: readonly Balancer[] = [
  ...(['web', 'api'] as const).map((service, index) => ({
    name: `${service}-prod`,
    service,
    environment: 'production' as const,
    region: IRELAND,
    network: 'prod',
    group: 'prod/edge-web',
    public: true,
    subnets: ['public-a', 'public-b'],
    tls: MODERN_TLS,
    certificate: 'services',
    targets: [`10.20.10.1${index}0`, `10.20.11.1${index}0`],
  })),
  {
    name: 'internal-tools',
    service: 'reporting',
    environment: 'production',
    region: IRELAND,
    network: 'prod',
    group: 'prod/tools',
    public: false,
    subnets: ['app-a', 'app-b'],
    tls: OLD_TLS,
    certificate: 'tools',
    targets: ['10.20.10.40'],
  },
  {
    name: 'web-standby',
    service: 'web',
    environment: 'standby',
    region: FRANKFURT,
    network: 'standby',
    group: 'standby/edge-web',
    public: true,
    subnets: ['public-a', 'public-b'],
    tls: MODERN_TLS,
    certificate: 'standby',
    targets: ['10.30.10.100'],
  },
  {
    name: 'web-staging',
    service: 'web',
    environment: 'staging',
    region: IRELAND,
    network: 'staging',
    group: 'staging/staging-app',
    public: false,
    subnets: ['app-a', 'app-b'],
    tls: null,
    certificate: null,
    targets: ['10.40.10.20'],
  },
];

const resourceOf = ({ name }: Balancer): string =>
  `app/${name}/${uuidOf(name).replaceAll('-', '').slice(0, 16)}`;
const balancerArn = (balancer: Balancer): string =>
  arn('elasticloadbalancing', balancer.region, `loadbalancer/${resourceOf(balancer)}`);
const listenerArn = (balancer: Balancer, port: number): string =>
  arn('elasticloadbalancing', balancer.region, `listener/${resourceOf(balancer)}/${port}`);
const dnsName = ({ name, region }: Balancer): string =>
  `${name}-${uuidOf(name).slice(0, 8)}.${region}.elb.amazonaws.com`;
const certificateArn = (region: string, name: string): string =>
  arn('acm', region, `certificate/${uuidOf(`certificate/${name}`)}`);

/** @param name of a load balancer, as `web-prod` */
export function targetGroupArn(region: string, name: string): string {
  return arn('elasticloadbalancing', region, `targetgroup/${name}/${uuidOf(name).slice(-16, -4)}`);
}

export const BALANCERS: readonly { name: string; region: string; resource: string }[] = balancers.map(
  (balancer) => ({ name: balancer.name, region: balancer.region, resource: resourceOf(balancer) }),
);

function listeners(balancer: Balancer) {
  const forward = { Type: 'forward', TargetGroupArn: targetGroupArn(balancer.region, balancer.name) };
  const redirect = {
    Type: 'redirect',
    RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
  };
  const row = (port: number, protocol: string, action: unknown) => ({
    arn: listenerArn(balancer, port),
    load_balancer_arn: balancerArn(balancer),
    protocol,
    port,
    ssl_policy: protocol === 'HTTPS' ? balancer.tls : null,
    certificates:
      balancer.certificate === null || protocol === 'HTTP'
        ? []
        : [{ CertificateArn: certificateArn(balancer.region, balancer.certificate) }],
    default_actions: [action],
    title: `${balancer.name}:${port}`,
    region: balancer.region,
  });
  if (balancer.certificate === null) return [row(80, 'HTTP', forward)];
  const encrypted = row(443, 'HTTPS', forward);
  return balancer.public ? [encrypted, row(80, 'HTTP', redirect)] : [encrypted];
}

function certificate(name: string, region: string, domain: string, dates: { from: string; to: string }) {
  const users = balancers.filter((balancer) => balancer.certificate === name).map(balancerArn);
  return {
    certificate_arn: certificateArn(region, name),
    domain_name: domain,
    issuer: 'Amazon',
    status: 'ISSUED',
    key_algorithm: 'RSA-2048',
    renewal_eligibility: name === 'standby' ? 'INELIGIBLE' : 'ELIGIBLE',
    type: name === 'standby' ? 'IMPORTED' : 'AMAZON_ISSUED',
    created_at: dates.from,
    issued_at: dates.from,
    not_before: dates.from,
    not_after: dates.to,
    in_use_by: users,
    subject_alternative_names: [domain],
    title: domain,
    akas: [certificateArn(region, name)],
    region,
  };
}

function alias(name: string, balancer: Balancer | undefined) {
  return {
    name: `${name}.${DOMAIN}.`,
    zone_id: 'Z0NORTHWIND01',
    type: 'A',
    alias_target: balancer && { DNSName: `dualstack.${dnsName(balancer)}.`, EvaluateTargetHealth: true },
    title: `${name}.${DOMAIN}.`,
    region: 'global',
  };
}

export function edge({ ago, on }: Clock) {
  const firewall_name = 'northwind-edge';
  const firewall_id = uuidOf(firewall_name);
  return {
    aws_ec2_application_load_balancer: balancers.map((balancer) => ({
      name: balancer.name,
      arn: balancerArn(balancer),
      type: 'application',
      scheme: balancer.public ? 'internet-facing' : 'internal',
      vpc_id: vpcId(balancer.network),
      dns_name: dnsName(balancer),
      ip_address_type: 'ipv4',
      state_code: 'active',
      created_time: balancer.environment === 'standby' ? on('2026-03-12') : ago(690),
      availability_zones: balancer.subnets.map((subnet) => ({
        ZoneName: zoneOf(balancer.region, subnet.slice(-1)).name,
        SubnetId: subnetId(`${balancer.network}/${subnet}`),
      })),
      security_groups: [groupId(balancer.group)],
      load_balancer_attributes: [{ Key: 'deletion_protection.enabled', Value: String(balancer.public) }],
      tags: tagsOf(balancer.name, balancer.environment, { service: balancer.service }),
      region: balancer.region,
    })),
    aws_ec2_load_balancer_listener: balancers.flatMap(listeners),
    aws_ec2_target_group: balancers.map((balancer) => ({
      target_group_name: balancer.name,
      target_group_arn: targetGroupArn(balancer.region, balancer.name),
      target_type: 'ip',
      vpc_id: vpcId(balancer.network),
      protocol: 'HTTP',
      port: 8080,
      health_check_path: '/healthz',
      healthy_threshold_count: 3,
      load_balancer_arns: [balancerArn(balancer)],
      target_health_descriptions: balancer.targets.map((address, index) => ({
        Target: { Id: address, Port: 8080, AvailabilityZone: `${balancer.region}${index === 0 ? 'a' : 'b'}` },
        TargetHealth: { State: 'healthy' },
      })),
      title: balancer.name,
      akas: [targetGroupArn(balancer.region, balancer.name)],
      tags: tagsOf(balancer.name, balancer.environment, { service: balancer.service }),
      region: balancer.region,
    })),
    aws_wafv2_web_acl: [
      {
        name: firewall_name,
        arn: arn('wafv2', IRELAND, `regional/webacl/${firewall_name}/${firewall_id}`),
        id: firewall_id,
        scope: 'REGIONAL',
        description: 'managed rules and rate limits',
        capacity: 930,
        associated_resources: balancers
          .filter((balancer) => balancer.public && balancer.region === IRELAND)
          .map(balancerArn),
        default_action: { Allow: {} },
        rules: ['common', 'known-bad-inputs', 'sql-injection', 'rate'].map((Name) => ({ Name })),
        tags: tagsOf(firewall_name, 'production'),
        region: IRELAND,
      },
    ],
    aws_acm_certificate: [
      certificate('services', IRELAND, `*.${DOMAIN}`, { from: on('2026-08-31'), to: ago(-279) }),
      certificate('tools', IRELAND, `*.tools.${DOMAIN}`, { from: ago(130), to: ago(-235) }),
      certificate('standby', FRANKFURT, `*.${DOMAIN}`, { from: on('2026-03-12'), to: ago(-17) }),
      certificate('old-vpn', IRELAND, `vpn.${DOMAIN}`, { from: ago(500), to: ago(135) }),
    ],
    aws_route53_zone: [
      {
        name: `${DOMAIN}.`,
        id: 'Z0NORTHWIND01',
        comment: 'customers and tools',
        private_zone: false,
        resource_record_set_count: 3,
        akas: [`arn:aws:route53:::hostedzone/Z0NORTHWIND01`],
        region: 'global',
      },
    ],
    aws_route53_record: [
      alias('app', balancers[0]),
      alias('api', balancers[1]),
      {
        name: `sftp.${DOMAIN}.`,
        zone_id: 'Z0NORTHWIND01',
        type: 'A',
        ttl: '60',
        records: ['203.0.113.31'],
        title: `sftp.${DOMAIN}.`,
        region: 'global',
      },
    ],
  } satisfies Partial<Fleet>;
}
