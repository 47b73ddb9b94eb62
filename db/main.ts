// Operators' commands on the database, of `npm run db:…`, `org:…`, `user:…`, `framework:…` and `audit:…`.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { z } from 'zod';
import { dumpSchema } from './schema-dump.js';
import { migrate } from './migrate.js';
import { seedCatalogues } from './seeds/frameworks.js';
import { frameworkKey } from '../domain/frameworks/schema.js';
import { email as emailAddress } from '../domain/schema.js';
import { inWords } from '../domain/words-schema.js';
import { importFiles } from './frameworks/command.js';
import { type OrganizationVerdict, verifyOrganizations } from './audit/command.js';
import { storeOfEnvironment } from './objects/store.js';
import { hasSchema, mapSteampipe } from './orgs/steampipe.js';
import { appUrl } from './roles.js';
import { rebindUser } from './users/rebind.js';

// The AWS SDK is pinned to its last line for Node 20; its advice is not for who runs this.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const OPTIONS = {
  org: { type: 'string' },
  schema: { type: 'string' },
  role: { type: 'string' },
  email: { type: 'string' },
  profile: { type: 'string' },
  base: { type: 'string' },
  key: { type: 'string' },
} as const;

interface Given {
  database_url: string;
  file: string | undefined;
  values: Partial<Record<keyof typeof OPTIONS, string>>;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const COMMANDS: Record<string, (given: Given) => Promise<void>> = {
  async migrate({ database_url: url }) {
    const applied = await migrate(url);
    say(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`);
  },
  async seed({ database_url: url }) {
    for (const { key, changed } of await seedCatalogues(url))
      say(`${key}: ${changed ? 'written' : 'unchanged'}`);
  },
  async schema({ database_url: url }) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      say(await dumpSchema(client));
    } finally {
      await client.end();
    }
  },
  async 'org-steampipe'({ database_url: url, values }) {
    const mapping = z
      .object({
        org: z.uuid(),
        schema: z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'the name of a Postgres schema is expected'),
        role: z.string().optional(),
      })
      .parse(values, { error: inWords });
    const inventory = process.env['STEAMPIPE_DATABASE_URL'];
    if (!inventory)
      say('no inventory is configured (STEAMPIPE_DATABASE_URL): whether it has the schema is not known');
    else if (!(await hasSchema(inventory, mapping.schema).catch(inventoryAway)))
      throw new Error(`--schema: the inventory has no schema ${mapping.schema}`);
    await mapSteampipe(url, { org_id: mapping.org, schema: mapping.schema, role: mapping.role ?? null });
    say(`organization ${mapping.org} reads the Steampipe schema ${mapping.schema}`);
  },
  async 'user-rebind'({ database_url: url, values }) {
    const { email } = z.object({ email: emailAddress }).parse(values, { error: inWords });
    const organizations = await rebindUser(url, email);
    say(
      `${email} is signed out, and bound anew by the next sign-in; on the audit log of ${organizations} organizations`,
    );
  },
  async 'framework-import'({ database_url: url, file, values }) {
    const command = z
      .object({
        file: z.string('name the OSCAL file'),
        org: z.uuid(),
        profile: z.string().optional(),
        base: z.uuid().optional(),
        key: frameworkKey.optional(),
      })
      .refine(({ profile, base }) => profile === undefined || base === undefined, {
        path: ['base'],
        message: 'goes with a profile as the file, and without --profile',
      })
      .parse({ ...values, file }, { error: inWords });
    const { id, key, version, control_count } = await importFiles(
      process.env['DATABASE_APP_URL'] ?? appUrl(url),
      command,
    );
    say(`imported ${key} ${version}: ${String(control_count)} controls, framework ${id}`);
  },
  async 'audit-verify'({ database_url: url, values }) {
    const { org } = z.object({ org: z.uuid().optional() }).parse(values, { error: inWords });
    const store = storeOfEnvironment(process.env);
    try {
      const { verdicts, tree } = await verifyOrganizations(url, store, org);
      for (const verdict of verdicts) say(verdictLine(verdict));
      if (store === undefined)
        say('no object store is configured (S3_ENDPOINT …): chains were not compared with their witnesses');
      else if (tree === undefined) say('nothing is witnessed yet');
      else
        say(`witnessed at ${tree.at}, root ${tree.root}${tree.intact ? '' : ': BROKEN, its heads changed'}`);
      if (verdicts.some(({ valid }) => !valid) || tree?.intact === false) process.exitCode = 1;
    } finally {
      store?.close();
    }
  },
};

function inventoryAway(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(`STEAMPIPE_DATABASE_URL: the inventory does not answer: ${reason}`);
}

function verdictLine({ org_id, ...verdict }: OrganizationVerdict): string {
  const { valid, entries, anchored, first_bad_seq, reason } = verdict;
  if (!valid) return `${org_id}: BROKEN at ${first_bad_seq}: ${reason}`;
  return `${org_id}: ${entries} entries, unbroken${anchored === null ? '' : `, ${anchored} of them witnessed`}`;
}

const USAGE = `usage: DATABASE_URL=… ${Object.keys(COMMANDS).join('|')} [file] [--org ID] [--schema S] [--role R] [--email E] [--profile F] [--base ID] [--key K]`;

function read(): { command: (given: Given) => Promise<void>; given: Given } {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const [name = '', file, ...more] = positionals;
  const command = COMMANDS[name];
  const database_url = process.env['DATABASE_URL'];
  if (!command || !database_url) throw new Error(USAGE);
  const extra = name === 'framework-import' ? more[0] : file;
  if (extra !== undefined) throw new Error(`${extra}: one thing too many; ${USAGE}`);
  return { command, given: { database_url, file, values } };
}

function lineOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const wrong = error.issues.map(
      ({ path: [name], message }) => `${name === 'file' ? '' : `--${String(name)}: `}${message}`,
    );
    return wrong.join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  const [first] = error.message.split('\n');
  if ('code' in error && error.code === 'ERR_INVALID_URL') return 'DATABASE_URL: is not a URL';
  if ('syscall' in error) return `DATABASE_URL: the database does not answer: ${first}`;
  return first ?? error.name;
}

// Whoever reads only the first lines has seen enough.
process.stdout.on('error', () => process.exit());
let exit_code = 2;
try {
  const { command, given } = read();
  exit_code = 1;
  await command(given);
} catch (error) {
  say(lineOf(error));
  process.exit(exit_code);
}
