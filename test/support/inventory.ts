// An inventory of a test's own: a database with the tables it needs, and a reader that may read them and nothing else.
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { withClient } from '../../local/postgres/databases.js';

export interface TestInventory {
  /** As the product asks it. */
  url: string;
  owner_url: string;
  schema: string;
  /** Changes what it says. */
  run(sql: string): Promise<void>;
  drop(): Promise<void>;
}

export async function createTestInventory(tables: string): Promise<TestInventory> {
  const admin_url = inject('postgres_admin_url');
  const name = `inventory_${randomBytes(6).toString('hex')}`;
  const role = `${name}_reader`;
  const password = randomBytes(12).toString('hex');
  await withClient(admin_url, async (client) => {
    await client.query(`create database ${name}`);
    await client.query(
      `create role ${role} login password '${password}' nosuperuser nocreatedb nocreaterole`,
    );
    await client.query(`revoke all on database ${name} from public`);
    await client.query(`grant connect on database ${name} to ${role}`);
  });
  const url = new URL(admin_url);
  url.pathname = `/${name}`;
  const owner_url = url.toString();
  const run = async (sql: string): Promise<void> => {
    await withClient(owner_url, (client) => client.query(sql));
  };
  await run(`create schema aws; ${tables};
    revoke all on schema public from public;
    grant usage on schema aws to ${role};
    grant select on all tables in schema aws to ${role}`);
  url.username = role;
  url.password = password;
  return {
    url: url.toString(),
    owner_url,
    schema: 'aws',
    run,
    async drop() {
      await withClient(admin_url, async (client) => {
        await client.query(`drop database ${name} with (force)`);
        await client.query(`drop role ${role}`);
      });
    },
  };
}
