// What may be handed in as evidence, how long it is waited for, and what may be done with it afterwards.

export const EVIDENCE_STATUSES = ['pending', 'verified', 'rejected', 'expired'] as const;
export type EvidenceStatus = (typeof EVIDENCE_STATUSES)[number];

const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** Content types that are taken, with the endings of their names: what auditors read, and text can be drawn from. */
export const CONTENT_TYPES = {
  'application/pdf': ['pdf'],
  [`${OFFICE}.wordprocessingml.document`]: ['docx'],
  [`${OFFICE}.spreadsheetml.sheet`]: ['xlsx'],
  [`${OFFICE}.presentationml.presentation`]: ['pptx'],
  'text/csv': ['csv'],
  'text/plain': ['txt', 'log'],
  'text/markdown': ['md'],
  'application/json': ['json'],
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
} as const satisfies Record<string, readonly string[]>;

/** Why a file that has arrived is not kept. */
export const REJECTIONS = [
  'empty',
  'too_large',
  'wrong_size',
  'wrong_sha256',
  'wrong_type',
  'executable',
  'archive_bomb',
  'damaged',
] as const;
export type Rejection = (typeof REJECTIONS)[number];

export const MAX_EVIDENCE_BYTES = 50 * 1024 * 1024;
export const UPLOADS_PER_HOUR = 50;
export const UPLOAD_WINDOW_MS = 3_600_000;
/** Long enough for the largest file over a slow line. */
export const UPLOAD_URL_S = 900;
export const DOWNLOAD_URL_S = 300;

/** An upload that began while its URL was good may end after it: a third of its time more. */
export function closingTime(opened_ms: number, url_s: number): number {
  return opened_ms + Math.ceil((url_s * 4_000) / 3);
}

/** The name's ending has to be one of its type: who downloads it opens it by that ending. */
export function endingProblem(
  filename: string,
  content_type: keyof typeof CONTENT_TYPES,
): string | undefined {
  const endings: readonly string[] = CONTENT_TYPES[content_type];
  const [ending, ...before] = filename.toLowerCase().split('.').toReversed();
  if (ending !== undefined && before.join('') !== '' && endings.includes(ending)) return undefined;
  return `the name of such a file ends in ${endings.map((each) => `.${each}`).join(' or ')}`;
}

export interface Times {
  collected_at: string | null;
  expires_at: string | null;
}

/** What a document may be linked to, and its times. */
export interface EvidenceLinks extends Times {
  finding_id: string | null;
  assessment_id: string | null;
  control_refs: readonly string[];
}

/** A day of grace: the uploader's midnight may be ahead of ours. */
const AHEAD_MS = 86_400_000;

/** What is wrong with when the fact was true and until when it counts. */
export function timesProblem(
  { collected_at, expires_at }: Times,
  now: number,
): { field: keyof Times; detail: string } | undefined {
  if (collected_at !== null && Date.parse(collected_at) > now + AHEAD_MS)
    return { field: 'collected_at', detail: 'lies ahead' };
  if (collected_at !== null && expires_at !== null && Date.parse(expires_at) <= Date.parse(collected_at))
    return { field: 'expires_at', detail: 'is not after collected_at' };
  return undefined;
}

export interface Uses {
  runs: number;
  tasks: number;
  successors: number;
}

/** Why a document has to stay; undefined where it may go. */
export function keptBecause({ runs, tasks, successors }: Uses): string | undefined {
  const reasons = [
    runs > 0 ? 'runs of assessments rest on it' : '',
    tasks > 0 ? 'a task of an incident cites it' : '',
    successors > 0 ? 'another document supersedes it' : '',
  ].filter((reason) => reason !== '');
  return reasons.length === 0 ? undefined : `it has to stay: ${reasons.join(', ')}`;
}

/** Between two looks for an upload: soon at first, then less and less often. */
export function lookAgainMs(looks: number): number {
  return Math.min(30_000, Math.round(1_000 * 1.5 ** looks));
}
