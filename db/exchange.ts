// Statements that travel to Postgres together, and whose answers come back together: one round trip for all of them.
import type { Client, Connection } from 'pg';
import Query, { type Answer } from 'pg/lib/query.js';
import utils from 'pg/lib/utils.js';
import { prepared } from './prepared.js';

export interface Statement {
  sql: string;
  bindings?: readonly unknown[] | undefined;
}

/** Who is asking; '' for nobody. */
export interface Asking {
  org_id: string;
  user_id: string;
}

const ENTER = `select set_config('app.org_id', $1, true), set_config('app.user_id', $2, true)`;

export function entering({ org_id, user_id }: Asking): Statement {
  return { sql: ENTER, bindings: [org_id, user_id] };
}

export function enteringToRead({ org_id, user_id }: Asking): Statement {
  return { sql: `${ENTER}, set_config('transaction_read_only', 'on', true)`, bindings: [org_id, user_id] };
}

/** What a connection holds by name. */
const held = new WeakMap<Connection, Set<string>>();

function heldBy(connection: Connection): Set<string> {
  const names = held.get(connection) ?? new Set();
  held.set(connection, names);
  return names;
}

/**
 * Without BEGIN, a transaction is what lies before a Sync. So settings of who is asking end with the statements, whatever
 * becomes of them, and none is run whose settings or predecessors fail.
 */
class Exchange extends Query {
  readonly #statements: readonly { text: string; values: (string | Buffer | null)[]; name: string }[];
  /** How many of the first ones nobody waits for. */
  #unasked: number;
  /** Named for the first time: not held if something fails. */
  readonly #fresh: string[] = [];
  #connection: Connection | undefined;

  constructor(
    unasked: readonly Statement[],
    asked: readonly Statement[],
    answered: (error: Error | null, answers: Answer | Answer[]) => void,
  ) {
    super({ text: 'several' }, answered);
    this.#unasked = unasked.length;
    this.#statements = [...unasked, ...asked].map(({ sql, bindings = [] }) => {
      const { name = '' } = prepared(sql, bindings);
      return { text: sql, values: bindings.map((value) => utils.prepareValue(value)), name };
    });
  }

  /** Also where nothing is bound: the other protocol takes no parameters. */
  override requiresPreparation(): boolean {
    return true;
  }

  override prepare(connection: Connection): void {
    this.#connection = connection;
    const names = heldBy(connection);
    for (const [index, { text, values, name }] of this.#statements.entries()) {
      if (!names.has(name)) {
        if (name !== '') {
          // after a failure nobody knows whether the name is taken
          connection.close({ type: 'S', name }, true);
          names.add(name);
          this.#fresh.push(name);
        }
        connection.parse({ text, name, types: [] }, true);
      }
      connection.bind({ statement: name, values }, true);
      if (index >= this.#unasked) connection.describe({ type: 'P' }, true);
      connection.execute({}, true);
    }
    connection.sync();
  }

  override handleDataRow(message: unknown): void {
    if (this.#unasked === 0) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.#unasked > 0) this.#unasked -= 1;
    else super.handleCommandComplete(message, connection);
  }

  override handleError(error: Error, connection: Connection): void {
    if (this.#connection) for (const name of this.#fresh) heldBy(this.#connection).delete(name);
    super.handleError(error, connection);
  }
}

/**
 * One after the other, each on what is committed by then, as if they were sent one by one.
 * @param unasked sent before them, for what they do: their answers are left out
 */
export async function exchange(
  connection: Client,
  unasked: readonly Statement[],
  asked: readonly Statement[],
): Promise<Answer[]> {
  if (unasked.length + asked.length === 0) return [];
  return await new Promise((resolve, reject) => {
    connection.query(
      new Exchange(unasked, asked, (error, answers) =>
        error ? reject(error) : resolve(Array.isArray(answers) ? answers : [answers]),
      ),
    );
  });
}
