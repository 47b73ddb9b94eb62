// A wrong value ends a process with the whole list of what is wrong, in words, and without the secrets in it.
import { expect, test } from 'vitest';
import { readApiConfig } from '../../api/config.js';
import { readWorkerConfig } from '../../workers/config.js';

const KEY = Buffer.alloc(32).toString('base64');
const right = {
  DATABASE_URL: 'postgres://owner:secret@db.example:5432/grc',
  ACCESS_TEAM_DOMAIN: 'https://acme.cloudflareaccess.com',
  ACCESS_AUD: 'tag',
  PAYLOAD_KEYS: `k1:${KEY}`,
  S3_ENDPOINT: 'https://objects.example',
  S3_BUCKET: 'grc',
  S3_ACCESS_KEY_ID: 'id',
  S3_SECRET_ACCESS_KEY: 'secret',
};
const READERS = [
  ['API', readApiConfig],
  ['workers', readWorkerConfig],
] as const;

const WRONG: Record<string, [value: string, words: string]> = {
  DATABASE_URL: ['grc.example:5432', 'must be a postgres URL'],
  DATABASE_APP_URL: ['mysql://app@db.example/grc', 'must be a postgres URL'],
  PAYLOAD_KEYS: ['k1:c2hvcnQ=', 'each payload key is kid:base64 of at least 32 bytes'],
  SIGNING_KEYS: ['k1:c2hvcnQ=', 'k1'],
  TEMPORAL_TLS_CERT: ['/nowhere.pem', 'neither PEM text nor a file that can be read'],
  PUBLIC_URL: ['grc.example', 'must be an http URL'],
  OPA_URL: ['opa:8181', 'must be an http URL, or unix:/path'],
  STEAMPIPE_DATABASE_URL: ['http://steampipe:9193', 'must be a postgres URL'],
  OPENAI_BASE_URL: ['models.example/v1', 'must be an http URL'],
  SMTP_URL: ['mail.example:465', 'must be an smtp URL'],
  S3_ENDPOINT: ['objects', 'must be an http URL'],
  METRICS_PORT: ['a', 'must be a number'],
  LOG_LEVEL: ['loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
};

test.each(READERS)('the %s list all that is wrong, each in words', (_, read) => {
  const env = Object.fromEntries(Object.entries(WRONG).map(([name, [value]]) => [name, value]));
  const problem = problemOf(() => read({ ...right, ...env }));
  for (const [name, [value, words]] of Object.entries(WRONG)) {
    const line = problem.split('\n').find((text) => text.startsWith(`  ${name}: `));
    expect(line, name).toContain(words);
    expect(line, name).not.toContain(`: ${value}`);
  }
});

test('the API names a trusted proxy that is no address', () => {
  for (const entry of ['proxy.example', '10.0.0.0/99', '']) {
    const read = (): unknown => readApiConfig({ ...right, TRUSTED_PROXIES: `10.0.0.1,${entry}` });
    if (entry === '') expect(read).not.toThrow();
    else expect(read).toThrow(/TRUSTED_PROXIES: /);
  }
});

test.each(READERS)('the %s take an empty value as none, and ask for what has no default', (_, read) => {
  expect(() => read({ ...right, SMTP_URL: '', OPA_URL: '', METRICS_PORT: '', LOG_LEVEL: '' })).not.toThrow();
  expect(problemOf(() => read({ ...right, PAYLOAD_KEYS: '' }))).toContain('  PAYLOAD_KEYS: is required');
});

function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it was taken as right');
}
