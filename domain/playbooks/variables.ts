// Variables in a step's words: `__name__:value` is replaced, wherever it stands, by the value. Pure.
import type { Command, Variables } from './plan.js';

export const REFERENCE = /(__[A-Za-z0-9_-]{1,100}?__):value/g;
/** A value is a word, not a document: what a workflow carries stays small. */
export const VALUE_LENGTH = 1000;

/** Names that every run has, from its incident; read-only. */
export const GIVEN = [
  '__incident_id__',
  '__incident_ref__',
  '__incident_severity__',
  '__incident_category__',
] as const;

export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map((match) => match[1] ?? '');
}

export function textsOf(command: Command): string[] {
  switch (command.action) {
    case 'manual':
      return [command.instructions];
    case 'http':
      return [command.path, command.body ?? '', ...Object.values(command.headers)];
    case 'steampipe':
      return [command.sql];
    case 'task':
      return [command.title, command.instructions];
    case 'notify':
      return [command.message];
    case 'evidence':
      return [command.title];
  }
}

/** The command as it would be carried out now. */
export function resolve(command: Command, variables: Variables): Command {
  const fill = (text: string, encode: (value: string) => string = (value) => value): string =>
    text.replaceAll(REFERENCE, (_, name: string) => encode(variables[name] ?? ''));
  switch (command.action) {
    case 'manual':
      return { ...command, instructions: fill(command.instructions) };
    case 'http':
      return {
        ...command,
        // a value never leaves its place in the path, the JSON text or the header
        path: fill(command.path, encodeURIComponent),
        headers: Object.fromEntries(
          Object.entries(command.headers).map(([key, value]) => [
            key,
            fill(value, (given) => given.replaceAll(/[\r\n]/g, ' ')),
          ]),
        ),
        body:
          command.body === null ? null : fill(command.body, (value) => JSON.stringify(value).slice(1, -1)),
      };
    case 'steampipe':
      return {
        ...command,
        sql: fill(command.sql, (value) => value.replaceAll("'", "''").replaceAll('\\', '')),
      };
    case 'task':
      return {
        ...command,
        title: fill(command.title).slice(0, 300),
        instructions: fill(command.instructions),
      };
    case 'notify':
      return { ...command, message: fill(command.message) };
    case 'evidence':
      return { ...command, title: fill(command.title) };
  }
}

/** The value at a dotted path of an answer, as text; undefined when there is none. */
export function pick(answer: unknown, path: string): string | undefined {
  let value: unknown = answer;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, VALUE_LENGTH);
}
