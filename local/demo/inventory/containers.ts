// Services and their images. The repositories in Frankfurt were made by replication, which
// does not take the scanning along.
import type { Clock } from './clock.js';
import { targetGroupArn } from './edge.js';
import { ACCOUNT, arn, FRANKFURT, groupId, iamArn, IRELAND, keyArn, subnetId, tagsOf } from './place.js';
import type { Fleet } from './shapes.js';

interface Service {
  name: string;
  desired: number;
  running: number;
  rolls_back: boolean;
  revision: number;
  secrets: readonly string[];
  balancer?: string;
}

const production: readonly Service[] = [
  {
    name: 'web',
    desired: 6,
    running: 6,
    rolls_back: true,
    revision: 412,
    secrets: ['session-signing'],
    balancer: 'web-prod',
  },
  {
    name: 'api',
    desired: 6,
    running: 6,
    rolls_back: true,
    revision: 388,
    secrets: ['ledger-db'],
    balancer: 'api-prod',
  },
  {
    name: 'ledger-worker',
    desired: 4,
    running: 4,
    rolls_back: true,
    revision: 301,
    secrets: ['ledger-db', 'paylink-mtls'],
  },
  {
    name: 'bank-feeds',
    desired: 4,
    running: 4,
    rolls_back: false,
    revision: 219,
    secrets: ['bankfeeds-db', 'bank-tokens'],
  },
  {
    name: 'reporting',
    desired: 2,
    running: 2,
    rolls_back: true,
    revision: 97,
    secrets: ['reporting-db'],
    balancer: 'internal-tools',
  },
];

const standby: readonly Service[] = production.slice(0, 3).map(({ name, rolls_back, revision, secrets }) => {
  const tasks = name === 'ledger-worker' ? 0 : 1;
  const balancer = name === 'web' ? { balancer: 'web-standby' } : {};
  return { name, rolls_back, revision, secrets, desired: tasks, running: tasks, ...balancer };
});

const clusters = [
  { name: 'prod', region: IRELAND, environment: 'production', services: production },
  { name: 'standby', region: FRANKFURT, environment: 'standby', services: standby },
] as const;

const clusterArn = (region: string, name: string): string => arn('ecs', region, `cluster/${name}`);
const taskArn = (region: string, { name, revision }: Service): string =>
  arn('ecs', region, `task-definition/${name}:${revision}`);

export const SERVICES: readonly { cluster: string; region: string; name: string }[] = clusters.flatMap(
  ({ name: cluster, region, services }) => services.map(({ name }) => ({ cluster, region, name })),
);

function ecsService(cluster: (typeof clusters)[number], service: Service, since: string) {
  const { region } = cluster;
  return {
    service_name: service.name,
    arn: arn('ecs', region, `service/${cluster.name}/${service.name}`),
    status: 'ACTIVE',
    cluster_arn: clusterArn(region, cluster.name),
    task_definition: taskArn(region, service),
    deployment_controller_type: 'ECS',
    launch_type: 'FARGATE',
    enable_execute_command: service.name === 'bank-feeds',
    desired_count: service.desired,
    running_count: service.running,
    pending_count: service.desired - service.running,
    created_at: since,
    deployment_configuration: {
      DeploymentCircuitBreaker: { Enable: service.rolls_back, Rollback: service.rolls_back },
      MaximumPercent: 200,
      MinimumHealthyPercent: 100,
    },
    load_balancers:
      service.balancer === undefined
        ? []
        : [
            {
              TargetGroupArn: targetGroupArn(region, service.balancer),
              ContainerName: service.name,
              ContainerPort: 8080,
            },
          ],
    network_configuration: {
      AwsvpcConfiguration: {
        Subnets: [subnetId(`${cluster.name}/app-a`), subnetId(`${cluster.name}/app-b`)],
        SecurityGroups: [groupId(`${cluster.name}/app`)],
        AssignPublicIp: 'DISABLED',
      },
    },
    title: service.name,
    tags: tagsOf(service.name, cluster.environment, { service: service.name }),
    region,
  };
}

function taskDefinition(region: string, environment: 'production' | 'standby', service: Service) {
  return {
    task_definition_arn: taskArn(region, service),
    family: service.name,
    status: 'ACTIVE',
    execution_role_arn: iamArn('role/ecs-execution'),
    task_role_arn: iamArn(`role/task-${service.name}`),
    network_mode: 'awsvpc',
    revision: service.revision,
    cpu: 1024,
    memory: 2048,
    container_definitions: [
      {
        Name: service.name,
        Image: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com/${service.name}:${service.revision}`,
        Secrets: service.secrets.map((secret) => ({
          Name: secret.toUpperCase().replaceAll('-', '_'),
          ValueFrom: arn('secretsmanager', region, `secret:prod/${secret}`),
        })),
      },
    ],
    requires_compatibilities: ['FARGATE'],
    title: `${service.name}:${service.revision}`,
    akas: [taskArn(region, service)],
    tags: tagsOf(service.name, environment, { service: service.name }),
    region,
  };
}

function repository(name: string, region: string, created_at: string) {
  const by_hand = region === IRELAND;
  return {
    repository_name: name,
    registry_id: ACCOUNT,
    arn: arn('ecr', region, `repository/${name}`),
    repository_uri: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com/${name}`,
    image_tag_mutability: 'IMMUTABLE',
    created_at,
    encryption_configuration: by_hand
      ? { EncryptionType: 'KMS', KmsKey: keyArn(IRELAND, 'data') }
      : { EncryptionType: 'AES256' },
    image_scanning_configuration: { ScanOnPush: by_hand && name !== 'reporting' },
    title: name,
    region,
  };
}

export function containers({ ago, on }: Clock) {
  const images = ['web', 'api', 'ledger-worker', 'bank-feeds', 'reporting'];
  return {
    aws_ecs_cluster: clusters.map(({ name, region, environment, services }) => ({
      cluster_arn: clusterArn(region, name),
      cluster_name: name,
      status: 'ACTIVE',
      active_services_count: services.length,
      running_tasks_count: services.reduce((sum, service) => sum + service.running, 0),
      pending_tasks_count: services.reduce((sum, service) => sum + service.desired - service.running, 0),
      capacity_providers: ['FARGATE'],
      settings: [{ Name: 'containerInsights', Value: 'enabled' }],
      title: name,
      akas: [clusterArn(region, name)],
      tags: tagsOf(name, environment),
      region,
    })),
    aws_ecs_service: clusters.flatMap((cluster) =>
      cluster.services.map((service) =>
        ecsService(cluster, service, cluster.name === 'prod' ? ago(690) : on('2026-03-14')),
      ),
    ),
    aws_ecs_task_definition: clusters.flatMap(({ region, environment, services }) =>
      services.map((service) => taskDefinition(region, environment, service)),
    ),
    aws_ecr_repository: [
      ...images.map((name) => repository(name, IRELAND, ago(700))),
      ...images.map((name) => repository(name, FRANKFURT, on('2026-03-10'))),
    ],
  } satisfies Partial<Fleet>;
}
