// Hosts, their disks and how they are managed. search-1, search-2 and the stopped VPN host are missing in the asset
// register; the two disks of the Kibana trial are the unencrypted ones of PLAT-2107, one of them left over.
import type { Environment } from './place.js';

export interface Host {
  name: string;
  type: string;
  subnet: string;
  group: string;
  state?: 'stopped';
  public_ip?: string;
  private_ip: string;
  /** Answers to the old, tokenless metadata requests. */
  tokenless?: true;
  /** What Systems Manager says; undefined: it does not know the host. */
  agent?: 'Online' | 'ConnectionLost';
  unpatched?: readonly string[];
  since: number;
  /** Sizes in GB; the first is the root disk. */
  disks: readonly number[];
  encrypted?: false;
  backup?: 'daily';
  data_class?: string;
  environment: Environment;
}

const live = { environment: 'production', backup: 'daily', agent: 'Online' } as const;
const confidential = { data_class: 'customer-confidential' } as const;

export const hosts: readonly Host[] = [
  {
    ...live,
    name: 'bastion',
    type: 't3.small',
    subnet: 'prod/ops-a',
    group: 'prod/bastion',
    public_ip: '203.0.113.20',
    private_ip: '10.20.30.10',
    tokenless: true,
    unpatched: ['openssh-server', 'jackson-databind'],
    since: 1_460,
    disks: [20],
    data_class: 'internal',
  },
  {
    ...live,
    ...confidential,
    name: 'legacy-sftp',
    type: 't3.medium',
    subnet: 'prod/public-a',
    group: 'prod/legacy-sftp',
    public_ip: '203.0.113.31',
    private_ip: '10.20.0.31',
    tokenless: true,
    agent: 'ConnectionLost',
    unpatched: ['nginx', 'linux-kernel', 'glibc'],
    since: 1_930,
    disks: [30, 200],
  },
  {
    ...live,
    ...confidential,
    name: 'metabase',
    type: 't3.large',
    subnet: 'prod/app-a',
    group: 'prod/tools',
    private_ip: '10.20.10.40',
    unpatched: ['metabase'],
    since: 730,
    disks: [30, 60],
  },
  {
    ...live,
    name: 'runner-1',
    type: 'c6i.xlarge',
    subnet: 'prod/ops-a',
    group: 'prod/runners',
    private_ip: '10.20.30.21',
    unpatched: ['libxml2'],
    since: 410,
    disks: [100],
    data_class: 'internal',
  },
  {
    ...live,
    name: 'runner-2',
    type: 'c6i.xlarge',
    subnet: 'prod/ops-a',
    group: 'prod/runners',
    private_ip: '10.20.30.22',
    unpatched: ['openssl'],
    since: 410,
    disks: [100],
    data_class: 'internal',
  },
  {
    ...live,
    name: 'search-1',
    type: 'r6i.large',
    subnet: 'prod/app-a',
    group: 'prod/tools',
    private_ip: '10.20.10.51',
    since: 300,
    disks: [30, 250],
  },
  {
    ...live,
    name: 'search-2',
    type: 'r6i.large',
    subnet: 'prod/app-b',
    group: 'prod/tools',
    private_ip: '10.20.11.51',
    unpatched: ['metabase'],
    since: 300,
    disks: [30, 250],
  },
  {
    name: 'vpn-old',
    type: 't3.micro',
    subnet: 'prod/ops-a',
    group: 'prod/runners',
    state: 'stopped',
    private_ip: '10.20.30.5',
    since: 2_100,
    disks: [8],
    environment: 'production',
  },
  {
    name: 'kibana-test',
    type: 't3.medium',
    subnet: 'staging/public-a',
    group: 'staging/kibana-test',
    public_ip: '203.0.113.77',
    private_ip: '10.40.0.77',
    tokenless: true,
    since: 655,
    disks: [30],
    encrypted: false,
    environment: 'staging',
    data_class: 'internal',
  },
];
