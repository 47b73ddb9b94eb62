// The schema as text, from the catalogues: what a reviewer reads and CI compares with db/schema.sql.
import type pg from 'pg';

const TABLES = `
  select c.oid, c.relname as name, c.relpersistence = 'u' as unlogged, c.relrowsecurity as rls,
         c.relforcerowsecurity as forced, obj_description(c.oid) as comment
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' and c.relname not like 'schema_migration%' order by 2`;
const COLUMNS = `
  select a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when a.attnotnull then ' not null' else '' end
      || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
      || coalesce('  -- ' || col_description(a.attrelid, a.attnum), '') as line
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`;
const PARTS: readonly string[] = [
  `select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint
   where conrelid = $1 and contype <> 'n' order by 1`,
  `select pg_get_indexdef(i.indexrelid) as line from pg_index i
   where i.indrelid = $1 and not exists (select from pg_constraint c where c.conindid = i.indexrelid) order by 1`,
  `select 'policy ' || polname || ' for ' || polcmd::text || ' to ' ||
      coalesce((select string_agg(rolname, ', ' order by rolname) from pg_roles where oid = any (polroles)), 'public')
      || coalesce(' using ' || pg_get_expr(polqual, polrelid), '')
      || coalesce(' with check ' || pg_get_expr(polwithcheck, polrelid), '') as line
   from pg_policy where polrelid = $1 order by 1`,
  `select pg_get_triggerdef(oid) as line from pg_trigger where tgrelid = $1 and not tgisinternal order by 1`,
  `select 'grant ' || string_agg(lower(privilege_type), ', ' order by privilege_type) || ' to ' || grantee as line
   from information_schema.role_table_grants
   where table_schema = 'public' and table_name = (select relname from pg_class where oid = $1)
     and grantee like 'grc\\_%' and grantee <> 'grc_owner' group by grantee order by 1`,
];
const FUNCTIONS = `
  select pg_get_functiondef(p.oid) as line from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = 'public' order by p.proname`;

export async function dumpSchema(client: pg.Client): Promise<string> {
  const lines: string[] = ['-- Written by `npm run db:schema`; migrations are the source.'];
  const tables = await client.query<{
    oid: number;
    name: string;
    unlogged: boolean;
    rls: boolean;
    forced: boolean;
    comment: string | null;
  }>(TABLES);
  for (const table of tables.rows) {
    lines.push('', `${table.unlogged ? 'unlogged ' : ''}table ${table.name}`);
    if (table.comment) lines.push(`  -- ${table.comment}`);
    lines.push(`  row level security: ${table.rls ? (table.forced ? 'forced' : 'enabled') : 'off'}`);
    for (const part of [COLUMNS, ...PARTS])
      lines.push(...(await read(client, part, [table.oid])).map(indent));
  }
  for (const definition of await read(client, FUNCTIONS, [])) lines.push('', definition.trimEnd());
  return lines.join('\n');
}

async function read(client: pg.Client, sql: string, bindings: unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(sql, bindings);
  return rows.map((row) => row.line);
}

function indent(line: string): string {
  return `  ${line.replace(/\s+/g, ' ')}`;
}
