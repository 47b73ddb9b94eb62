// May this query run? Judged on what Postgres' own parser has read, by lists of what is allowed. Pure.
import {
  FUNCTIONS,
  OPERATORS,
  RESULT_COLUMNS,
  SECRET_TABLES,
  SHAPES,
  SYSTEM_COLUMNS,
  TYPES,
  VALUE_FUNCTIONS,
} from './query-shapes.js';

/** Bytes; the longest of some hundred published queries has less than half of it. */
export const MAX_QUERY_BYTES = 8_192;
const MAX_NODES = 5_000;
const MAX_DEPTH = 60;

/** The parser's name of these operators. */
const BETWEEN = /^(NOT )?BETWEEN( SYMMETRIC)?$/;

/** Thrown by the judge and turned into a verdict at its door. */
class RefusedQuery extends Error {
  override name = 'RefusedQuery';
  readonly location: number | undefined;

  constructor(detail: string, location: number | undefined) {
    super(detail);
    this.location = location;
  }
}

export interface QueryProblem {
  detail: string;
  /** Bytes from the start; undefined for the query as a whole. */
  location: number | undefined;
}

export type QueryVerdict =
  | { ok: true; /** As named, schema first where it was given. */ tables: string[] }
  | ({ ok: false } & QueryProblem);

type Node = Readonly<Record<string, unknown>>;
type Scope = ReadonlySet<string>;

/**
 * @param statements what the parser made of the text
 * @param schemas those that the organization's queries may name
 */
export function judgeQuery(statements: readonly unknown[], schemas: readonly string[]): QueryVerdict {
  try {
    const judge = new Judge(schemas);
    judge.statements(statements);
    return { ok: true, tables: [...judge.tables].toSorted() };
  } catch (error) {
    if (!(error instanceof RefusedQuery)) throw error;
    return { ok: false, detail: error.message, location: error.location };
  }
}

/** `u.name`, before it is known what `u` is: its FROM comes later. */
interface Qualified {
  qualifier: string;
  name: string;
  location: number | undefined;
}

class Judge {
  readonly tables = new Set<string>();
  private readonly schemas: readonly string[];
  private readonly qualified: Qualified[] = [];
  /** Columns that each name of a function in FROM has for certain, wherever in the query it stands. */
  private readonly results = new Map<string, Scope>();
  private nodes = 0;
  private location: number | undefined = undefined;

  constructor(schemas: readonly string[]) {
    this.schemas = schemas;
  }

  statements(statements: readonly unknown[]): void {
    if (statements.length !== 1) this.refuse('exactly one SELECT is needed');
    const [kind, statement] = this.open(this.record(this.record(statements[0])['stmt']));
    if (kind !== 'SelectStmt') this.refuse(`only a SELECT is allowed, not ${wordsOf(kind)}`);
    this.visit(kind, statement, new Set(), 1);
    this.calls();
  }

  private refuse(detail: string): never {
    throw new RefusedQuery(detail, this.location);
  }

  private record(value: unknown): Node {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.refuse('the query cannot be understood');
    return { ...value };
  }

  /** A node is an object whose one key is its kind. */
  private open(node: Node): [string, Node] {
    const [entry, ...more] = Object.entries(node);
    if (!entry || more.length > 0) this.refuse('the query cannot be understood');
    return [entry[0], this.record(entry[1])];
  }

  private visit(kind: string, node: Node, scope: Scope, depth: number): void {
    const shape = Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
    if (typeof node['location'] === 'number') this.location = node['location'];
    if (!shape) this.refuse(`${wordsOf(kind)} is not allowed`);
    this.nodes += 1;
    if (this.nodes > MAX_NODES) this.refuse(`the query has more than ${MAX_NODES} parts`);
    if (depth > MAX_DEPTH) this.refuse(`the query is nested more than ${MAX_DEPTH} deep`);
    this.examine(kind, node, scope);
    const inner = kind === 'SelectStmt' ? this.common(node['withClause'], scope, depth + 1) : scope;
    for (const [name, value] of Object.entries(node)) {
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (field === undefined) this.refuse(`${wordsOf(name)} of ${wordsOf(kind)} is not allowed`);
      if (name !== 'withClause') this.follow(field, value, inner, depth + 1);
    }
  }

