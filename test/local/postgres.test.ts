// The embedded Postgres, started and killed for real.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../local/ports.js';
import { withClient } from '../../local/postgres/databases.js';
import { startPostgres, type Postgres, type PostgresOptions } from '../../local/postgres/server.js';
import { isAlive } from '../../local/process.js';

describe('the embedded Postgres', () => {
  let dir: string;
  let options: PostgresOptions;
  const running: Postgres[] = [];
  const start = async (): Promise<Postgres> => {
    const postgres = await startPostgres(options);
    running.push(postgres);
    return postgres;
  };

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'grc-postgres-'));
    chmodSync(dir, 0o711);
    options = { dataDir: join(dir, 'data'), port: await freePort(), password: 'p@ss word', throwaway: true };
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((postgres) => postgres.stop()));
    rmSync(dir, { recursive: true, force: true });
  });

  it('keeps its data, and listens on loopback only, with room for 200 connections', async () => {
    const first = await start();
    await withClient(first.url('postgres'), (client) => client.query('create table kept as select 1 as x'));
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start();
    const { rows } = await withClient(second.url('postgres'), (client) =>
      client.query(
        `select x, current_setting('max_connections') as room, current_setting('listen_addresses') as at from kept`,
      ),
    );
    expect(rows).toEqual([{ x: 1, room: '200', at: '127.0.0.1' }]);
  });

  it('takes over from a server that a killed run left behind', async () => {
    const left = await start();
    const next = await start();
    expect(isAlive(left.pid)).toBe(false);
    await withClient(next.url('postgres'), (client) => client.query('select 1'));
  });

  it('starts although the lock file names a process that is somebody else by now', async () => {
    await (await start()).stop();
    writeFileSync(join(options.dataDir, 'postmaster.pid'), `${String(process.pid)}\n`);
    await start();
    expect(isAlive(process.pid)).toBe(true);
  });

  it('recovers after its own kill -9', async () => {
    const first = await start();
    await withClient(first.url('postgres'), (client) => client.query('create table kept ()'));
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await start();
    await withClient(second.url('postgres'), (client) => client.query('table kept'));
  });

  it('makes a half-made data directory anew and keeps what was there', async () => {
    await (await start()).stop();
    unlinkSync(join(options.dataDir, 'grc-complete'));
    mkdirSync(`${options.dataDir}.partial`);
    writeFileSync(join(`${options.dataDir}.partial`, 'PG_VERSION'), '18\n');
    const warnings: string[] = [];
    options = { ...options, warn: (line) => warnings.push(line) };
    await start();
    expect(warnings).toEqual([expect.stringContaining('never finished')]);
    const aside = readdirSync(dir).find((name) => name.startsWith('data.incomplete-'));
    expect(existsSync(join(dir, aside ?? 'nothing', 'PG_VERSION'))).toBe(true);
    expect(existsSync(`${options.dataDir}.partial`)).toBe(false);
  });

  it('runs below a directory that its account cannot enter', async () => {
    chmodSync(dir, 0o700);
    const postgres = await start();
    await withClient(postgres.url('postgres'), (client) => client.query('create database inside'));
  });

  it('says in one line that its port is taken, and by which variable another is chosen', async () => {
    const first = await start();
    const second = startPostgres({ ...options, dataDir: join(dir, 'other') });
    await expect(second).rejects.toThrow(
      `Port ${String(options.port)} is taken. Free it, or set POSTGRES_PORT`,
    );
    expect(isAlive(first.pid)).toBe(true);
  });
});
