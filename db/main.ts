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
import { mapSteampipe } from './orgs/steampipe.js';
import { appUrl } from './roles.js';
import { rebindUser } from './users/rebind.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    org: { type: 'string' },
    schema: { type: 'string' },
    role: { type: 'string' },
    email: { type: 'string' },
    profile: { type: 'string' },
    base: { type: 'string' },
    key: { type: 'string' },
  },
});

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const COMMANDS: Record<string, (database_url: string) => Promise<void>> = {
  async migrate(url) {
    const applied = await migrate(url);
    say(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`);
  },
  async seed(url) {
    for (const { key, changed } of await seedCatalogues(url))
      say(`${key}: ${changed ? 'written' : 'unchanged'}`);
  },
  async schema(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      say(await dumpSchema(client));
    } finally {
      await client.end();
    }
  },
  async 'org-steampipe'(url) {
    const mapping = z
      .object({
        org: z.uuid(),
        schema: z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'the name of a Postgres schema is expected'),
        role: z.string().optional(),
      })
      .parse(values, { error: inWords });
    await mapSteampipe(url, { org_id: mapping.org, schema: mapping.schema, role: mapping.role ?? null });
    say(`organization ${mapping.org} reads the Steampipe schema ${mapping.schema}`);
  },
  async 'user-rebind'(url) {
    const { email } = z.object({ email: emailAddress }).parse(values, { error: inWords });
    const organizations = await rebindUser(url, email);
    say(
      `${email} is signed out, and bound anew by the next sign-in; on the audit log of ${organizations} organizations`,
    );
  },
  async 'framework-import'(url) {
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
      .parse({ ...values, file: positionals[1] }, { error: inWords });
    const { id, key, version, control_count } = await importFiles(
      process.env['DATABASE_APP_URL'] ?? appUrl(url),
      command,
    );
    say(`imported ${key} ${version}: ${String(control_count)} controls, framework ${id}`);
  },
  async 'audit-verify'(url) {
    const store = storeOfEnvironment(process.env);
    try {
      const { verdicts, tree } = await verifyOrganizations(url, store, values.org);
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

function verdictLine({ org_id, ...verdict }: OrganizationVerdict): string {
  const { valid, entries, anchored, first_bad_seq, reason } = verdict;
  if (!valid) return `${org_id}: BROKEN at ${first_bad_seq}: ${reason}`;
  return `${org_id}: ${entries} entries, unbroken${anchored === null ? '' : `, ${anchored} of them witnessed`}`;
}

function lineOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('; ');
  return error instanceof Error ? error.message : String(error);
}

const command = COMMANDS[positionals[0] ?? ''];
const database_url = process.env['DATABASE_URL'];
if (!command || !database_url) {
  say(
    `usage: DATABASE_URL=… ${Object.keys(COMMANDS).join('|')} [file] [--org ID] [--schema S] [--role R] [--email E] [--profile F] [--base ID] [--key K]`,
  );
  process.exit(2);
}
try {
  await command(database_url);
} catch (error) {
  say(lineOf(error));
  process.exit(1);
}
