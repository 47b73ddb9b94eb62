// What the tests of evidence stand on: the real API, a worker, Temporal, and an object store; and an uploader who does
// by HTTP what a client does.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { EvidenceDetail, UploadTicket } from '../../domain/evidence/schema.js';
import { poll, startStage, type Stage } from '../runs/stage.js';
import type { Answer, Caller } from '../support/app.js';
import type { TestStore } from '../support/object-stores.js';
import type { WorkerProcess } from '../support/worker-process.js';

export interface Uploads extends Uploader {
  stage: Stage;
  objects: TestStore;
  /** Ends the stage's worker in order, so that another can be alone with the work. */
  pauseWorker(): Promise<void>;
  resumeWorker(): Promise<void>;
  stop(): Promise<void>;
}

export interface Uploader {
  /** Of the organization's evidence. */
  path: string;
  by: Caller;
  ask(body: object): Promise<UploadTicket>;
  /** Asked for, sent, and seen by itself: as it is once nobody waits for it any more. */
  hand(
    file: { filename: string; content_type: string; bytes: Buffer },
    more?: object,
  ): Promise<EvidenceDetail>;
  look(id: string): Promise<EvidenceDetail>;
  settled(id: string): Promise<EvidenceDetail>;
  /** What the audit log says of it, oldest first. */
  audited(id: string): Promise<{ action: string; actor_id: string | null; after: object | null }[]>;
}

/** @param env of the worker, beside the store */
export async function startUploads(
  start: () => Promise<TestStore>,
  env: Record<string, string> = {},
): Promise<Uploads> {
  const objects = await start();
  const stage = await startStage(objects.env);
  const startWorker = (): Promise<WorkerProcess> => stage.startWorker({ ...objects.env, ...env });
  let worker = await startWorker();
  return {
    ...uploaderOf(stage.org.admin, stage.org.id),
    stage,
    objects,
    pauseWorker: () => worker.kill('SIGTERM'),
    async resumeWorker() {
      worker = await startWorker();
    },
    async stop() {
      await stage.stop();
      await objects.stop();
    },
  };
}

export function uploaderOf(by: Caller, org_id: string): Uploader {
  const path = `/orgs/${org_id}/evidence`;
  const uploader: Uploader = {
    path,
    by,
    async ask(body) {
      const answer = await by.post(`${path}/upload-url`, body);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body;
    },
    async hand({ filename, content_type, bytes }, more = {}) {
      const ticket = await uploader.ask({ filename, content_type, ...more });
      const { status, text } = await send(ticket, bytes);
      if (status !== 200) throw new Error(text);
      return await uploader.settled(ticket.evidence_id);
    },
    look: async (id) => (await by.get(`${path}/${id}`)).body,
    async settled(id) {
      await poll(`${id} is read`, async () => (await uploader.look(id)).status !== 'pending');
      return await uploader.look(id);
    },
    async audited(id) {
      const { body }: Answer = await by.get(`/orgs/${org_id}/audit-log?resource=${id}&limit=200`);
      return body.items.toReversed();
    },
  };
  return uploader;
}

export interface Sent {
  status: number;
  text: string;
}

/** By the headers that came with the URL, or others; fetch sets the length itself, from the bytes. */
export async function send(
  ticket: Pick<UploadTicket, 'upload_url' | 'headers'>,
  bytes: Buffer | string,
  changes: Record<string, string> = {},
): Promise<Sent> {
  const { 'content-length': _length, ...headers } = { ...ticket.headers, ...changes };
  const answer = await fetch(ticket.upload_url, { method: 'PUT', headers, body: new Blob([bytes]) });
  return { status: answer.status, text: await answer.text() };
}

/** Half of it, then what `between` does, then the rest. */
export async function sendInHalves(
  ticket: Pick<UploadTicket, 'upload_url' | 'headers'>,
  bytes: Buffer,
  between: () => Promise<void>,
): Promise<number | undefined> {
  const headers = { ...ticket.headers, 'content-length': String(bytes.length) };
  const sent = request(ticket.upload_url, { method: 'PUT', headers });
  const answered = once(sent, 'response');
  const half = Math.floor(bytes.length / 2);
  await new Promise<void>((done) => sent.write(bytes.subarray(0, half), () => done()));
  await between();
  sent.end(bytes.subarray(half));
  const [answer]: IncomingMessage[] = await answered;
  answer?.resume();
  return answer?.statusCode;
}

export async function fetchBytes(url: string): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const answer = await fetch(url);
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
