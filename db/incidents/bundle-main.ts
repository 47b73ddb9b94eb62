// Checks an exported incident without a database: node … bundle.json [--jwks keys.json]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Jwks, jwks } from '../../domain/signing/schema.js';
import { type BundleVerdict, checkBundle } from './bundle.js';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function report(verdict: BundleVerdict): void {
  const { valid, entries, redacted, checkpoints, first_bad_seq, problems, own_keys } = verdict;
  if (first_bad_seq !== null) say(`BROKEN at entry ${first_bad_seq}`);
  else if (!valid) say('BROKEN');
  for (const problem of problems) say(`- ${problem}`);
  if (valid) say(`unbroken: ${entries} entries (${redacted} redacted), ${checkpoints} signed checkpoints`);
  if (own_keys)
    say('checked by the keys in the bundle: pass --jwks with /.well-known/jwks.json of who exported it');
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { jwks: { type: 'string' } },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    say('usage: timeline:verify -- bundle.json [--jwks keys.json]');
    return 2;
  }
  const known: Jwks | undefined = values.jwks === undefined ? undefined : jwks.parse(read(values.jwks));
  const verdict = await checkBundle(read(path), known);
  report(verdict);
  return verdict.valid ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // a file that is no bundle proves nothing
  if (error instanceof z.ZodError)
    for (const issue of error.issues) say(`${issue.path.join('.') || 'file'}: ${issue.message}`);
  else say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
