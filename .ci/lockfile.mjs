// Supply chain: every package comes from a registry with its hash, and replay's protobufjs exists once.
import { readFileSync } from 'node:fs';

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const problems = [];
let protobufjs = 0;
for (const [path, entry] of Object.entries(packages)) {
  if (path === '' || entry.link) continue;
  if (!entry.integrity && !entry.inBundle) problems.push(`${path} has no integrity hash`);
  if (/^(git|file|http:)/.test(entry.resolved ?? '')) problems.push(`${path} is not from a registry`);
  if (/(^|\/)node_modules\/protobufjs$/.test(path) && entry.version.startsWith('8.')) protobufjs += 1;
}
if (protobufjs !== 1) problems.push(`${protobufjs} copies of protobufjs 8; history replay needs exactly one`);
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
