// The dev server as a child, and where its program comes from.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../local/ports.js';
import { isAlive } from '../../local/process.js';
import { startTemporal } from '../../local/temporal/server.js';
import { cachedProgram, defaultToolsDir, type ToolsOptions } from '../../local/tools/folder.js';
import { temporalCli } from '../../local/tools/temporal-cli.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grc-temporal-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the Temporal dev server', () => {
  it('starts again on its database after kill -9, also on another port', async () => {
    const program = await temporalCli({
      tools_dir: defaultToolsDir(process.env),
      env: process.env,
      progress: () => undefined,
    });
    const dbFile = join(dir, 'temporal.db');
    const uiPort = await freePort();
    const codecEndpoint = 'http://localhost:8000/api/v1/codec';
    const first = await startTemporal({ program, dbFile, port: await freePort(), uiPort, codecEndpoint });
    const settings = await fetch(`http://127.0.0.1:${String(uiPort)}/api/v1/settings`);
    expect(await settings.json()).toMatchObject({ Codec: { Endpoint: codecEndpoint } });
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const port = await freePort();
    const second = await startTemporal({ program, dbFile, port });
    await expect(startTemporal({ program, dbFile: join(dir, 'other.db'), port })).rejects.toThrow(
      `Port ${String(port)} is taken. Free it, or set TEMPORAL_PORT`,
    );
    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
  });
});

describe('the program of the Temporal server', () => {
  const program = (path: string, text = 'echo temporal version 1.5.1 "(Server 1.29.1)"'): string => {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const options = (env: NodeJS.ProcessEnv): ToolsOptions => ({
    tools_dir: join(dir, 'tools'),
    env,
    progress: () => undefined,
  });

  it('is the one that TEMPORAL_CLI names, else the one on the PATH, else the cached one', async () => {
    for (const folder of ['bin', 'tools']) mkdirSync(join(dir, folder));
    const named = program(join(dir, 'named'));
    const on_path = program(join(dir, 'bin', 'temporal'));
    const cached = program(join(dir, 'tools', 'temporal'));
    const PATH = `${join(dir, 'bin')}:/bin`;
    expect(await temporalCli(options({ TEMPORAL_CLI: named, PATH }))).toBe(named);
    expect(await temporalCli(options({ PATH }))).toBe(on_path);
    program(on_path, 'echo something else of that name');
    expect(await temporalCli(options({ PATH }))).toBe(cached);
  });

  it('is refused in one line when TEMPORAL_CLI is not a program', async () => {
    await expect(temporalCli(options({ TEMPORAL_CLI: join(dir, 'none') }))).rejects.toThrow(
      /^TEMPORAL_CLI is /,
    );
  });
});

describe('a cached program', () => {
  it('is made once by many at once, and a failed or killed build does not count', async () => {
    const options: ToolsOptions = { tools_dir: join(dir, 'tools'), env: {}, progress: () => undefined };
    let built = 0;
    const make = async (folder: string): Promise<void> => {
      built += 1;
      writeFileSync(join(folder, 'tool'), 'x', { mode: 0o755 });
      await Promise.resolve();
    };
    const failing = cachedProgram(options, 'tool', (folder) => {
      writeFileSync(join(folder, 'tool'), 'half', { mode: 0o755 });
      return Promise.reject(new Error('broken'));
    });
    await expect(failing).rejects.toThrow('broken');
    mkdirSync(join(dir, 'tools', '.tool.partial-killed'));
    writeFileSync(join(dir, 'tools', '.tool.lock'), '999999999 never\n');
    await Promise.all(Array.from({ length: 3 }, () => cachedProgram(options, 'tool', make)));
    expect(built).toBe(1);
    expect(readdirSync(join(dir, 'tools'))).toEqual(['tool']);
  });
});
