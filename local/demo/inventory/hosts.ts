// Hosts as the cloud tells them: machine, disks, snapshots, and what Systems Manager knows.
import type { Clock } from './clock.js';
import { hosts, type Host } from './host-list.js';
import { ACCOUNT, arn, groupId, iamArn, idOf, IRELAND, keyArn, subnetId, tagsOf, vpcId } from './place.js';
import type { Fleet } from './shapes.js';

const instanceId = (host: string): string => idOf('i', host);
const volumeId = (disk: string): string => idOf('vol', disk);
const diskName = (host: Host, index: number): string => `${host.name}-${index === 0 ? 'root' : 'data'}`;
const device = (index: number): string => (index === 0 ? '/dev/xvda' : '/dev/sdf');
/** Subnets end with their zone's letter. */
const zoneName = (host: Host): string => `${IRELAND}${host.subnet.slice(-1)}`;

/** The disks that the backup plan finds by their tag. */
export const BACKED_UP_VOLUMES: readonly { id: string; name: string; size: number }[] = hosts
  .filter((host) => host.backup === 'daily')
  .flatMap((host) =>
    host.disks.map((size, index) => {
      const name = diskName(host, index);
      return { id: volumeId(name), name, size };
    }),
  );

export const HOST_IDS: readonly { name: string; id: string }[] = hosts.map(({ name }) => ({
  name,
  id: instanceId(name),
}));

function instance(host: Host, { ago }: Clock) {
  const id = instanceId(host.name);
  return {
    instance_id: id,
    arn: arn('ec2', IRELAND, `instance/${id}`),
    instance_type: host.type,
    instance_state: host.state ?? 'running',
    image_id: idOf('ami', host.type),
    key_name: host.agent === undefined ? 'ops-2021' : null,
    iam_instance_profile_arn: host.agent === undefined ? null : iamArn('instance-profile/managed-host'),
    placement_availability_zone: zoneName(host),
    private_dns_name: `ip-${host.private_ip.replaceAll('.', '-')}.${IRELAND}.compute.internal`,
    subnet_id: subnetId(host.subnet),
    vpc_id: vpcId(host.subnet.split('/')[0] ?? ''),
    disable_api_termination: false,
    ebs_optimized: true,
    private_ip_address: host.private_ip,
    public_ip_address: host.public_ip ?? null,
    launch_time: ago(host.since),
    block_device_mappings: host.disks.map((_, index) => ({
      DeviceName: device(index),
      Ebs: {
        VolumeId: volumeId(diskName(host, index)),
        Status: 'attached',
        DeleteOnTermination: index === 0,
      },
    })),
    metadata_options: {
      HttpEndpoint: 'enabled',
      HttpTokens: host.tokenless === true ? 'optional' : 'required',
      HttpPutResponseHopLimit: 1,
      State: 'applied',
    },
    security_groups: [{ GroupId: groupId(host.group), GroupName: host.group.split('/')[1] }],
    title: host.name,
    tags: hostTags(host, host.name),
    region: IRELAND,
  };
}

function hostTags({ environment, data_class, backup }: Host, name: string): Record<string, string> {
  return tagsOf(name, environment, { ...(data_class && { data_class }), ...(backup && { backup }) });
}

function volumes(host: Host, { ago }: Clock) {
  return host.disks.map((size, index) => {
    const name = diskName(host, index);
    const encrypted = host.encrypted !== false;
    return {
      volume_id: volumeId(name),
      arn: arn('ec2', IRELAND, `volume/${volumeId(name)}`),
      volume_type: 'gp3',
      state: 'in-use',
      availability_zone: zoneName(host),
      encrypted,
      kms_key_id: encrypted ? keyArn(IRELAND, 'ebs') : null,
      size,
      iops: 3000,
      create_time: ago(host.since),
      attachments: [{ InstanceId: instanceId(host.name), Device: device(index), State: 'attached' }],
      tags: hostTags(host, name),
      region: IRELAND,
    };
  });
}

function managed(host: Host, { ago }: Clock) {
  return {
    name: host.name,
    instance_id: instanceId(host.name),
    arn: arn('ssm', IRELAND, `managed-instance/${instanceId(host.name)}`),
    resource_type: 'EC2Instance',
    ping_status: host.agent ?? null,
    agent_version: '3.3.1142.0',
    computer_name: host.name,
    platform_name: 'Debian GNU/Linux',
    platform_type: 'Linux',
    platform_version: '12',
    ip_address: host.private_ip,
    is_latest_version: host.agent === 'Online',
    last_ping_date_time: ago(host.agent === 'Online' ? 0.002 : 19),
    registration_date: ago(host.since),
    region: IRELAND,
  };
}

function patches(host: Host, { ago }: Clock) {
  const items = ['base-system', ...(host.unpatched ?? [])];
  return items.map((item) => ({
    id: item,
    name: item,
    resource_id: instanceId(host.name),
    status: item === 'base-system' ? 'COMPLIANT' : 'NON_COMPLIANT',
    compliance_type: 'Patch',
    resource_type: 'ManagedInstance',
    severity: item === 'base-system' ? 'UNSPECIFIED' : 'CRITICAL',
    execution_summary: { ExecutionTime: ago(host.agent === 'Online' ? 1 : 19), ExecutionType: 'Command' },
    akas: [arn('ssm', IRELAND, `managed-instance/${instanceId(host.name)}/compliance-item/${item}`)],
    region: IRELAND,
  }));
}

export function compute(clock: Clock) {
  const known = hosts.filter((host) => host.agent !== undefined);
  const left_over = 'kibana-test-data';
  return {
    aws_ec2_instance: hosts.map((host) => instance(host, clock)),
    aws_ebs_volume: [
      ...hosts.flatMap((host) => volumes(host, clock)),
      {
        volume_id: volumeId(left_over),
        arn: arn('ec2', IRELAND, `volume/${volumeId(left_over)}`),
        volume_type: 'gp2',
        state: 'available',
        availability_zone: `${IRELAND}a`,
        encrypted: false,
        size: 120,
        iops: 360,
        create_time: clock.ago(655),
        attachments: [],
        tags: tagsOf(left_over, 'staging'),
        region: IRELAND,
      },
    ],
    aws_ebs_snapshot: BACKED_UP_VOLUMES.map(({ id, name, size }) => {
      const snapshot_id = idOf('snap', name);
      return {
        snapshot_id,
        arn: arn('ec2', IRELAND, `snapshot/${snapshot_id}`),
        state: 'completed',
        volume_id: id,
        description: 'This snapshot is created by the AWS Backup service.',
        owner_id: ACCOUNT,
        kms_key_id: keyArn(IRELAND, 'ebs'),
        encrypted: true,
        volume_size: size,
        start_time: clock.ago(0.9),
        create_volume_permissions: [],
        tags: tagsOf(name, 'production'),
        region: IRELAND,
      };
    }),
    aws_ssm_managed_instance: known.map((host) => managed(host, clock)),
    aws_ssm_managed_instance_compliance: known.flatMap((host) => patches(host, clock)),
  } satisfies Partial<Fleet>;
}
