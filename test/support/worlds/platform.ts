import { randomUUID } from 'node:crypto';
import { withTenant } from '../../../db/tenancy.js';
import { encryptedFor } from '../codec.js';
import { buildProfile } from '../factories/oscal.js';
import type { Entries, Maker, References } from './types.js';

/** One that the organization imported: built-in ones belong to nobody. */
const importedFramework: Maker = async (world, org) => {
  const framework_id = randomUUID();
  await withTenant(world.db, org.tenant, async (trx) => {
    const described = { description: '', source: '', licence_note: '' };
    await trx('framework').insert({
      id: framework_id,
      org_id: org.org_id,
      key: framework_id,
      name: 'Own',
      version: '1',
      ...described,
      groups: '[]',
      control_count: 2,
      content_hash: '',
    });
    const control = {
      org_id: org.org_id,
      framework_id,
      group: 'A',
      description: '',
      question: '',
      guidance: '',
    };
    await trx('control').insert([
      {
        ...control,
        id: randomUUID(),
        position: 0,
        ref: 'A.1',
        oscal_id: 'a.1',
        title: 'One',
        kind: 'control',
      },
      {
        ...control,
        id: randomUUID(),
        position: 1,
        ref: 'A.2',
        oscal_id: 'a.2',
        title: 'Two',
        kind: 'control',
      },
    ]);
  });
  return { framework_id };
};

const none = (): Promise<Record<string, string>> => Promise.resolve({});

export const PLATFORM: Entries = {
  'health.root': { may: 'public' },
  'health.get': { may: 'public' },
  'health.live': { may: 'public' },
  'health.ready': { may: 'public' },
  'signing.keys': { may: 'public' },
  'docs.openapi': { may: 'public' },
  'docs.page': { may: 'public' },
  'docs.asset': { may: 'public', object: () => Promise.resolve({ asset: 'swagger-ui.css' }) },
  'docs.openapi-root': { may: 'public', status: 308 },
  'docs.page-root': { may: 'public', status: 308 },
  'frameworks.list': { may: 'signed-in', object: importedFramework },
  'frameworks.get': { may: 'signed-in', object: importedFramework },
  'frameworks.controls': { may: 'signed-in', object: importedFramework },
  'frameworks.import': {
    may: 'write',
    body: async (world, org) => ({
      profile: buildProfile([{ 'include-all': {} }]),
      base: (await importedFramework(world, org))['framework_id'],
      key: `K${randomUUID().replaceAll('-', '').toUpperCase()}`,
    }),
  },
  'audit.list': { may: 'audit', object: none },
  'audit.verify': { may: 'audit' },
  // one entry stands for a minute of reading, so each call needs an organization that nobody has read yet
  'codec.decode': {
    may: 'signed-in',
    disposable: true,
    body: async (world, org) => await encryptedFor(world.db, org.org_id),
  },
};

export const PLATFORM_REFERENCES: References = {
  base: async (world, org) => (await importedFramework(world, org))['framework_id'] ?? '',
  framework_id: async (world, org) => (await importedFramework(world, org))['framework_id'] ?? '',
};
