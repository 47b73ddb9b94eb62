// Words of an OSCAL control as people read them: parts in order with their labels, parameters filled in.
import type { Effort } from './oscal-effort.js';
import type { OscalProperty } from './oscal-metadata-schema.js';
import type { OscalParam, OscalPart } from './oscal-schema.js';

const INSERT = /\{\{\s{0,9}insert:\s{0,9}param,\s{0,9}([^\s{}]{1,256})\s{0,9}\}\}/g;
/** A choice may name another parameter, and by mistake its own. */
const MOST_NESTED = 5;

/** A letter that is inserted is kept, in every text that it stands in. */
const STEPS_OF_A_LETTER = 10;

/** The parameters that may be inserted somewhere: those of the place itself hide those around it. */
export class Params {
  readonly effort: Effort;
  private readonly own: ReadonlyMap<string, OscalParam>;
  private readonly outer: Params | undefined;

  constructor(effort: Effort, list: readonly OscalParam[] | undefined, outer?: Params) {
    this.effort = effort;
    this.own = new Map((list ?? []).map((param) => [param.id, param]));
    this.outer = outer;
  }

  get(id: string): OscalParam | undefined {
    return this.own.get(id) ?? this.outer?.get(id);
  }

  within({ params }: { params?: readonly OscalParam[] | undefined }): Params {
    return params === undefined ? this : new Params(this.effort, params, this);
  }
}

/** Without a class, if there is one: others are for sorting and for the assessment guide. */
export function labelOf(props: readonly OscalProperty[] | undefined): string | undefined {
  const labels = (props ?? []).filter(({ name }) => name === 'label');
  return (labels.find((label) => label.class === undefined) ?? labels[0])?.value;
}

export function proseOf(
  parts: readonly OscalPart[] | undefined,
  names: readonly string[],
  params: Params,
): string {
  const lines = (parts ?? [])
    .filter(({ name }) => names.includes(name))
    .flatMap((part) => linesOf(part, params, 0));
  return lines.join('\n');
}

function linesOf(part: OscalPart, params: Params, depth: number): string[] {
  const own = [
    labelOf(part.props),
    part.title && filled(part.title, params),
    part.prose && filled(part.prose, params),
  ];
  const line = own.filter(Boolean).join(' ');
  return [
    ...(line === '' ? [] : [`${'  '.repeat(depth)}${line}`]),
    ...(part.parts ?? []).flatMap((inner) => linesOf(inner, params, depth + (line === '' ? 0 : 1))),
  ];
}

/** With each parameter's value in the place where it is inserted, or what is to be put there. */
export function filled(text: string, params: Params, nested = 0): string {
  return text.replace(INSERT, (_, id: string) => {
    const words = wordsOf(params.get(id), params, nested);
    params.effort.spend((1 + words.length) * STEPS_OF_A_LETTER, 'catalog');
    return words;
  });
}

function wordsOf(param: OscalParam | undefined, params: Params, nested: number): string {
  if (param?.values) return param.values.join(', ');
  if (param?.select && nested < MOST_NESTED) {
    const several = param.select['how-many'] === 'one-or-more' ? ' (one or more)' : '';
    const choices = (param.select.choice ?? []).map((choice) => filled(choice, params, nested + 1));
    return `[Selection${several}: ${choices.join('; ')}]`;
  }
  return `[Assignment: ${param?.label ?? 'as the organization defines'}]`;
}
