// One of the workers at a time does what needs doing once. Losing the lock unnoticed does no harm: every repair is made
// under the lock of its row and may be repeated.
import pg from 'pg';

/** Any constant will do, as long as every worker takes the same one. */
const LEADER_LOCK = 7_261_002;
const ANSWER_MS = 5_000;

export interface Leadership {
  /** True when this process leads, now or from now on. Throws when the database cannot be asked. */
  hold(): Promise<boolean>;
  release(): Promise<void>;
}

/** The lock lives as long as its connection: when the process dies, another one leads. */
export function createLeadership(url: string): Leadership {
  let held: pg.Client | undefined;

  async function drop(): Promise<void> {
    const client = held;
    held = undefined;
    await client?.end().catch(() => undefined);
  }

  return {
    async hold() {
      try {
        if (held) {
          await held.query('select 1');
          return true;
        }
      } catch {
        await drop(); // the server has let go of the lock with the connection, or will
      }
      const client = new pg.Client({
        connectionString: url,
        application_name: 'grc-leader',
        connectionTimeoutMillis: ANSWER_MS,
        query_timeout: ANSWER_MS,
        keepAlive: true,
      });
      client.on('error', () => undefined); // the next question shows it
      try {
        await client.connect();
        const { rows } = await client.query<{ leads: boolean }>('select pg_try_advisory_lock($1) as leads', [
          LEADER_LOCK,
        ]);
        if (rows[0]?.leads === true) {
          held = client;
          return true;
        }
      } catch (error) {
        await client.end().catch(() => undefined);
        throw error;
      }
      await client.end();
      return false;
    },
    release: drop,
  };
}
