// One run of schemathesis against a running API, and what it reports.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../../local/tools/command.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { contractPython } from '../support/tools/python.js';
import type { Seeds } from './seeds.js';

export interface FuzzOptions {
  url: string;
  /** Undefined: nobody is signed in. */
  caller: { role: string; token: string } | undefined;
  /** The rate limit is on: any answer may be a 429. */
  limited?: boolean;
  seeds: Seeds;
  phases: readonly ('examples' | 'coverage' | 'fuzzing' | 'stateful')[];
  max_examples: number;
  /** Chains of calls along the links. */
  max_chains: number;
}

const report = z.object({
  exit_code: z.number(),
  complete: z.boolean(),
  operations: z.object({ total: z.number(), tested: z.number(), errored: z.number() }),
  failures: z.array(z.unknown()),
  errors: z.array(z.unknown()),
  warnings: z.record(z.string(), z.array(z.unknown())),
  test_cases: z.object({ generated: z.number() }),
});
export type FuzzReport = z.infer<typeof report> & { output: string };

const document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        security: z.array(z.unknown()),
        'x-roles': z.array(z.string()).optional(),
      }),
    ),
  ),
});
export type ApiDocument = z.infer<typeof document>;

export async function fetchDocument(url: string): Promise<ApiDocument> {
  return document.parse(await (await fetch(`${url}/api/v1/openapi.json`)).json());
}

const python = (): Promise<string> =>
  contractPython({ tools_dir: defaultToolsDir(process.env), env: process.env, progress: () => undefined });

const RUN_LIMIT_MS = 4 * 3_600_000;

/** Runs a module of the contract tools to its end. */
export async function runTool(args: string[], cwd: string, env: Record<string, string> = {}) {
  return await runCommand(await python(), args, {
    cwd,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', COLUMNS: '160', ...env },
    timeout_ms: RUN_LIMIT_MS,
  });
}

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const folder = mkdtempSync(join(tmpdir(), 'grc-fuzz-'));
  try {
    writeFileSync(join(folder, 'seeds.json'), JSON.stringify(options.seeds));
    writeFileSync(join(folder, 'st.toml'), configOf(options, await fetchDocument(options.url)));
    const args = ['-m', 'schemathesis.cli', '--config-file', 'st.toml', 'run', '--seed', '1'];
    args.push('--phases', options.phases.join(','), '--max-examples', String(options.max_examples));
    args.push('--report', 'json', '--report-json-path', 'report.json', `${options.url}/api/v1/openapi.json`);
    const { output } = await runTool(args, folder, {
      GRC_SEEDS: join(folder, 'seeds.json'),
      GRC_TOKEN: options.caller?.token ?? '',
      PYTHONPATH: import.meta.dirname,
    });
    const text = readFileSync(join(folder, 'report.json'), 'utf8');
    return { ...report.parse(JSON.parse(text)), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FAILING = ['validation_mismatch', 'missing_test_data', 'missing_deserializer', 'unused_openapi_auth'];
/** What data that breaks the document may get: never a 403, never a 5xx. */
const REFUSED = ['400', '401', '404', '405', '413', '415', '422'];
const ACCEPTED = ['2xx', '302', '404', '409', '429'];

function configOf({ caller, limited = false, max_chains }: FuzzOptions, { paths }: ApiDocument): string {
  const closed = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ security, 'x-roles': roles }) =>
      caller === undefined ? security.length > 0 : roles !== undefined && !roles.includes(caller.role),
    )
    .map(({ operationId }) => operationId);
  // where somebody has no business, that is the answer, whatever the data
  const status = caller === undefined ? '401' : '403';
  const over = limited ? ['429'] : [];
  return [
    'continue-on-failure = true',
    'max-stream-events = 1',
    'request-timeout = 60',
    'hooks = "hooks"',
    '[warnings]',
    `fail-on = ${list([...FAILING, 'missing_auth', 'unmatched_filter'])}`,
    '[phases.stateful.generation]',
    `max-examples = ${String(max_chains)}`,
    ...(caller === undefined ? [] : ['[auth.openapi.bearer]', 'bearer = "${GRC_TOKEN}"']),
    ...checks('', ACCEPTED, [...REFUSED, ...over]),
    ...(closed.length === 0
      ? []
      : [
          '[[operations]]',
          `include-operation-id = ${list(closed)}`,
          `warnings = { fail-on = ${list(FAILING)} }`,
          ...checks('operations.', [status, '404', ...over], [...REFUSED, status, ...over]),
        ]),
  ].join('\n');
}

function checks(prefix: string, accepted: readonly string[], refused: readonly string[]): string[] {
  return [
    `[${prefix}checks.positive_data_acceptance]`,
    `expected-statuses = ${list(accepted)}`,
    `[${prefix}checks.negative_data_rejection]`,
    `expected-statuses = ${list(refused)}`,
  ];
}

function list(values: readonly string[]): string {
  return JSON.stringify(values);
}
