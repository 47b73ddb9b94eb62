import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { csf } from '../../db/seeds/csf/index.js';
import { iso27001 } from '../../db/seeds/iso27001/index.js';
import { nist80053 } from '../../db/seeds/nist80053/index.js';

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

// beginnings of the SHA-256 of the standard's own titles in small letters: the words themselves are not ours to keep
const ISO_TITLES = `
  07d1ef 0a1498 0d1db5 12d959 132115 199684 1a00d9 1a1396 1a3a74 1b1e72 1bdd27 233b3e 237836 24cf5f 24e5a5
  259798 260199 298157 2b856c 2d0de1 2eef3f 3184db 3427b2 34b25a 350e93 37cc21 390c60 39a5a6 3c8e6c 3ce56d
  40b037 428ad1 42a792 4b2d86 4d6dd9 4f2bdf 521537 53c7a8 565e49 597053 59a0dc 5e09ed 5e8999 64bb17 65facd
  667819 705c30 74d878 7a2565 7ace00 7afab7 7be96c 7c4258 7f6b80 82328e 922a22 93d85f 9645a6 985fda 991b21
  9e4ade a0a328 a3d6b9 a8bb06 ab0f40 ad4b0d ae9c4c aff2e8 b2eb80 b317f7 b59c56 b6113b bc04f1 bce563 c52c54
  c705d6 ccfcf3 cdcb83 ce7e9e cea3b2 d31c38 d825cf e2938e e7196f e8de67 ed4126 eeb9b6 ef6e6e f110e8 f46e47
  f5f7d7 f918d7 fd8b5c`
  .trim()
  .split(/\s+/);

test('no title of ISO 27001 is that of the standard', () => {
  const hash = (title: string): string => createHash('sha256').update(title.toLowerCase()).digest('hex');
  expect(new Set(ISO_TITLES).size).toBe(93);
  const taken = iso27001.controls.filter(({ title }) => ISO_TITLES.includes(hash(title).slice(0, 6)));
  expect(taken.map(({ ref, title }) => `${ref} ${title}`)).toEqual([]);
  expect(ISO_TITLES).toContain(hash('Secure coding').slice(0, 6)); // the list is what it says
});

describe('NIST_800_53_R5', () => {
  const { controls, groups } = nist80053;
  const PER_FAMILY = {
    AC: 131, AT: 15, AU: 56, CA: 25, CM: 56, CP: 49, IA: 59, IR: 40, MA: 28, MP: 20,
    PE: 51, PL: 11, PM: 37, PS: 17, PT: 21, RA: 22, SA: 108, SC: 139, SI: 102, SR: 27,
  }; // prettier-ignore

  test('has the 1,014 active controls and enhancements, each once', () => {
    expect(controls).toHaveLength(1_014);
    expect(new Set(controls.map(({ ref }) => ref)).size).toBe(1_014);
    expect(
      Object.fromEntries(
        groups.map(({ key }) => [key, controls.filter(({ group }) => group === key).length]),
      ),
    ).toEqual(PER_FAMILY);
  });

  test('has in each baseline as many as SP 800-53B', () => {
    const inBaseline = (name: string) => controls.filter(({ baselines }) => baselines?.includes(name)).length;
    expect(['LOW', 'MODERATE', 'HIGH', 'PRIVACY'].map(inBaseline)).toEqual([149, 287, 370, 96]);
  });

  test('stands in order: by family, control, enhancement', () => {
    const parsed = controls.map(({ ref, group }) => {
      const [, family = '', number = '', enhancement = '0'] =
        /^([A-Z]{2})-(\d+)(?:\((\d+)\))?$/.exec(ref) ?? [];
      expect([ref, family]).toEqual([ref, group]);
      return {
        ref,
        place:
          groups.findIndex(({ key }) => key === family) * 1e6 + Number(number) * 1e3 + Number(enhancement),
      };
    });
    expect(parsed.toSorted((a, b) => a.place - b.place)).toEqual(parsed);
  });

  test('has a title for each, in one line', () => {
    for (const { ref, title } of controls) expect(title, ref).toMatch(/^[A-Z][^\n]{3,99}$/);
  });
});
