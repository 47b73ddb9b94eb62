// What the documents of the tests are made of. No randomness: the same call gives the same document.
import { REPORT_SCHEMA } from '../../domain/reports/documents.js';
import type { Kind } from './documents.js';

export function id(kind: number, n: number): string {
  return `0198c0de-${String(kind).padStart(4, '0')}-7000-8000-${String(n).padStart(12, '0')}`;
}

/** What must be printed as it stands, and do nothing. */
export const NASTY = [
  `${'A title that goes on and on, as people write them when nobody tells them to stop, '.repeat(7).slice(0, 499)}.`,
  'خرق بيانات طرف ثالث يؤثر على عملائنا في المملكة العربية السعودية (2026)',
  '第三方供应商数据泄露影响我们的客户信息与业务连续性',
  'Launch 🚀 of the 🔐 vault — 👩‍💻 owns it 🇳🇱',
  '#link("https://evil.test")[click] *bold* $x^2$ #read("/etc/passwd") @ref <label> // gone /* gone */',
  '<script>alert(1)</script><img src="http://169.254.169.254/latest/meta-data/"> file:///etc/passwd',
  'javascript:app.alert(1) [click](javascript:alert(1)) ![x](http://169.254.169.254/)',
  '=HYPERLINK("http://evil.test","click")',
  "+cmd|' /C calc'!A0",
  '-2+3+cmd|calc',
  '@SUM(1+1)*cmd|calc!A0',
  '\t=1+1',
  '\r=1+1',
  '\u0000=1+1',
  'NUL\u0000 BEL\u0007 VT\u000b ESC\u001b[31m and a lone \ud800 surrogate',
  'arn:aws:rds:eu-central-1:123456789012:cluster:a-very-long-name-without-any-space-in-it-at-all-0123456789',
  '\u202egnp.tpircs\u202c hidden _x000D_ escape',
  'W'.repeat(500),
] as const;

const OWNERS = ['Anna Bauer', 'Ben Carter', 'Chiara Rossi', 'Demir Yılmaz'] as const;

export function person(n: number, kind: Kind): { id: string; name: string } {
  const name = kind === 'nasty' ? NASTY[n % NASTY.length] : OWNERS[n % OWNERS.length];
  return { id: id(1, n), name: name ?? '' };
}

export function pick<Item>(items: readonly Item[], n: number): Item {
  const item = items[n % items.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** The n-th title: of the list, or something nasty. */
export function words(kind: Kind, items: readonly string[], n: number): string {
  return kind === 'nasty' ? pick(NASTY, n) : pick(items, n);
}

export function hourOf(n: number): string {
  return new Date(Date.UTC(2026, 0, 5) + n * 3_600_000).toISOString();
}

export function headOf(kind: Kind, title: string) {
  return {
    schema: REPORT_SCHEMA,
    title: kind === 'nasty' ? NASTY[0] : title,
    organization: { id: id(0, 1), name: kind === 'nasty' ? NASTY[1] : 'Northwind Payments' },
    generated_at: '2026-04-02T08:30:00.000Z',
    generated_by: kind === 'empty' ? null : person(0, kind),
    as_of: '2026-04-02T08:30:00.000Z',
    period: null,
    assessment: null,
    framework: null,
    notes: kind === 'nasty' ? NASTY.slice(0, 6) : [],
  } as const;
}

export function assessmentHead(kind: Kind, title: string) {
  return {
    ...headOf(kind, title),
    assessment: {
      id: id(2, 1),
      name: kind === 'nasty' ? NASTY[2] : 'Q1 2026 SOC 2 assessment',
      scope:
        kind === 'nasty' ? NASTY[4] : 'Production environment, payment services and their cloud accounts',
      status: kind === 'empty' ? ('pending' as const) : ('completed' as const),
      created_at: '2026-03-02T09:00:00.000Z',
      completed_at: kind === 'empty' ? null : '2026-03-30T16:20:00.000Z',
    },
    framework: { id: id(3, 1), key: 'SOC2_TYPE2', name: 'SOC 2 Type II', version: '2017' },
    notes: [...headOf(kind, title).notes],
  };
}
