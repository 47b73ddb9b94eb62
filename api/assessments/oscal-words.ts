// An assessment in OSCAL's words. Ids follow from ours, so the same state is the same document.
import { v5 } from 'uuid';
import type {
  ResultsEvidence,
  ResultsFinding,
  ResultsHead,
  ResultsRisk,
} from '../../db/assessments/oscal.js';

/** Of all ids that we derive; it must never change. */
const IDS = '8c1f5f0e-3a52-5b0e-9d57-2f6c0a6f1b77';
const NS = 'urn:sovereign-grc:oscal';

export function idOf(kind: string, ...of: readonly string[]): string {
  return v5([kind, ...of].join(':'), IDS);
}

/** OSCAL's strings are one line without blanks around it. */
function line(text: string, otherwise = 'untitled'): string {
  const words = text.replace(/\s+/gu, ' ').trim();
  return words === '' ? otherwise : words;
}

function prop(name: string, value: string | number | boolean): object {
  return { name, ns: NS, value: line(String(value), 'none') };
}

/** Of a control that OSCAL does not know, the reference people use. */
export function controlIdOf({ oscal_id, ref }: { oscal_id: string | null; ref: string }): string {
  if (oscal_id !== null) return oscal_id;
  const token = ref.replace(/[^\p{L}\p{N}.\-_]/gu, '_');
  return /^[\p{L}_]/u.test(token) ? token : `_${token}`;
}

type Judge = ResultsHead['judges'][number];

function judgeId({ kind, model, user_id }: Pick<Judge, 'kind' | 'model' | 'user_id'>): string {
  return kind === 'person' ? idOf('person', user_id ?? '') : idOf('evaluator', kind, model ?? '');
}

function originsOf({ evaluated_by }: ResultsFinding): object[] {
  const type = evaluated_by.kind === 'person' ? 'party' : 'tool';
  return [{ actors: [{ type, 'actor-uuid': judgeId(evaluated_by) }] }];
}

export function metadataOf({ name, org, judges, changed_at }: ResultsHead): object {
  const people = judges.filter(({ kind }) => kind === 'person');
  return {
    title: line(name),
    'last-modified': changed_at,
    version: changed_at,
    'oscal-version': '1.2.3',
    roles: [{ id: 'assessor', title: 'Assessor' }],
    parties: [
      { uuid: idOf('org', org.id), type: 'organization', name: line(org.name) },
      ...people.map((person) => ({
        uuid: judgeId(person),
        type: 'person',
        name: line(person.name ?? '', 'a former member'),
        'member-of-organizations': [idOf('org', org.id)],
      })),
    ],
    'responsible-parties': [{ 'role-id': 'assessor', 'party-uuids': [idOf('org', org.id)] }],
  };
}

/** A result without its observations, risks and findings. */
export function resultOf(id: string, head: ResultsHead): object {
  const { name, scope, status, framework, started_at, ended_at, judges } = head;
  const tools = judges.filter(({ kind }) => kind !== 'person');
  const reviewed = [...new Set(head.findings.map(controlIdOf))];
  return {
    uuid: idOf('result', id),
    title: line(name),
    description: scope,
    start: started_at,
    ...(ended_at !== null && { end: ended_at }),
    props: [
      prop('assessment-status', status),
      prop('framework', framework.key),
      prop('framework-version', framework.version),
    ],
    ...(tools.length > 0 && {
      'local-definitions': {
        components: tools.map((tool) => ({
          uuid: judgeId(tool),
          type: 'software',
          title: line(tool.model ?? 'Rules'),
          description:
            tool.kind === 'llm'
              ? 'A language model that judged by the documents it was shown.'
              : 'Fixed rules that judged by automated checks and by the presence and age of evidence.',
          status: { state: 'operational' },
        })),
      },
    }),
    'reviewed-controls': {
      description: `${framework.name}, ${framework.version}`,
      'control-selections': [
        reviewed.length === 0
          ? { description: 'nothing is judged yet', 'include-all': {} }
          : { 'include-controls': reviewed.map((control_id) => ({ 'control-id': control_id })) },
      ],
    },
  };
}

interface Observation {
  uuid: string;
  [field: string]: unknown;
}