  private follow(field: string, value: unknown, scope: Scope, depth: number): void {
    if (field === 'plain') {
      if (typeof value === 'object') this.refuse('the query cannot be understood');
    } else if (field === 'node') this.visit(...this.open(this.record(value)), scope, depth);
    else if (field.startsWith(':')) this.visit(field.slice(1), this.record(value), scope, depth);
    else
      for (const item of list(value)) {
        const node = this.record(item);
        if (field === 'gaps' && Object.keys(node).length === 0) continue;
        this.visit(...this.open(node), scope, depth);
      }
  }

  /** Names of a WITH are seen by what comes after them, as Postgres sees them; never by the one before. */
  private common(withClause: unknown, scope: Scope, depth: number): Scope {
    if (withClause === undefined) return scope;
    const clause = this.record(withClause);
    if (clause['recursive'] === true) this.refuse('WITH RECURSIVE is not allowed');
    let seen = scope;
    for (const item of list(clause['ctes'])) {
      const [kind, cte] = this.open(this.record(item));
      const name = cte['ctename'];
      this.visit(kind, cte, seen, depth);
      if (typeof name !== 'string' || !isName(name)) this.refuse('a WITH has a name that is not allowed');
      const [body] = this.open(this.record(cte['ctequery']));
      if (body !== 'SelectStmt') this.refuse(`a WITH holds only a SELECT, not ${wordsOf(body)}`);
      seen = new Set([...seen, name]);
    }
    return seen;
  }

  private examine(kind: string, node: Node, scope: Scope): void {
    switch (kind) {
      case 'RangeVar':
        return this.table(node, scope);
      case 'FuncCall':
        return this.named('function', namesIn(node['funcname']), FUNCTIONS);
      case 'TypeName':
        return this.named('type', namesIn(node['names']), TYPES);
      case 'ColumnRef':
        return this.column(namesIn(node['fields']));
      case 'RangeFunction':
        return this.result(node);
      case 'A_Expr':
        return this.operator(namesIn(node['name']));
      case 'SubLink':
        return node['operName'] === undefined ? undefined : this.operator(namesIn(node['operName']));
      case 'SQLValueFunction':
        if (typeof node['op'] !== 'string' || !VALUE_FUNCTIONS.has(node['op']))
          this.refuse('only the clock may be asked for like this');
        return undefined;
      case 'A_Indirection':
        if (list(node['indirection']).some((item) => this.open(this.record(item))[0] !== 'A_Indices'))
          this.refuse('a field of a composite value is not allowed');
        return undefined;
    }
  }

  private table(node: Node, scope: Scope): void {
    const { schemaname: schema, relname: table } = node;
    if (typeof table !== 'string') this.refuse('the query cannot be understood');
    if (typeof schema !== 'string') {
      if (scope.has(table)) return;
    } else if (!this.schemas.includes(schema))
      this.refuse(`schema ${shown(schema)} is not one of the organization's inventory`);
    if (!isName(table)) this.refuse(`table ${shown(table)} is not one of an inventory`);
    if (SECRET_TABLES.has(table)) this.refuse(`table ${table} holds secrets`);
    this.tables.add(typeof schema === 'string' ? `${schema}.${table}` : table);
  }

  /** By its bare name, or in pg_catalog, where a bare name is looked for first. */
  private named(what: string, names: readonly string[], allowed: ReadonlySet<string>): void {
    const [first = '', second] = names;
    const name = second === undefined ? first : first === 'pg_catalog' && names.length === 2 ? second : '';
    if (!allowed.has(name)) this.refuse(`${what} ${shown(names.join('.'))} is not allowed`);
  }

