// A CACAO command as one of the actions that we carry out, or why we cannot.
import { type CacaoCommand, type CacaoPlaybook, type CacaoStep, httpTarget } from './cacao-schema.js';
import { ESCALATION_AUDIENCES } from '../incidents/clocks.js';
import type { Command } from './plan.js';
import type { ActionName } from './rules.js';

export type Report = (field: string, detail: string) => void;

/** Command types beside the standard's own `manual` and `http-api`; its vocabulary is open. */
export const COMMAND_TYPES: Readonly<Record<string, ActionName>> = {
  manual: 'manual',
  'http-api': 'http',
  'x-grc-steampipe': 'steampipe',
  'x-grc-task': 'task',
  'x-grc-notify': 'notify',
  'x-grc-evidence': 'evidence',
};

/** Of a message to people, in characters. */
const MESSAGE_LENGTH = 4_000;

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|PATCH|DELETE) (\/\S*)(?: HTTP\/1\.1)?$/;
const HEADER = /^[A-Za-z0-9-]{1,60}$/;
/** Ours to set, or a way around the guard; credentials have no place in a document that many read. */
const FORBIDDEN = new Set([
  'host',
  'content-length',
  'connection',
  'transfer-encoding',
  'idempotency-key',
  'upgrade',
  'proxy-authorization',
  'authorization',
  'cookie',
]);

export function commandsOf(
  { commands = [], targets = [] }: CacaoStep,
  document: CacaoPlaybook,
  at: string,
  report: Report,
): Command[] {
  const urls = targets.flatMap((id, index) => urlOf(document, id, `${at}.targets.${index}`, report));
  return commands.flatMap((command, index) => {
    const field = `${at}.commands.${index}`;
    const action = COMMAND_TYPES[command.type];
    if (action === undefined) {
      report(
        `${field}.type`,
        `cannot run commands of type ${command.type}: ${Object.keys(COMMAND_TYPES).join(', ')}`,
      );
      return [];
    }
    const made = commandOf(command, action, urls, field, report);
    return made ? [made] : [];
  });
}

function commandOf(
  command: CacaoCommand,
  action: ActionName,
  urls: readonly string[],
  field: string,
  report: Report,
): Command | undefined {
  const { command: words = '', description = '', headers, content } = command;
  if (action !== 'http' && (headers ?? content) !== undefined)
    report(field, `headers and content go with http-api, not with ${command.type}`);
  if (words.trim() === '') {
    report(`${field}.command`, 'says nothing');
    return undefined;
  }
  switch (action) {
    case 'manual':
      return { action, instructions: words };
    case 'task':
      return { action, title: words.slice(0, 300), instructions: description };
    case 'evidence':
      return { action, title: words.slice(0, 300) };
    case 'steampipe':
      return { action, sql: words };
    case 'notify':
      return noticeOf(words, description, field, report);
    case 'http':
      return httpOf(command, urls, field, report);
  }
}

function noticeOf(words: string, message: string, field: string, report: Report): Command | undefined {
  const named = words.split(/[\s,]+/).filter((word) => word !== '');
  const audience = ESCALATION_AUDIENCES.filter((each) => named.includes(each));
  const strangers = named.filter((word) => !audience.some((each) => each === word));
  if (strangers.length > 0)
    report(
      `${field}.command`,
      `cannot tell ${strangers.join(', ')}; can tell ${ESCALATION_AUDIENCES.join(', ')}`,
    );
  if (message.trim() === '') report(`${field}.description`, 'is what they are told, and says nothing');
  if (strangers.length > 0 || message.trim() === '') return undefined;
  return { action: 'notify', audience, message: message.slice(0, MESSAGE_LENGTH) };
}

function httpOf(
  { command = '', headers = {}, content }: CacaoCommand,
  urls: readonly string[],
  field: string,
  report: Report,
): Command | undefined {
  const [, method, path] = REQUEST_LINE.exec(command) ?? [];
  if (method === undefined || path === undefined) {
    report(`${field}.command`, 'must be a request line such as POST /hosts/isolate');
    return undefined;
  }
  if (urls.length === 0) report(`${field}.command`, 'an http-api command needs a target of type http-api');
  if (content !== undefined && (method === 'GET' || method === 'HEAD'))
    report(`${field}.content`, `a ${method} has no content`);
  const flat: Record<string, string> = {};
  for (const [name, values] of Object.entries(headers)) {
    if (!HEADER.test(name) || FORBIDDEN.has(name.toLowerCase()))
      report(`${field}.headers.${name}`, 'this header cannot be set');
    flat[name.toLowerCase()] = values.join(', ');
  }
  return { action: 'http', method, path, headers: flat, body: content ?? null, targets: urls };
}

function urlOf(document: CacaoPlaybook, id: string, field: string, report: Report): string[] {
  const definition = document.target_definitions?.[id];
  if (definition === undefined) {
    report(field, `no such target: ${id}`);
    return [];
  }
  const parsed = httpTarget.safeParse(definition);
  const url = parsed.data?.address.url[0];
  if (url === undefined) {
    report(field, `target ${id} must be of type http-api with one http(s) url as its address`);
    return [];
  }
  const { username, password, search, hash } = new URL(url);
  if (username !== '' || password !== '' || search !== '' || hash !== '')
    report(field, `the address of ${id} must be a plain base address`);
  return [withoutEndSlashes(url)];
}

function withoutEndSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
}
