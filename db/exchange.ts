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

/** Prepared on every connection when it is opened. */
export const ENTER = {
  name: 'enter',
  text: `select set_config('app.org_id', $1, true), set_config('app.user_id', $2, true),
    set_config('transaction_read_only', 'on', true)`,
  values: ['', ''],
};

/** What a connection holds by the names that are given here; others are pg's own. */
const held = new WeakMap<Connection, Set<string>>();

function heldBy(connection: Connection): Set<string> {
  const names = held.get(connection) ?? new Set();
  held.set(connection, names);
  return names;
}

/**
 * Without BEGIN, a transaction is what lies before a Sync. So the settings of who is asking end with the statements,
 * whatever becomes of them, and none is run whose settings or predecessors fail.
 */
class Exchange extends Query {
  readonly #asking: Asking | undefined;
  readonly #statements: readonly { text: string; values: (string | Buffer | null)[]; name: string }[];
  /** Named for the first time: not held if something fails. */
  readonly #fresh: string[] = [];
  #connection: Connection | undefined;
  #entered: boolean;

  constructor(
    asking: Asking | undefined,
    statements: readonly Statement[],
    answered: (error: Error | null, answers: Answer | Answer[]) => void,
  ) {
    super({ text: 'several' }, answered);
    this.#asking = asking;
    this.#entered = asking === undefined;
    this.#statements = statements.map(({ sql, bindings = [] }) => {
      const { name } = prepared(sql, bindings);
      const values = bindings.map((value) => utils.prepareValue(value));
      return { text: sql, values, name: name === undefined ? '' : `together_${name}` };
    });
  }

  /** Also where nothing is bound: the other protocol knows no settings that travel with a statement. */
  override requiresPreparation(): boolean {
    return true;
  }

  override prepare(connection: Connection): void {
    this.#connection = connection;
    const names = heldBy(connection);
    if (this.#asking) {
      const { org_id, user_id } = this.#asking;
      connection.bind({ statement: ENTER.name, values: [org_id, user_id] }, true);
      connection.execute({}, true);
    }
    for (const { text, values, name } of this.#statements) {
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
      connection.describe({ type: 'P' }, true);
      connection.execute({}, true);
    }
    connection.sync();
  }

  override handleDataRow(message: unknown): void {
    if (this.#entered) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.#entered) super.handleCommandComplete(message, connection);
    this.#entered = true;
  }

  override handleError(error: Error, connection: Connection): void {
    if (this.#connection) for (const name of this.#fresh) heldBy(this.#connection).delete(name);
    super.handleError(error, connection);
  }
}

/**
 * One after the other, each on what is committed by then, as if they were sent one by one.
 * @param asking undefined within a transaction, which has said it already
 */
export async function exchange(
  connection: Client,
  asking: Asking | undefined,
  statements: readonly Statement[],
): Promise<Answer[]> {
  if (statements.length === 0) return [];
  return await new Promise((resolve, reject) => {
    connection.query(
      new Exchange(asking, statements, (error, answers) =>
        error ? reject(error) : resolve(Array.isArray(answers) ? answers : [answers]),
      ),
    );
  });
}