/** One of the documents that were read, and one for each automated check. */
export function observationsOf(finding: ResultsFinding): Observation[] {
  const { id, title, citations, checks, judged_at } = finding;
  const common = { types: ['finding'], origins: originsOf(finding), collected: judged_at };
  const examined: Observation = {
    uuid: idOf('observation', id, 'documents'),
    title: line(title),
    description: `Documents that the verdict cites: ${String(citations.length)}`,
    methods: ['EXAMINE'],
    ...common,
    'relevant-evidence': citations.map(({ evidence_id, sha256, quote }) => ({
      href: `#${idOf('evidence', evidence_id)}`,
      description: quote,
      props: [prop('sha256', sha256)],
    })),
  };
  const tested = checks.map((check, at): Observation => ({
    uuid: idOf('observation', id, 'check', String(at), check.name),
    title: line(check.name),
    description: `An automated check of the cloud inventory: ${check.status}`,
    methods: ['TEST'],
    ...common,
    props: [
      prop('check-status', check.status),
      ...(check.rows_sha256 === null ? [] : [prop('rows-sha256', check.rows_sha256)]),
    ],
    remarks: check.sql,
  }));
  return citations.length === 0 ? tested : [examined, ...tested];
}

/** OSCAL knows satisfied or not; the reason and the implementation tell which of our four it is. */
const VERDICTS = {
  pass: { state: 'satisfied', reason: 'pass', implementation: 'implemented' },
  partial: { state: 'not-satisfied', reason: 'other', implementation: 'partial' },
  fail: { state: 'not-satisfied', reason: 'fail', implementation: undefined },
  not_applicable: { state: 'satisfied', reason: 'other', implementation: 'not-applicable' },
};

export function findingOf(finding: ResultsFinding, control_id: string, observed: readonly string[]): object {
  const { id, title, status, risk_ids, rationale, gaps, remediation, remediation_notes } = finding;
  const { state, reason, implementation } = VERDICTS[status];
  const remarks = [...gaps.map((gap) => `- ${gap}`), remediation, remediation_notes].filter(Boolean);
  return {
    uuid: idOf('finding', id),
    title: line(title),
    description: rationale,
    props: [
      prop('status', status),
      prop('severity', finding.severity),
      prop('confidence', finding.confidence),
      prop('needs-review', finding.needs_review),
    ],
    origins: originsOf(finding),
    target: {
      type: 'statement-id',
      'target-id': `${control_id}_smt`,
      status: { state, reason },
      ...(implementation !== undefined && { 'implementation-status': { state: implementation } }),
    },
    ...(observed.length > 0 && {
      'related-observations': observed.map((uuid) => ({ 'observation-uuid': uuid })),
    }),
    ...(risk_ids.length > 0 && {
      'related-risks': risk_ids.map((risk_id) => ({ 'risk-uuid': idOf('risk', risk_id) })),
    }),
    ...(remarks.length > 0 && { remarks: remarks.join('\n') }),
  };
}

const RISK_STATUS = {
  open: 'open',
  mitigated: 'closed',
  accepted: 'deviation-approved',
  transferred: 'transferred',
};

export function riskOf(risk: ResultsRisk, org_id: string): object {
  const facet = (name: string, value: number): object => ({ name, system: NS, value: String(value) });
  return {
    uuid: idOf('risk', risk.id),
    title: line(risk.title),
    description: risk.description,
    statement: risk.description,
    props: [prop('ref', `RISK-${String(risk.number)}`)],
    status: RISK_STATUS[risk.status],
    characterizations: [
      {
        origin: { actors: [{ type: 'party', 'actor-uuid': idOf('org', org_id) }] },
        facets: [
          facet('likelihood', risk.likelihood),
          facet('impact', risk.impact),
          facet('residual-score', risk.residual_score),
        ],
      },
    ],
  };
}

export function evidenceResourceOf(evidence: ResultsEvidence, org_url: string): object {
  const { id, filename, content_type, sha256 } = evidence;
  return {
    uuid: idOf('evidence', id),
    title: line(filename),
    rlinks: [
      {
        href: `${org_url}/evidence/${id}/download-url`,
        'media-type': line(content_type, 'application/octet-stream'),
        ...(sha256 !== null && { hashes: [{ algorithm: 'SHA-256', value: sha256 }] }),
      },
    ],
  };
}

/** There is no plan in OSCAL: the assessment itself says what was to be judged. */
export function planOf(id: string, { name, scope }: ResultsHead, org_url: string): object {
  return {
    uuid: idOf('plan', id),
    title: line(`Plan of ${name}`),
    description: scope,
    rlinks: [{ href: `${org_url}/assessments/${id}`, 'media-type': 'application/json' }],
  };
}
