import { expect, test } from 'vitest';
import {
  closingTime,
  CONTENT_TYPES,
  endingProblem,
  keptBecause,
  lookAgainMs,
  timesProblem,
} from '../../domain/evidence/rules.js';
import { uploadRequest } from '../../domain/evidence/schema.js';

const PDF = 'application/pdf';

test('a name ends as its type does, in whatever case, and has something before it', () => {
  for (const name of ['a.pdf', 'A.PDF', 'a.b.pdf', 'été 1.Pdf'])
    expect(endingProblem(name, PDF)).toBeUndefined();
  for (const name of ['pdf', '.pdf', 'a.pdf.exe', 'a.docx', 'a', 'a.pdf ', '...pdf'])
    expect(endingProblem(name, PDF), name).toBe('the name of such a file ends in .pdf');
  expect(endingProblem('a.gif', 'image/jpeg')).toContain('.jpg or .jpeg');
});

const upload = (filename: string, content_type: string = PDF) =>
  uploadRequest.safeParse({ filename, content_type });

test.each([
  ['a path up', '../../etc/passwd.pdf'],
  ['a path of Windows', String.raw`..\..\boot.pdf`],
  ['an absolute path', '/etc/passwd.pdf'],
  ['an end of a line', 'a\r\nX-Evil: 1.pdf'],
  ['a zero', 'a\u0000.pdf'],
  ['a delete', 'a\u007f.pdf'],
  ['right to left', 'a\u202efdp.exe.pdf'],
  ['an isolate', 'a\u2066b.pdf'],
  ['a line separator', 'a\u2028.pdf'],
  ['a space before', ' a.pdf'],
  ['nothing', ''],
  ['too much', `${'a'.repeat(197)}.pdf`],
])('a name with %s is refused, by its field', (_, filename) => {
  const { error } = upload(filename);
  expect(error?.issues.map(({ path }) => path.join('.'))).toContain('filename');
});

test('a name is kept as given, composed', () => {
  expect(upload('U\u0308bersicht %2e%2e "Q1"; x.pdf').data?.filename).toBe('Übersicht %2e%2e "Q1"; x.pdf');
  expect(upload('平台\u{1f512}.pdf').success).toBe(true);
});

test('types beside the list are refused, programs and pages among them', () => {
  const types = [
    'text/html',
    'image/svg+xml',
    'application/zip',
    'application/x-msdownload',
    'text/csv; a=b',
    '',
  ];
  for (const type of types) expect(upload('a.pdf', type).success, type).toBe(false);
  expect(Object.keys(CONTENT_TYPES)).toHaveLength(10);
});

test('when the fact was true lies not ahead, and before it is over', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  const problem = (collected_at: string | null, expires_at: string | null) =>
    timesProblem({ collected_at, expires_at }, now)?.field;
  expect(problem(null, null)).toBeUndefined();
  expect(problem('2026-11-27T00:00:00Z', null)).toBeUndefined(); // midnight elsewhere
  expect(problem('2026-11-28T00:00:00Z', null)).toBe('collected_at');
  expect(problem('2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z')).toBe('expires_at');
  expect(problem(null, '2020-01-01T00:00:00Z')).toBeUndefined(); // it is stale, and that is a fact
});

test('an upload is waited for a third longer than its URL is good', () => {
  expect(closingTime(0, 900)).toBe(20 * 60_000);
});

test('it is looked for soon, then less and less often', () => {
  const waits = Array.from({ length: 60 }, (_, looks) => lookAgainMs(looks));
  expect(waits.slice(0, 3)).toEqual([1_000, 1_500, 2_250]);
  expect(Math.max(...waits)).toBe(30_000);
});

test('what rests on a document keeps it, in words', () => {
  expect(keptBecause({ runs: 0, tasks: 0, successors: 0 })).toBeUndefined();
  expect(keptBecause({ runs: 2, tasks: 1, successors: 1 })).toBe(
    'it has to stay: runs of assessments rest on it, a task of an incident cites it, another document supersedes it',
  );
});
