// The one place where `npm start` calls the demo: seeds its organization, runs its assessment through the API.
import { createObjectStore } from '../db/objects/store.js';
import { mintToken, subjectOf } from './access-issuer.js';
import { type StackConfig, whereOf } from './config.js';
import { type DemoIncidentsOptions, reportDemoIncidents } from './demo/incidents.js';
import { type DemoReportsOptions, generateDemoReports, reportLines } from './demo/reports.js';
import { type DemoRisksOptions, enterDemoRisks, riskLines } from './demo/risks.js';
import { runDemo } from './demo/run.js';
import { demoEmail, seedDemo, type DemoDocument } from './demo/seed.js';
import { type DemoUploadOptions, uploadDemoEvidence } from './demo/upload.js';
import { messageOf } from './problem.js';
import type { Stack } from './stack.js';
import type { Terminal } from './terminal.js';

export interface DemoStage {
  config: StackConfig;
  stack: Stack;
  terminal: Terminal;
  signal: AbortSignal;
  documents: readonly DemoDocument[];
}

/** A demo that fails leaves the stack up: it is there to show the product, not to stop it. */
export async function presentDemo(stage: DemoStage): Promise<void> {
  const { config, stack, terminal, signal } = stage;
  const began = Date.now();
  try {
    terminal.paint('◌ Demo organization …');
    const { org_id, added_documents } = await seedDemo({
      database_url: stack.database_url,
      inventory: stack.inventory,
      documents: stage.documents,
      store: demoStore(stack.env),
      subject_of: subjectOf,
    });
    const news = added_documents === 0 ? 'as it was' : `${String(added_documents)} documents added`;
    terminal.done('Demo organization', news, Date.now() - began);
    if (config.ACCESS_TEAM_DOMAIN !== undefined) {
      terminal.say(
        'The assessment is not started: tokens come from your Access team, not from the embedded issuer.',
      );
      return;
    }
    const caller = {
      base_url: stack.api_url,
      org_id,
      token: () => mintToken({ email: demoEmail('admin'), data_dir: config.DATA_DIR }),
      signal,
    };
    await reportIncidents(terminal, caller);
    const analyst = {
      ...caller,
      token: () => mintToken({ email: demoEmail('analyst'), data_dir: config.DATA_DIR }),
    };
    await handIn(terminal, analyst);
    await enterRisks(terminal, analyst);
    const { assessment_id, workflow_url } = await runDemo({
      ...caller,
      say: terminal.say,
      paint: terminal.paint,
    });
    if (signal.aborted) return;
    for (const line of await riskLines(analyst)) terminal.say(line);
    const auditor = {
      ...caller,
      token: () => mintToken({ email: demoEmail('auditor'), data_dir: config.DATA_DIR }),
    };
    const command = `${whereOf(config)}npm run --silent token -- --email ${demoEmail('auditor')}`;
    await generateReports(terminal, { ...auditor, assessment_id }, command);
    if (workflow_url !== null) terminal.say(`\n  This run     ${workflow_url}`);
  } catch (error) {
    if (!signal.aborted) terminal.warn(`The demo did not finish: ${messageOf(error)}`);
  }
}

async function reportIncidents(terminal: Terminal, caller: DemoIncidentsOptions): Promise<void> {
  const began = Date.now();
  terminal.paint('◌ Demo incidents …');
  const added = await reportDemoIncidents(caller);
  terminal.done(
    'Demo incidents',
    added === 0 ? 'as they were' : `${String(added)} reported`,
    Date.now() - began,
  );
}

async function handIn(terminal: Terminal, caller: DemoUploadOptions): Promise<void> {
  const began = Date.now();
  terminal.paint('◌ Demo upload …');
  const { evidence, added } = await uploadDemoEvidence(caller);
  const news = added ? 'uploaded and verified' : 'as it was';
  terminal.done('Demo upload', `${evidence.filename} ${news}`, Date.now() - began);
}

async function enterRisks(terminal: Terminal, caller: DemoRisksOptions): Promise<void> {
  const began = Date.now();
  terminal.paint('◌ Demo risks …');
  const added = await enterDemoRisks(caller);
  terminal.done('Demo risks', added === 0 ? 'as they were' : `${String(added)} entered`, Date.now() - began);
}

async function generateReports(
  terminal: Terminal,
  caller: DemoReportsOptions,
  token_command: string,
): Promise<void> {
  const began = Date.now();
  terminal.paint('◌ Demo reports …');
  const { reports, added } = await generateDemoReports(caller);
  terminal.done(
    'Demo reports',
    added === 0 ? 'as they were' : `${String(added)} generated`,
    Date.now() - began,
  );
  for (const line of reportLines(caller, token_command, reports)) terminal.say(line);
}

function demoStore(env: NodeJS.ProcessEnv) {
  const store = createObjectStore({
    endpoint: env.S3_ENDPOINT ?? '',
    region: env.S3_REGION ?? 'auto',
    bucket: env.S3_BUCKET ?? '',
    access_key_id: env.S3_ACCESS_KEY_ID ?? '',
    secret_access_key: env.S3_SECRET_ACCESS_KEY ?? '',
  });
  return {
    put: (key: string, body: Buffer, { content_type }: { content_type: string }) =>
      store.put({ key, body, content_type }),
  };
}
