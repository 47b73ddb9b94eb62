// An assessment as OSCAL assessment results, written as a stream: a page of findings is in memory, and ids.
import { Readable } from 'node:stream';
import { DomainError } from '../../domain/errors.js';
import type { TenantContext } from '../../domain/tenant.js';
import {
  getResultsHead,
  listResultsEvidence,
  listResultsFindings,
  listResultsRisks,
  type ResultsFinding,
  type ResultsHead,
} from '../../db/assessments/oscal.js';
import type { Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import {
  controlIdOf,
  evidenceResourceOf,
  findingOf,
  idOf,
  metadataOf,
  observationsOf,
  planOf,
  resultOf,
  riskOf,
} from './oscal-words.js';

/** Rows held at once; a rationale with its quotes may be some kilobytes. */
const PAGE = 50;

export interface OscalDeps {
  db: Database;
  public_url: string;
}

/** @throws DomainError CONFLICT before the first run: results have a start */
export async function exportOscal(
  deps: OscalDeps,
  tenant: TenantContext,
  assessment_id: string,
): Promise<Readable> {
  const head = await withTenant(deps.db, tenant, (trx) => getResultsHead(trx, assessment_id));
  if (head.started_at === null)
    throw new DomainError(
      'CONFLICT',
      `the assessment is ${head.status}; there are results when it was executed`,
    );
  return Readable.from(write(deps, tenant, assessment_id, head), { objectMode: false });
}

/** Of what the first reading found: a finding that comes meanwhile is for the next export. */
async function* write(
  { db, public_url }: OscalDeps,
  tenant: TenantContext,
  id: string,
  head: ResultsHead,
): AsyncGenerator<string> {
  const org_url = `${public_url.replace(/\/$/, '')}/api/v1/orgs/${tenant.org_id}`;
  const control_ids = new Map(head.findings.map((finding) => [finding.id, controlIdOf(finding)]));
  const observed = new Map<string, string[]>();
  const risks = new Set<string>();
  const evidence = new Set<string>();

  async function* findings(): AsyncGenerator<ResultsFinding> {
    for (const ids of pagesOf([...control_ids.keys()]))
      yield* await withTenant(db, tenant, (trx) => listResultsFindings(trx, ids));
  }
  async function* observations(): AsyncGenerator<object> {
    for await (const finding of findings()) {
      const seen = observationsOf(finding);
      observed.set(
        finding.id,
        seen.map(({ uuid }) => uuid),
      );
      for (const risk_id of finding.risk_ids) risks.add(risk_id);
      for (const { evidence_id } of finding.citations) evidence.add(evidence_id);
      yield* seen;
    }
  }
  const listed = new Set<string>();
  async function* riskList(): AsyncGenerator<object> {
    for (const ids of pagesOf([...risks]))
      for (const risk of await withTenant(db, tenant, (trx) => listResultsRisks(trx, ids))) {
        listed.add(risk.id);
        yield riskOf(risk, tenant.org_id);
      }
  }
  async function* findingList(): AsyncGenerator<object> {
    for await (const finding of findings()) {
      // nothing is named that does not stand in the document
      const risk_ids = finding.risk_ids.filter((risk_id) => listed.has(risk_id));
      const control_id = control_ids.get(finding.id) ?? '';
      yield findingOf({ ...finding, risk_ids }, control_id, observed.get(finding.id) ?? []);
    }
  }
  async function* resources(): AsyncGenerator<object> {
    yield planOf(id, head, org_url);
    for (const ids of pagesOf([...evidence]))
      for (const row of await withTenant(db, tenant, (trx) => listResultsEvidence(trx, ids)))
        yield evidenceResourceOf(row, org_url);
  }

  const begin = {
    uuid: idOf('assessment-results', id),
    metadata: metadataOf(head),
    'import-ap': { href: `#${idOf('plan', id)}` },
  };
  yield `{"assessment-results":${opened(begin)},"results":[${opened(resultOf(id, head))}`;
  yield* list('observations', observations());
  yield* list('risks', riskList());
  yield* list('findings', findingList());
  yield '}],"back-matter":{';
  yield* list('resources', resources(), '');
  yield '}}}';
}

function opened(object: object): string {
  return JSON.stringify(object).slice(0, -1);
}

/** A field with a list, or nothing at all: OSCAL knows no empty ones. */
async function* list(name: string, items: AsyncIterable<object>, before = ','): AsyncGenerator<string> {
  let separator = `${before}${JSON.stringify(name)}:[`;
  let any = false;
  for await (const item of items) {
    yield `${separator}${JSON.stringify(item)}`;
    separator = ',';
    any = true;
  }
  if (any) yield ']';
}

function pagesOf<T>(ids: readonly T[]): T[][] {
  const pages: T[][] = [];
  for (let from = 0; from < ids.length; from += PAGE) pages.push(ids.slice(from, from + PAGE));
  return pages;
}
