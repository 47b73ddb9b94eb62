// What pg does not publish of its query: the messages that it sends, and those that it gets.
declare module 'pg/lib/query.js' {
  import type { Connection, QueryConfig, Submittable } from 'pg';

  export interface Answer {
    rows: unknown[];
  }

  export default class Query implements Submittable {
    constructor(config: QueryConfig, answered: (error: Error | null, answers: Answer | Answer[]) => void);
    submit: (connection: Connection) => void;
    requiresPreparation(): boolean;
    prepare(connection: Connection): void;
    handleDataRow(message: unknown): void;
    handleCommandComplete(message: unknown, connection: Connection): void;
    handleError(error: Error, connection: Connection): void;
  }
}

declare module 'pg/lib/utils.js' {
  const utils: {
    /** As pg binds it. */
    prepareValue(value: unknown): string | Buffer | null;
  };
  export default utils;
}
