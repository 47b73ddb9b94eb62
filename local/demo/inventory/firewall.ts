// Security groups and their rules. Two are open that the network standard forbids, both known by ticket: the bastion's
// (PLAT-2291) and the Kibana test group's (PLAT-2304).
import { ACCOUNT, arn, FRANKFURT, groupId, idOf, IRELAND, tagsOf, vpcId, type Environment } from './place.js';
import type { Fleet } from './shapes.js';

const ANYWHERE = '0.0.0.0/0';

interface Rule {
  ports: readonly [number, number] | 'all';
  /** An address block, or the name of a group of the same network. */
  peer: string;
  note?: string;
}

interface Group {
  network: string;
  name: string;
  environment: Environment;
  region: string;
  note: string;
  inbound: readonly Rule[];
  outbound: readonly Rule[];
}

const OUT: readonly Rule[] = [{ ports: 'all', peer: ANYWHERE }];
const AS_AWS_MAKES_IT: Pick<Group, 'note' | 'inbound'> = {
  note: 'default VPC security group',
  inbound: [{ ports: 'all', peer: 'default' }],
};

const port = (number: number): readonly [number, number] => [number, number];

function edge(network: string, environment: Environment, region: string): readonly Group[] {
  const common = { network, environment, region };
  return [
    { ...common, name: 'default', note: 'default VPC security group', inbound: [], outbound: [] },
    {
      ...common,
      name: 'edge-web',
      note: 'public load balancers',
      inbound: [
        { ports: port(443), peer: ANYWHERE },
        { ports: port(80), peer: ANYWHERE, note: 'answers a redirect' },
      ],
      outbound: [{ ports: port(8080), peer: 'app' }],
    },
    {
      ...common,
      name: 'app',
      note: 'containers, workers, functions',
      inbound: [{ ports: port(8080), peer: 'edge-web' }],
      outbound: OUT,
    },
    {
      ...common,
      name: 'data',
      note: 'databases, caches, endpoints',
      inbound: [
        { ports: port(5432), peer: 'app' },
        { ports: port(6379), peer: 'app' },
        { ports: port(443), peer: 'app' },
        { ports: port(2049), peer: 'app' },
      ],
      outbound: [],
    },
  ];
}

const production = { network: 'prod', environment: 'production', region: IRELAND } as const;
const staging = { network: 'staging', environment: 'staging', region: IRELAND } as const;

const groups: readonly Group[] = [
  ...edge('prod', 'production', IRELAND),
  ...edge('standby', 'standby', FRANKFURT),
  {
    ...production,
    name: 'bastion',
    note: 'way in for operators, to be removed',
    inbound: [{ ports: port(22), peer: ANYWHERE, note: 'PLAT-2291' }],
    outbound: OUT,
  },
  {
    ...production,
    name: 'runners',
    note: 'build runners',
    inbound: [{ ports: port(22), peer: 'bastion' }],
    outbound: OUT,
  },
  {
    ...production,
    name: 'legacy-sftp',
    note: 'files of banks until migration',
    inbound: [
      { ports: port(22), peer: '198.51.100.0/25', note: 'bank' },
      { ports: port(22), peer: '203.0.113.64/27', note: 'bank' },
    ],
    outbound: OUT,
  },
  {
    ...production,
    name: 'tools',
    note: 'metabase and search',
    inbound: [
      { ports: port(3000), peer: '10.20.30.0/24' },
      { ports: port(9200), peer: 'app' },
    ],
    outbound: OUT,
  },
  { ...staging, name: 'default', ...AS_AWS_MAKES_IT, outbound: OUT },
  {
    ...staging,
    name: 'staging-app',
    note: 'containers of staging',
    inbound: [{ ports: port(8080), peer: '10.40.0.0/16' }],
    outbound: OUT,
  },
  {
    ...staging,
    name: 'kibana-test',
    note: 'trial of log search',
    inbound: [
      { ports: port(5601), peer: ANYWHERE, note: 'PLAT-2304' },
      { ports: port(9200), peer: ANYWHERE, note: 'PLAT-2304' },
    ],
    outbound: OUT,
  },
  {
    network: 'default-frankfurt',
    environment: 'standby',
    region: FRANKFURT,
    name: 'default',
    ...AS_AWS_MAKES_IT,
    outbound: OUT,
  },
];

/** As the EC2 API tells them; a rule for everything has no ports. */
function permission(group: Group, rule: Rule) {
  const block = rule.peer.includes('/');
  return {
    IpProtocol: rule.ports === 'all' ? '-1' : 'tcp',
    FromPort: rule.ports === 'all' ? null : rule.ports[0],
    ToPort: rule.ports === 'all' ? null : rule.ports[1],
    IpRanges: block ? [{ CidrIp: rule.peer, Description: rule.note ?? null }] : [],
    UserIdGroupPairs: block ? [] : [{ GroupId: groupId(`${group.network}/${rule.peer}`), UserId: ACCOUNT }],
  };
}

function ruleRow(group: Group, rule: Rule, is_egress: boolean) {
  const id = idOf('sgr', [group.network, group.name, is_egress, rule.ports, rule.peer].join('/'));
  const block = rule.peer.includes('/');
  return {
    security_group_rule_id: id,
    group_id: groupId(`${group.network}/${group.name}`),
    group_owner_id: ACCOUNT,
    type: is_egress ? 'egress' : 'ingress',
    is_egress,
    description: rule.note ?? null,
    ip_protocol: rule.ports === 'all' ? '-1' : 'tcp',
    from_port: rule.ports === 'all' ? -1 : rule.ports[0],
    to_port: rule.ports === 'all' ? -1 : rule.ports[1],
    cidr_ipv4: block ? rule.peer : null,
    referenced_group_id: block ? null : groupId(`${group.network}/${rule.peer}`),
    title: id,
    akas: [arn('ec2', group.region, `security-group-rule/${id}`)],
    region: group.region,
  };
}

export function firewall() {
  return {
    aws_vpc_security_group: groups.map((group) => {
      const id = groupId(`${group.network}/${group.name}`);
      return {
        group_name: group.name,
        group_id: id,
        arn: arn('ec2', group.region, `security-group/${id}`),
        description: group.note,
        vpc_id: vpcId(group.network),
        owner_id: ACCOUNT,
        title: group.name,
        ip_permissions: group.inbound.map((rule) => permission(group, rule)),
        ip_permissions_egress: group.outbound.map((rule) => permission(group, rule)),
        tags: tagsOf(group.name, group.environment),
        region: group.region,
      };
    }),
    aws_vpc_security_group_rule: groups.flatMap((group) => [
      ...group.inbound.map((rule) => ruleRow(group, rule, false)),
      ...group.outbound.map((rule) => ruleRow(group, rule, true)),
    ]),
  } satisfies Partial<Fleet>;
}
