// Writes the inventory into a database of its own and lets one role read it: what Steampipe is for a real cloud.
import pg from 'pg';
import { roleUrl } from '../../../db/roles.js';
import { withClient } from '../../postgres/databases.js';
import { fleetAt } from './fleet.js';
import { ACCOUNT } from './place.js';
import { SHAPES, type TableName } from './shapes.js';
import type { Columns } from './table.js';

/** As the connection of Steampipe's AWS plugin is called, and with it the schema. */
const SCHEMA = 'aws';

/** A name that no real Steampipe has: a mapping to the demo cannot open another cloud when the address is changed. */
const READER = 'demo_inventory_reader';

export const DEMO_INVENTORY = { schema: SCHEMA, role: READER } as const;

export interface FilledInventory {
  /** For the product: reads, and nothing else. */
  reader_url: string;
  tables: number;
  rows: number;
}

const TYPES = ['text', 'bool', 'int8', 'float8', 'timestamptz', 'inet', 'cidr', 'jsonb'] as const;

/** On every table, filled by the loader. The zones of a region have no account and no region of their own. */
const ADDED = { text: 'sp_connection_name', jsonb: '_ctx sp_ctx' } as const satisfies Columns;
const PLACE = { text: 'partition region account_id' } as const satisfies Columns;
const WITHOUT_PLACE: readonly TableName[] = ['aws_availability_zone'];

type Row = Readonly<Record<string, unknown>>;

/**
 * Replaces all tables by those of this version, in one transaction. Dates are counted from `now` of the first filling,
 * kept with the schema, so that restarts do not move them.
 *
 * @param url of the inventory's own database, as a role that may create roles
 */
export async function fillInventory(url: string, now = new Date()): Promise<FilledInventory> {
  const reader_url = roleUrl(url, READER);
  return withClient(url, async (client) => {
    await client.query('begin');
    const since = await filledSince(client, now);
    await client.query(`drop schema if exists ${SCHEMA} cascade; create schema ${SCHEMA}`);
    await client.query(`comment on schema ${SCHEMA} is ${pg.escapeLiteral(since.toISOString())}`);
    const tables = Object.entries(fleetAt(since)).map(([name, rows]) => ({
      name: tableName(name),
      rows: rows satisfies readonly object[],
    }));
    let written = 0;
    for (const { name, rows } of tables) {
      const columns = columnsOf(name);
      await client.query(createTable(name, columns));
      const known = new Set(columns.map(([column]) => column));
      const completed = rows.map((row) => complete(name, known, { ...row }));
      await client.query(
        `insert into ${qualified(name)} select * from jsonb_populate_recordset(null::${qualified(name)}, $1)`,
        [JSON.stringify(completed)],
      );
      written += rows.length;
    }
    await letRead(client, reader_url);
    await client.query('commit');
    return { reader_url, tables: tables.length, rows: written };
  });
}

async function filledSince(client: pg.Client, now: Date): Promise<Date> {
  const { rows } = await client.query<{ since: string | null }>(
    `select obj_description(oid, 'pg_namespace') as since from pg_namespace where nspname = $1`,
    [SCHEMA],
  );
  const before = new Date(rows[0]?.since ?? Number.NaN);
  return Number.isNaN(before.getTime()) ? now : before;
}

function tableName(name: string): TableName {
  if (!isTable(name)) throw new Error(`the inventory has no table ${name}`);
  return name;
}

function isTable(name: string): name is TableName {
  return Object.hasOwn(SHAPES, name);
}

function qualified(name: TableName): string {
  return `${SCHEMA}.${name}`;
}

function columnsOf(name: TableName): readonly (readonly [string, string])[] {
  const parts: readonly Columns[] = [SHAPES[name], ...(WITHOUT_PLACE.includes(name) ? [] : [PLACE]), ADDED];
  return parts.flatMap((part) =>
    TYPES.flatMap((type) => (part[type]?.split(' ') ?? []).map((column) => [column, type] as const)),
  );
}

function createTable(name: TableName, columns: readonly (readonly [string, string])[]): string {
  const lines = columns.map(([column, type]) => `${pg.escapeIdentifier(column)} ${type}`);
  return `create table ${qualified(name)} (${lines.join(', ')})`;
}

/** Adds what every row has, as the plugin does: its place, its title and the names it is also known by. */
function complete(name: TableName, known: ReadonlySet<string>, row: Row): Row {
  const strange = Object.keys(row).filter((column) => !known.has(column));
  if (strange.length > 0) throw new Error(`${name} has no column ${strange.join(', ')}`);
  if (known.has('region') && typeof row['region'] !== 'string')
    throw new Error(`a row of ${name} has no region`);
  const { arn } = row;
  return {
    partition: 'aws',
    account_id: ACCOUNT,
    title: row['name'] ?? nameTag(row['tags']),
    ...(typeof arn === 'string' && { akas: [arn] }),
    ...row,
    sp_connection_name: SCHEMA,
    _ctx: { connection_name: SCHEMA },
    sp_ctx: { connection_name: SCHEMA },
  };
}

function nameTag(tags: unknown): string | null {
  if (typeof tags !== 'object' || tags === null || !('Name' in tags)) return null;
  return typeof tags.Name === 'string' ? tags.Name : null;
}

/** The reader's tables are found with and without their schema; it may write nothing, not even a temporary table. */
async function letRead(client: pg.Client, reader_url: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select quote_ident(current_database()) as name');
  const database = rows[0]?.name ?? '';
  const password = pg.escapeLiteral(decodeURIComponent(new URL(reader_url).password));
  await client.query(`do $$ begin
      create role ${READER} nologin nosuperuser nocreatedb nocreaterole nobypassrls;
    exception when duplicate_object or unique_violation then null; end $$`);
  await client.query(`
    alter role ${READER} login password ${password};
    alter role ${READER} in database ${database} set search_path = ${SCHEMA};
    alter role ${READER} in database ${database} set default_transaction_read_only = on;
    alter role ${READER} in database ${database} set statement_timeout = '60s';
    alter role ${READER} in database ${database} set idle_in_transaction_session_timeout = '60s';
    revoke all on database ${database} from public;
    revoke all on schema public from public;
    grant connect on database ${database} to ${READER};
    grant usage on schema ${SCHEMA} to ${READER};
    grant select on all tables in schema ${SCHEMA} to ${READER}`);
}
