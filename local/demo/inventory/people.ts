// IAM users: those of the access review of the third quarter. Four have left the company and can still sign in.
import type { Clock } from './clock.js';
import { ACCOUNT, iamArn, iamId } from './place.js';
import type { Fleet } from './shapes.js';

type Group = 'administrators' | 'power-users' | 'readers';

interface Person {
  name: string;
  group: Group;
  /** Days since the last sign-in; for those who left, the date of the review. */
  seen: number | string;
  mfa: boolean;
}

interface Key {
  user: string;
  /** Days since it was made, or the date. */
  made: number | string;
  used: number | string;
  service: string;
  active: boolean;
}

const admins = ['marek.dvorak', 'amara.okafor', 'tomas.herrera', 'kofi.mensah'];
const power = [
  'nadia.brandt',
  'felix.boateng',
  'marta.santos',
  'maud.hendriks',
  'solveig.hoffmann',
  'mateus.ferrari',
];
const readers = [
  'dev.raman',
  'oskar.wijnen',
  'yusuf.karaca',
  'emil.devries',
  'aino.nwosu',
  'wei.wang',
  'maud.devries',
  'leyla.haddad',
  'ondrej.costa',
  'fleur.becker',
  'javier.nwosu',
  'efua.patel',
];
const programs = ['svc-deploy', 'svc-backup', 'svc-metabase', 'svc-legacy-sftp'];

const employed = (group: Group, names: readonly string[], first: number): Person[] =>
  names.map((name, index) => ({ name, group, seen: first + 3 * index, mfa: true }));

const people: readonly Person[] = [
  ...employed('administrators', admins, 1),
  ...employed('power-users', power, 2),
  ...employed('readers', readers, 4),
  { name: 'pim.degraaf', group: 'readers', seen: '2026-02-22', mfa: false },
  { name: 'anouk.lammers', group: 'readers', seen: '2026-06-15', mfa: false },
  { name: 'rik.janssens', group: 'power-users', seen: '2026-02-27', mfa: true },
  { name: 'joris.okkerse', group: 'power-users', seen: '2026-02-02', mfa: false },
];

const keys: readonly Key[] = [
  { user: 'svc-deploy', made: 48, used: 0.1, service: 'ecs', active: true },
  { user: 'svc-backup', made: 71, used: 0.4, service: 'backup', active: true },
  { user: 'svc-metabase', made: 33, used: 0.2, service: 'athena', active: true },
  // The access review of 8 October found it 214 days old; it was to be changed and was not.
  { user: 'svc-legacy-sftp', made: '2026-03-08', used: 0.3, service: 's3', active: true },
  { user: 'rik.janssens', made: '2024-09-10', used: '2025-11-24', service: 'ec2', active: true },
  { user: 'nadia.brandt', made: 40, used: 6, service: 's3', active: true },
  { user: 'tomas.herrera', made: 400, used: 200, service: 'iam', active: false },
];

const POLICIES: Record<Group, string> = {
  administrators: 'arn:aws:iam::aws:policy/AdministratorAccess',
  'power-users': 'arn:aws:iam::aws:policy/PowerUserAccess',
  readers: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
};

export const USER_COUNT = people.length + programs.length;
export const MFA_COUNT = people.filter(({ mfa }) => mfa).length;

const userArn = (name: string): string => iamArn(`user/${name}`);

function moment({ ago, on }: Clock, when: number | string): string {
  return typeof when === 'number' ? ago(when) : on(when);
}

function reportRow(name: string, person: Person | undefined, clock: Clock) {
  const key = keys.find(({ user }) => user === name);
  return {
    user_name: name,
    user_arn: userArn(name),
    user_creation_time: clock.ago(1_500),
    generated_time: clock.ago(0.1),
    mfa_active: person?.mfa ?? false,
    password_enabled: person !== undefined,
    password_status: person === undefined ? 'not_supported' : 'enabled',
    password_last_changed: person === undefined ? null : clock.ago(320),
    password_last_used: person === undefined ? null : moment(clock, person.seen),
    access_key_1_active: key?.active ?? false,
    access_key_1_last_rotated: key ? moment(clock, key.made) : null,
    access_key_1_last_used_date: key ? moment(clock, key.used) : null,
    access_key_1_last_used_service: key?.service ?? null,
    access_key_2_active: false,
    cert_1_active: false,
    cert_2_active: false,
    region: 'global',
  };
}

function userRow(name: string, person: Person | undefined, clock: Clock) {
  return {
    name,
    user_id: iamId('AIDA', name),
    path: '/',
    arn: userArn(name),
    mfa_enabled: person?.mfa ?? false,
    create_date: clock.ago(1_500),
    password_last_used: person === undefined ? null : moment(clock, person.seen),
    attached_policy_arns: person ? [] : [iamArn(`policy/${name.slice(4)}`)],
    groups: person
      ? [{ GroupName: person.group, Arn: iamArn(`group/${person.group}`), Policy: POLICIES[person.group] }]
      : [],
    mfa_devices: person?.mfa ? [{ UserName: name, SerialNumber: iamArn(`mfa/${name}`) }] : [],
    region: 'global',
  };
}

export function users(clock: Clock) {
  const all = [
    ...people.map((person) => [person.name, person] as const),
    ...programs.map((name) => [name, undefined] as const),
  ];
  return {
    aws_iam_user: all.map(([name, person]) => userRow(name, person, clock)),
    aws_iam_credential_report: [
      {
        user_name: '<root_account>',
        user_arn: `arn:aws:iam::${ACCOUNT}:root`,
        user_creation_time: clock.ago(3_900),
        generated_time: clock.ago(0.1),
        mfa_active: true,
        password_enabled: true,
        password_status: 'enabled',
        password_last_used: clock.ago(410),
        access_key_1_active: false,
        access_key_2_active: false,
        cert_1_active: false,
        cert_2_active: false,
        region: 'global',
      },
      ...all.map(([name, person]) => reportRow(name, person, clock)),
    ],
    aws_iam_access_key: keys.map(({ user, made, used, service, active }) => ({
      access_key_id: iamId('AKIA', user),
      user_name: user,
      status: active ? 'Active' : 'Inactive',
      create_date: moment(clock, made),
      access_key_last_used_date: moment(clock, used),
      access_key_last_used_service: service,
      access_key_last_used_region: 'eu-west-1',
      title: iamId('AKIA', user),
      akas: [`${userArn(user)}/accesskey/${iamId('AKIA', user)}`],
      region: 'global',
    })),
  } satisfies Partial<Fleet>;
}
