// SQLSTATE and constraint → what the caller is told. The only place that reads database errors.
import { DomainError } from '../domain/errors.js';

const CONSTRAINTS: Record<string, () => DomainError> = {
  org_domain: () =>
    new DomainError('CONFLICT', 'another organization already uses this domain', { field: 'domain' }),
  framework_key: () =>
    new DomainError('CONFLICT', 'this version of the framework is there already', { field: 'key' }),
  execution_live: () => new DomainError('CONFLICT', 'the assessment is already being executed'),
  assessment_framework_visible: () =>
    new DomainError('VALIDATION_ERROR', 'no such framework', { field: 'framework_id' }),
  finding_org_id_owner_id_fkey: () =>
    new DomainError('VALIDATION_ERROR', 'no such user in this organization', { field: 'owner_id' }),
  risk_control_visible: () =>
    new DomainError('VALIDATION_ERROR', 'no such control', { field: 'control_refs' }),
  org_key_org_id_fkey: () => new DomainError('NOT_FOUND', 'there is no organization with this id'),
  steampipe_mapping_org_id_fkey: () => new DomainError('NOT_FOUND', 'there is no organization with this id'),
};

/** The database is there but cannot serve now; the same request may succeed in a moment. */
const UNAVAILABLE = /^(08|53|57P|40P01|55P03|57014|25006|28)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENOTFOUND']);

// In pg's words, which have no code; knex puts the statement before them.
const NO_ANSWER = [
  'Query read timeout',
  'Connection terminated',
  'Connection terminated unexpectedly',
  'timeout expired',
];
const NOT_QUERYABLE = ' is not queryable';

function saysNoAnswer(message: string): boolean {
  if (NO_ANSWER.some((words) => message === words || message.endsWith(` - ${words}`))) return true;
  return message.endsWith(NOT_QUERYABLE) && (message.startsWith('Client ') || message.includes(' - Client '));
}

export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}

export function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DomainError) return error;
  const constraint = read(error, 'constraint');
  const known = constraint === undefined ? undefined : CONSTRAINTS[constraint];
  if (known) return known();
  const code = read(error, 'code');
  if (code === '23505') return new DomainError('CONFLICT', 'it already exists');
  if (isUnavailable(error, code)) {
    return new DomainError('SERVICE_UNAVAILABLE', 'the database cannot be reached', { retry_after_s: 2 });
  }
  return error;
}

function isUnavailable(error: Error, code: string | undefined): boolean {
  if (code !== undefined && (UNAVAILABLE.test(code) || NETWORK.has(code))) return true;
  return error.name === 'KnexTimeoutError' || error.name === 'AggregateError' || saysNoAnswer(error.message);
}

function read(error: Error, key: string): string | undefined {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : undefined;
}
