// The thread that touches the file. Its process watches it; both may be killed at any moment.
import { readFile, stat } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { cleanText } from '../judge/text.js';
import { kindOf, READERS } from './readers.js';
import { inspect } from './inspect.js';
import { NOTHING, UnreadableFile, type ExtractJob, type Extracted } from './types.js';

async function load({ source, limits }: ExtractJob): Promise<Uint8Array> {
  if (source.path !== undefined) {
    const { size } = await stat(source.path);
    if (size > limits.max_bytes) throw new UnreadableFile('the file is larger than can be read');
    return readFile(source.path);
  }
  const bytes = source.bytes ?? new Uint8Array();
  if (bytes.length > limits.max_bytes) throw new UnreadableFile('the file is larger than can be read');
  return bytes;
}

async function extract(job: ExtractJob): Promise<Extracted> {
  const kind = kindOf(job.source.content_type, job.source.filename);
  if (kind === undefined) throw new UnreadableFile('text cannot be read from this type of file');
  const bytes = await load(job);
  if (bytes.length === 0) throw new UnreadableFile('the file is empty');
  const { text, more, pages } = await READERS[kind](bytes, job.limits);
  const clean = cleanRaw(text);
  if (clean.trim() === '') throw new UnreadableFile('the file holds no text');
  const kept = clean.slice(0, job.limits.max_chars).toWellFormed();
  return {
    text: kept,
    truncated: more || kept.length < clean.length,
    ...(pages === undefined ? {} : { pages }),
    error: null,
  };
}

async function inspected(job: ExtractJob): Promise<Extracted> {
  await inspect(job.source, await load(job), job.limits);
  return { ...NOTHING, error: null };
}

/** Tag characters stay: they print as nothing, but whoever judges must be able to see that they are there. */
function cleanRaw(text: string): string {
  return cleanText(text, { keep_invisible: true });
}

async function answer(job: ExtractJob): Promise<void> {
  let result: Extracted;
  try {
    result = job.task === 'inspect' ? await inspected(job) : await extract(job);
  } catch (error) {
    const known = error instanceof UnreadableFile ? error : undefined;
    const said = known?.message ?? 'the file is damaged and cannot be read';
    result = {
      ...NOTHING,
      error: said,
      ...(job.task === 'inspect' && { reason: known?.reason ?? 'damaged' }),
    };
  }
  parentPort?.postMessage(result);
}

parentPort?.on('message', (job: ExtractJob) => void answer(job));
