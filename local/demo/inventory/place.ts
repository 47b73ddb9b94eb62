// Where everything stands: one account, production in Ireland, the warm standby in Frankfurt, staging apart.
import { createHash } from 'node:crypto';

/** AWS keeps this account for documentation. */
export const ACCOUNT = '111122223333';
export const IRELAND = 'eu-west-1';
export const FRANKFURT = 'eu-central-1';
export const COMPANY = 'northwind';

export function arn(service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
}

export function iamArn(resource: string): string {
  return arn('iam', '', resource);
}

function hexOf(name: string, length: number): string {
  return createHash('sha256').update(name).digest('hex').slice(0, length);
}

/** An id as EC2 makes them; the same name always gives the same. */
export function idOf(prefix: string, name: string): string {
  return `${prefix}-0${hexOf(`${prefix}/${name}`, 16)}`;
}

export function uuidOf(name: string): string {
  const hex = hexOf(name, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** An id as IAM makes them: a prefix of four letters, then capitals and digits. */
export function iamId(prefix: string, name: string): string {
  return `${prefix}${hexOf(name, 16).toUpperCase()}`;
}

export type Environment = 'production' | 'standby' | 'staging';

export function tagsOf(
  name: string,
  environment: Environment,
  more: { service?: string; data_class?: string; backup?: 'daily' } = {},
): Record<string, string> {
  return { Name: name, environment, ...more };
}

interface Network {
  name: string;
  environment: Environment;
  region: string;
  cidr: string;
  /** Subnet, zone letter, third octet. */
  subnets: readonly (readonly [string, 'a' | 'b', number])[];
}

export const NETWORKS: readonly Network[] = [
  {
    name: 'prod',
    environment: 'production',
    region: IRELAND,
    cidr: '10.20.0.0/16',
    subnets: [
      ['public-a', 'a', 0],
      ['public-b', 'b', 1],
      ['app-a', 'a', 10],
      ['app-b', 'b', 11],
      ['data-a', 'a', 20],
      ['data-b', 'b', 21],
      ['ops-a', 'a', 30],
    ],
  },
  {
    name: 'standby',
    environment: 'standby',
    region: FRANKFURT,
    cidr: '10.30.0.0/16',
    subnets: [
      ['public-a', 'a', 0],
      ['public-b', 'b', 1],
      ['app-a', 'a', 10],
      ['app-b', 'b', 11],
      ['data-a', 'a', 20],
      ['data-b', 'b', 21],
    ],
  },
  {
    name: 'staging',
    environment: 'staging',
    region: IRELAND,
    cidr: '10.40.0.0/16',
    subnets: [
      ['public-a', 'a', 0],
      ['app-a', 'a', 10],
      ['app-b', 'b', 11],
    ],
  },
];

export function vpcId(network: string): string {
  return idOf('vpc', network);
}

/** @param name network and subnet, as in `prod/app-a` */
export function subnetId(name: string): string {
  return idOf('subnet', name);
}

export function groupId(name: string): string {
  return idOf('sg', name);
}

export function zoneOf(region: string, letter: string): { name: string; zone_id: string } {
  const short = region === IRELAND ? 'euw1' : 'euc1';
  return { name: `${region}${letter}`, zone_id: `${short}-az${letter === 'a' ? 1 : letter === 'b' ? 2 : 3}` };
}

export function keyArn(region: string, alias: string): string {
  return arn('kms', region, `key/${uuidOf(`key/${region}/${alias}`)}`);
}
