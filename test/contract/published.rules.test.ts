// S25: what was published is kept: no change of the document breaks a client of the last version.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildDocument } from '../../api/openapi.js';
import { runCommand } from '../../local/tools/command.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { ROUTES } from '../security/routes.js';
import { oasdiff } from '../support/tools/oasdiff.js';

/** `npm run openapi:publish` writes the present document there, for a new version or an intended break. */
const PUBLISHED = join(import.meta.dirname, 'published/1.0.0.json');

test('nothing that clients of the published version rely on is gone', { timeout: 900_000 }, async () => {
  const document = JSON.stringify(buildDocument(ROUTES));
  if (process.env['PUBLISH'] !== undefined) writeFileSync(PUBLISHED, `${document}\n`);
  const { ok, output } = await breaks(document);
  expect(ok, output).toBe(true);
});

test(
  'a field that is gone, a new required one and a narrower type are found',
  { timeout: 900_000 },
  async () => {
    const document = JSON.parse(readFileSync(PUBLISHED, 'utf8'));
    const { User, AssessmentCreate } = document.components.schemas;
    delete User.properties.name;
    User.required = User.required.filter((name: string) => name !== 'name');
    AssessmentCreate.required.push('evaluator');
    delete document.paths['/api/v1/users/me'];
    const { ok, output } = await breaks(JSON.stringify(document));
    expect(ok).toBe(false);
    expect(output).toContain('`name`');
    expect(output).toContain('`evaluator`');
    expect(output).toContain('/api/v1/users/me');
  },
);

async function breaks(document: string): Promise<{ ok: boolean; output: string }> {
  const program = await oasdiff({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const folder = mkdtempSync(join(tmpdir(), 'grc-published-'));
  try {
    writeFileSync(join(folder, 'now.json'), document);
    return await runCommand(program, ['breaking', PUBLISHED, 'now.json', '--fail-on', 'ERR'], {
      cwd: folder,
      env: process.env,
      timeout_ms: 120_000,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
