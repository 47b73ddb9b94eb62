// A policy engine of its own for a test that ends it, and questions to ask.
import { join } from 'node:path';
import type { PolicyQuestion } from '../../domain/policies/rules.js';
import { opaProgram } from '../../local/tools/opa.js';
import { startOpa, type OpaServer } from '../../local/opa/server.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { makeThrowaway } from '../support/throwaway.js';

export interface OwnOpa {
  url: string;
  kill(): Promise<void>;
  /** On the same socket, knowing nothing of what the one before knew. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnOpa(): Promise<OwnOpa> {
  const program = await opaProgram({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const folder = makeThrowaway();
  const start = (): Promise<OpaServer> =>
    startOpa({ program, socket: join(folder.dir, 'opa.sock'), log_file: join(folder.dir, 'opa.log') });
  let server = folder.keep(await start());
  return {
    url: server.url,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    async startAgain() {
      server = folder.keep(await start());
    },
    stop: () => folder.remove(),
  };
}

export function question(
  org: string,
  step: Partial<PolicyQuestion['step']> = {},
  dry_run = false,
): PolicyQuestion {
  return {
    org,
    actor: org,
    incident: { id: org, category: 'malicious_code', severity: 'high', phase: 'containment' },
    playbook: { id: 'ransomware', revision: 1, sha256: 'b'.repeat(64) },
    step: {
      id: 'action--1',
      type: 'action',
      action: 'http',
      risk_class: 'reversible',
      args: { targets: ['https://edr.example'] },
      args_hash: 'a'.repeat(64),
      ...step,
    },
    dry_run,
    rate: { same_step: 0, disruptive: 0 },
    time: { at: '2026-11-26T10:00:00Z', weekday: 4, hour: 10 },
  };
}
