// Prints which test proves which check of the reliability page. A test names its checks in its first comment.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** What is owed by now; R6, R15, R21, R22, S17 and S26 come with what they check. */
const OWED = [
  ...ids('R', [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20]),
  ...ids('S', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25]),
];

function ids(letter: string, numbers: readonly number[]): string[] {
  return numbers.map((number) => `${letter}${number}`);
}

function namedBy(file: string): string[] {
  const head = readFileSync(join(root, file), 'utf8').split('\n').slice(0, 4);
  const comments = head.filter((line) => line.startsWith('//')).join(' ');
  return [...comments.matchAll(/\b[RS]\d{1,2}\b/g)].map((match) => match[0]);
}

const proofs = new Map<string, string[]>();
for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()) {
  if (!file.endsWith('.test.ts')) continue;
  for (const id of namedBy(file)) proofs.set(id, [...(proofs.get(id) ?? []), `test/${file}`]);
}

for (const id of OWED) {
  const files = proofs.get(id);
  process.stdout.write(`${id.padEnd(4)} ${files ? files.join(', ') : 'MISSING'}\n`);
}
const proven = OWED.filter((id) => proofs.has(id)).length;
process.stdout.write(`${proven} of ${OWED.length} checks have a test\n`);
