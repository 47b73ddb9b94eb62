// An operator's import of OSCAL files, without the API.
import { readFile } from 'node:fs/promises';
import { DomainError } from '../../domain/errors.js';
import { frameworkOf } from '../../domain/frameworks/oscal.js';
import { oscalDocuments } from '../../domain/frameworks/oscal-profile-schema.js';
import { refuseDeep } from '../../domain/frameworks/oscal-refusal.js';
import type { FrameworkDetail } from '../../domain/frameworks/schema.js';
import { inWords } from '../../domain/words-schema.js';
import { connect } from '../connection.js';
import { withTenant } from '../tenancy.js';
import { getBase, insertFramework } from './imports.js';

export interface ImportCommand {
  org: string;
  /** A catalogue, or with `base` a profile. */
  file: string;
  /** Of the catalogue in `file`. */
  profile?: string | undefined;
  /** Id of a framework that is kept already. */
  base?: string | undefined;
  key?: string | undefined;
}

/** @throws Error or DomainError whose message says in one line what is wrong, and where */
export async function importFiles(app_url: string, command: ImportCommand): Promise<FrameworkDetail> {
  const { org: org_id, base, key } = command;
  const catalog = base === undefined ? await documentOf(command.file, 'catalog') : undefined;
  const file = base === undefined ? command.profile : command.file;
  const profile = file === undefined ? undefined : await documentOf(file, 'profile');
  const documents = { catalog, profile };
  refuseDeep(documents);
  const read = oscalDocuments.safeParse(documents, { error: inWords });
  if (!read.success) {
    const [first, ...others] = read.error.issues;
    const more = others.length === 0 ? '' : `, and ${String(others.length)} more`;
    const place = [...(first?.path ?? []), ...(first?.code === 'unrecognized_keys' ? first.keys : [])];
    throw new Error(
      `${place.join('.')}: ${first?.code === 'unrecognized_keys' ? 'unknown field' : (first?.message ?? 'is not valid')}${more}`,
    );
  }
  const whole = base === undefined ? frameworkOf(read.data) : undefined;
  const db = connect({
    url: app_url,
    pool_max: 1,
    application_name: 'grc-framework-import',
    query_timeout_ms: 60_000,
  });
  try {
    return await withTenant(db, { org_id }, async (trx) => {
      const org: unknown = await trx('org').where({ id: org_id }).whereNull('deleted_at').first('id');
      if (org === undefined) throw new DomainError('NOT_FOUND', `there is no organization ${org_id}`);
      const framework = whole ?? frameworkOf(read.data, await getBase(trx, base ?? ''));
      // nobody of the organization did it
      const actor = { org_id, actor_id: null, request_id: 'framework-import' };
      return await insertFramework(trx, actor, framework, key);
    });
  } finally {
    await db.destroy();
  }
}

async function documentOf(file: string, model: 'catalog' | 'profile'): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON`);
  }
  const found = Object.entries(parsed ?? {}).find(([name]) => name === model);
  if (!found) throw new Error(`${file} holds no OSCAL ${model} ("${model}": { … } is expected)`);
  return found[1];
}