  private operator(names: readonly string[]): void {
    const [name = '', ...more] = names;
    if (more.length > 0 || !(OPERATORS.has(name) || BETWEEN.test(name)))
      this.refuse(`operator ${shown(names.join('.'))} is not allowed`);
  }

  private column(names: readonly string[]): void {
    const name = names.at(-1) ?? '';
    const qualifier = names.at(-2);
    if (qualifier !== undefined) this.qualified.push({ qualifier, name, location: this.location });
    if (SYSTEM_COLUMNS.has(name) || name.startsWith('pg_'))
      this.refuse(`column ${shown(name)} is not allowed`);
    if (names.length > 3 || (names.length === 3 && !this.schemas.includes(names[0] ?? '')))
      this.refuse(`column ${shown(names.join('.'))} is not one of the organization's inventory`);
  }

  /** Columns are certain where the query names them; with one name twice, those that both have. */
  private result(node: Node): void {
    const { aliasname, colnames } = this.record(node['alias'] ?? {});
    const name = typeof aliasname === 'string' ? aliasname : calledIn(node['functions']);
    if (name === undefined) this.refuse('a value in FROM needs a name');
    const columns = new Set([...namesIn(colnames), ...columnsIn(node['coldeflist'])]);
    const others = this.results.get(name);
    this.results.set(name, others ? new Set([...columns].filter((column) => others.has(column))) : columns);
  }

  /**
   * Postgres takes `u.lo_import` for lo_import(u) where `u` has no such column, and a function in FROM gives `u` any
   * type. A table's row is of its own type, which only functions that compute take.
   */
  private calls(): void {
    for (const { qualifier, name, location } of this.qualified) {
      const columns = this.results.get(qualifier);
      if (!columns || columns.has(name) || RESULT_COLUMNS.has(name) || FUNCTIONS.has(name)) continue;
      this.location = location;
      const named = `${qualifier}(${name})`;
      this.refuse(`${shown(`${qualifier}.${name}`)} may be a call: name the columns, as in ${shown(named)}`);
    }
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Texts of String nodes; a star is none. */
function namesIn(value: unknown): string[] {
  return list(value).flatMap((item) => {
    const sval = inside(item, 'String')?.['sval'];
    return typeof sval === 'string' ? [sval] : [];
  });
}

/** The function whose name a FROM without an alias goes by. */
function calledIn(functions: unknown): string | undefined {
  const [called, ...more] = list(functions).flatMap((item) => list(inside(item, 'List')?.['items']));
  return more.length > 1 ? undefined : namesIn(inside(called, 'FuncCall')?.['funcname']).at(-1);
}

function columnsIn(definitions: unknown): string[] {
  return list(definitions).flatMap((item) => {
    const name = inside(item, 'ColumnDef')?.['colname'];
    return typeof name === 'string' ? [name] : [];
  });
}

/** What a node of that kind holds. */
function inside(node: unknown, kind: string): Node | undefined {
  const held: unknown = Object.entries(node ?? {}).find(([name]) => name === kind)?.[1];
  return typeof held === 'object' && held !== null ? { ...held } : undefined;
}

/** As plugins name their tables; everything of Postgres' own catalogue begins with pg_. */
function isName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,62}$/.test(name) && !name.startsWith('pg_');
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

/** `InsertStmt` → `insert`, `intoClause` → `into`, `RangeTableSample` → `range table sample`. */
/** What a person has written, where the parser's name for it is a riddle. */
const SPOKEN = new Map([
  ['ParamRef', 'a parameter such as $1'],
  ['RangeTableSample', 'TABLESAMPLE'],
  ['RangeTableFunc', 'XMLTABLE'],
]);

function wordsOf(kind: string): string {
  const spoken = SPOKEN.get(kind);
  if (spoken !== undefined) return spoken;
  return kind
    .replace(/(Stmt|Clause)$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
}
