// What automated commands do. Each may come twice after a crash; where that would matter, a key goes along, or nothing
// is tried again.
import { createHash } from 'node:crypto';
import { ApplicationFailure, Context } from '@temporalio/activity';
import canonicalize from 'canonicalize';
import { pick } from '../../domain/playbooks/variables.js';
import { OUTCOME_UNKNOWN } from '../../domain/playbooks/rules.js';
import { findSteampipe } from '../../db/orgs/steampipe.js';
import { getIncident } from '../../db/incidents/repository.js';
import { tellMessage } from '../../db/notifications/create.js';
import { insertSnapshot, snapshotOf } from '../../db/playbooks/snapshot.js';
import { openTask } from '../../db/playbooks/tasks.js';
import { withTenant } from '../../db/tenancy.js';
import { beating } from '../assessments/heartbeat.js';
import { EgressError } from '../egress/http.js';
import type { PlaybookDeps } from './deps.js';
import type { CommandInput, CommandOutcome, PlaybookActivities } from './types.js';

/** What may be behind a 5xx or 429 is over soon, or not at all. */
const TRY_AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Of the answer's JSON; more is no result but a document. */
const ANSWER_LENGTH = 262_144;

type Commands = Pick<PlaybookActivities, 'runPlaybookHttp' | 'runPlaybookQuery' | 'runPlaybookCommand'>;

export function createCommands(deps: PlaybookDeps): Commands {
  return {
    runPlaybookHttp: (input) => beatingOn((signal) => callHttp(deps, input, signal)),
    runPlaybookQuery: (input) => beatingOn((signal) => query(deps, input, signal)),
    runPlaybookCommand: (input) => run(deps, input),
  };
}

async function beatingOn(work: (signal: AbortSignal) => Promise<CommandOutcome>): Promise<CommandOutcome> {
  const signal = Context.current().cancellationSignal;
  return await beating(
    () => ({}),
    () => work(signal),
  );
}

/** The same for every attempt: whoever is called can tell a repetition. */
function keyOf({ run_id, step_id, iteration, index, target }: CommandInput): string {
  return createHash('sha256').update([run_id, step_id, iteration, index, target].join('/')).digest('hex');
}

async function callHttp(
  { egress }: PlaybookDeps,
  input: CommandInput,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const { command, target, idempotent, results } = input;
  if (command.action !== 'http' || target === null) throw new Error('not a call');
  try {
    const answer = await egress.call(
      {
        method: methodOf(command.method),
        url: target + command.path,
        headers: { ...command.headers, 'idempotency-key': keyOf(input) },
        ...(command.body === null ? {} : { body: command.body }),
      },
      signal,
    );
    if (TRY_AGAIN.has(answer.status) && idempotent)
      throw ApplicationFailure.retryable(`answered ${answer.status}`, 'HTTP_STATUS');
    const sha256 = createHash('sha256').update(answer.body).digest('hex');
    const ok = answer.status >= 200 && answer.status < 300;
    const json = ok ? jsonOf(answer.body) : undefined;
    return {
      ok,
      words: `${command.method} ${new URL(target).host} answered ${answer.status}, sha256 ${sha256}`,
      outputs: pickAll(results, json),
    };
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    // never left this machine: that much is known
    if (error.reason === 'refused_address')
      return { ok: false, words: 'the address is refused', outputs: {} };
    if (idempotent) throw ApplicationFailure.retryable(error.reason, 'EGRESS');
    throw ApplicationFailure.nonRetryable(`no answer (${error.reason})`, OUTCOME_UNKNOWN);
  }
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;

function methodOf(name: string): (typeof METHODS)[number] {
  const method = METHODS.find((each) => each === name);
  if (!method) throw ApplicationFailure.nonRetryable(`unknown method ${name}`, 'VALIDATION_ERROR');
  return method;
}

function jsonOf(body: string): unknown {
  if (body.length > ANSWER_LENGTH) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function pickAll(results: CommandInput['results'], answer: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, path]) => {
      const value = pick(answer, path);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function query(
  { db, inventory }: PlaybookDeps,
  { tenant, command, results }: CommandInput,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  if (command.action !== 'steampipe') throw new Error('not a query');
  const mapping = await withTenant(db, tenant, (trx) => findSteampipe(trx));
  if (inventory === undefined || mapping === undefined)
    return { ok: false, words: 'no inventory is configured for the organization', outputs: {} };
  let rows;
  try {
    rows = await inventory.runCheck(mapping, command.sql, signal);
  } catch (error) {
    if (error instanceof ApplicationFailure || signal.aborted) throw error;
    return { ok: false, words: error instanceof Error ? error.message : 'the query failed', outputs: {} };
  }
  const counts: Record<string, number> = { ok: 0, alarm: 0, error: 0, info: 0, skip: 0 };
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  const sha256 = createHash('sha256')
    .update(canonicalize(rows) ?? '')
    .digest('hex');
  const alarms = rows.filter(({ status }) => status === 'alarm').map(({ resource }) => resource);
  const named = alarms.length === 0 ? '' : `: ${alarms.slice(0, 10).join(', ')}`;
  return {
    ok: true,
    words: `${rows.length} resources, ${counts['alarm'] ?? 0} in alarm${named}; rows sha256 ${sha256}`,
    outputs: pickAll(results, { counts, rows: rows.length, first: alarms[0] ?? '' }),
  };
}

async function run({ db, store, email }: PlaybookDeps, input: CommandInput): Promise<CommandOutcome> {
  const { tenant, incident_id, run_id, step_id, iteration, command } = input;
  switch (command.action) {
    case 'task': {
      const task = await withTenant(db, tenant, (trx) =>
        openTask(trx, tenant, {
          incident_id,
          run_id,
          step_id,
          iteration,
          index: input.index,
          title: command.title,
          description: command.instructions,
          ...input.task,
        }),
      );
      return { ok: true, words: `task ${task.id} created`, outputs: pickAll(input.results, { id: task.id }) };
    }
    case 'notify': {
      const { audience, message } = command;
      const told = await withTenant(db, tenant, async (trx) => {
        const incident = await getIncident(trx, incident_id);
        const key = `playbook:${keyOf(input)}`;
        return await tellMessage(trx, tenant, {
          incident,
          key,
          at: Date.now(),
          audience,
          text: message,
          email,
        });
      });
      if (told === 0)
        return { ok: false, words: 'nobody was told: neither a webhook nor e-mail is set up', outputs: {} };
      return { ok: true, words: `${String(told)} messages to ${audience.join(', ')}`, outputs: {} };
    }
    case 'evidence': {
      const snapshot = await withTenant(db, tenant, (trx) => snapshotOf(trx, incident_id, command.title));
      const body = Buffer.from(canonicalize(snapshot) ?? '');
      const hash = createHash('sha256').update(body).digest('hex');
      // its own content is its name: the same state twice is one object
      const object_key = `evidence/${tenant.org_id}/playbook/${run_id}/${hash}.json`;
      await store.put({ key: object_key, body, content_type: 'application/json' });
      const { id, sha256 } = await withTenant(db, tenant, (trx) =>
        insertSnapshot(trx, tenant, run_id, {
          filename: `${run_id}-${step_id.slice(-12)}-${iteration}-${input.index}.json`,
          size: body.byteLength,
          sha256: hash,
          object_key,
        }),
      );
      return {
        ok: true,
        words: `evidence ${id}, sha256 ${sha256}`,
        outputs: pickAll(input.results, { id, sha256 }),
      };
    }
    default:
      throw ApplicationFailure.nonRetryable(`no adapter for ${command.action}`, 'VALIDATION_ERROR');
  }
}
