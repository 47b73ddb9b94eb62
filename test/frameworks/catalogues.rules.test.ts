import { describe, expect, test } from 'vitest';
import { csf } from '../../db/seeds/csf/index.js';
import { iso27001 } from '../../db/seeds/iso27001/index.js';

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const two = (number: number) => String(number).padStart(2, '0');
const sequence = (group: string, numbers: number[]) => numbers.map((number) => `${group}-${two(number)}`);

// CSF 2.0 has gaps where version 1.1 had subcategories that were moved
const CSF_REFS = [
  ...sequence('GV.OC', upTo(5)),
  ...sequence('GV.RM', upTo(7)),
  ...sequence('GV.RR', upTo(4)),
  ...sequence('GV.PO', upTo(2)),
  ...sequence('GV.OV', upTo(3)),
  ...sequence('GV.SC', upTo(10)),
  ...sequence('ID.AM', [1, 2, 3, 4, 5, 7, 8]),
  ...sequence('ID.RA', upTo(10)),
  ...sequence('ID.IM', upTo(4)),
  ...sequence('PR.AA', upTo(6)),
  ...sequence('PR.AT', upTo(2)),
  ...sequence('PR.DS', [1, 2, 10, 11]),
  ...sequence('PR.PS', upTo(6)),
  ...sequence('PR.IR', upTo(4)),
  ...sequence('DE.CM', [1, 2, 3, 6, 9]),
  ...sequence('DE.AE', [2, 3, 4, 6, 7, 8]),
  ...sequence('RS.MA', upTo(5)),
  ...sequence('RS.AN', [3, 6, 7, 8]),
  ...sequence('RS.CO', [2, 3]),
  ...sequence('RS.MI', upTo(2)),
  ...sequence('RC.RP', upTo(6)),
  ...sequence('RC.CO', [3, 4]),
];
const ISO_REFS = [
  [5, 37],
  [6, 8],
  [7, 14],
  [8, 34],
].flatMap(([clause = 0, last = 0]) => upTo(last).map((number) => `A.${clause}.${number}`));

describe.each([
  { catalogue: iso27001, count: 93, refs: ISO_REFS, groupOf: (ref: string) => ref.slice(0, 3) },
  { catalogue: csf, count: 106, refs: CSF_REFS, groupOf: (ref: string) => ref.slice(0, 5) },
])('$catalogue.key', ({ catalogue, count, refs, groupOf }) => {
  test('lists exactly the known refs, in order, without gaps or duplicates', () => {
    expect(catalogue.controls.map(({ ref }) => ref)).toEqual(refs);
    expect(catalogue.controls).toHaveLength(count);
  });

  test('puts each control into its group, and has no group without controls', () => {
    for (const { ref, group } of catalogue.controls) expect([ref, group]).toEqual([ref, groupOf(ref)]);
    expect(catalogue.groups.map(({ key }) => key)).toEqual([...new Set(refs.map(groupOf))]);
  });

  test('repeats no text, and each is a sentence', () => {
    for (const field of ['title', 'description', 'question', 'guidance'] as const)
      expect(new Set(catalogue.controls.map((control) => control[field])).size, field).toBe(count);
    for (const { ref, title, description, question, guidance } of catalogue.controls) {
      expect(title, ref).toMatch(/^[A-Z].{2,60}[^.]$/);
      expect(description, ref).toMatch(/^[A-Z].{15,250}[.]$/);
      expect(question, ref).toMatch(/^[A-Z].{10,200}[?.]$/);
      expect(guidance, ref).toMatch(/^[A-Z].{10,200}[.]$/);
    }
  });
});
