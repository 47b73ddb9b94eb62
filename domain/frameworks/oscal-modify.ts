// The changes that a profile makes to its catalogue before it chooses: parameters set anew, pieces removed and added.
import type { Effort } from './oscal-effort.js';
import type { OscalLink, OscalProperty } from './oscal-metadata-schema.js';
import type { OscalAddition, OscalModify, OscalRemoval, OscalSetParameter } from './oscal-profile-schema.js';
import { refused } from './oscal-refusal.js';
import type { OscalCatalog, OscalControl, OscalGroup, OscalParam, OscalPart } from './oscal-schema.js';

/** What a control, and with less of it a part or a parameter, is made of. */
interface Holder {
  id?: string | undefined;
  params?: OscalParam[] | undefined;
  props?: OscalProperty[] | undefined;
  links?: OscalLink[] | undefined;
  parts?: OscalPart[] | undefined;
}

/**
 * The catalogue as the profile wants it; a change of a control that it does not choose has no effect.
 * @throws DomainError VALIDATION_ERROR for a change of what is not there, or of what cannot hold it
 */
export function modified(
  catalog: OscalCatalog,
  modify: OscalModify | undefined,
  effort: Effort,
): OscalCatalog {
  if (!modify) return catalog;
  const changed = structuredClone(catalog);
  const controls = new Map<string, OscalControl>();
  const holders: Holder[] = [{ params: changed.params }];
  const visit = ({ controls: inner }: { controls?: OscalControl[] | undefined }): void => {
    for (const control of inner ?? []) {
      holders.push(control);
      controls.set(control.id, control);
      visit(control);
    }
  };
  const visitGroups = (groups: readonly OscalGroup[] | undefined): void => {
    for (const group of groups ?? []) {
      holders.push(group);
      visit(group);
      visitGroups(group.groups);
    }
  };
  visit(changed);
  visitGroups(changed.groups);
  setParameters(holders, modify['set-parameters'] ?? [], effort);
  for (const [index, { 'control-id': id, removes, adds }] of (modify.alters ?? []).entries()) {
    const path = `profile.modify.alters.${String(index)}`;
    const control = controls.get(id);
    if (!control) throw refused(`${path}.control-id`, `there is no control ${id}`);
    for (const [at, removal] of (removes ?? []).entries()) {
      effort.spend(sizeOf(control), path);
      remove(control, removal, `${path}.removes.${String(at)}`);
    }
    for (const [at, addition] of (adds ?? []).entries()) {
      effort.spend(sizeOf(control), path);
      add(control, addition, `${path}.adds.${String(at)}`);
    }
  }
  return changed;
}

/** How many things a change of it may have to go over. */
function sizeOf({ params = [], props = [], links = [], parts = [] }: Holder): number {
  return [...params, ...parts].reduce((sum, inner) => sum + sizeOf(inner), 1 + props.length + links.length);
}

function setParameters(holders: readonly Holder[], sets: readonly OscalSetParameter[], effort: Effort): void {
  const places = new Map<string, { list: OscalParam[]; at: number }>();
  for (const { params: list = [] } of holders)
    for (const [at, { id }] of list.entries()) places.set(id, { list, at });
  for (const [index, { 'param-id': id, ...words }] of sets.entries()) {
    const path = `profile.modify.set-parameters.${String(index)}.param-id`;
    if (id === undefined) throw refused(path, 'which parameter?');
    const place = places.get(id);
    const param = place?.list[place.at];
    if (!place || !param) throw refused(path, `there is no parameter ${id}`);
    effort.spend(sizeOf(param) + (param.guidelines?.length ?? 0), path);
    place.list[place.at] = setAnew(param, words);
  }
}

/** Words take the place of words; annotations come to those that are there. */
function setAnew(param: OscalParam, words: Omit<OscalSetParameter, 'param-id'>): OscalParam {
  const { values, select, ...kept } = param;
  const set = words.values ?? words.select;
  return {
    ...kept,
    ...(set === undefined && { values, select }),
    ...words,
    props: joined(param.props, words.props),
    links: joined(param.links, words.links),
    guidelines: joined(param.guidelines, words.guidelines),
  };
}

function joined<T>(before: T[] | undefined, after: T[] | undefined): T[] | undefined {
  return before && after ? [...before, ...after] : (before ?? after);
}

interface Item {
  id?: string | undefined;
  name?: string | undefined;
  class?: string | undefined;
  ns?: string | undefined;
}

/** What answers to every `by-` goes, at any depth of the control, but not out of the controls within it. */
function remove(control: OscalControl, removal: OscalRemoval, path: string): void {
  const { remarks: _said, ...wanted } = removal;
  if (Object.keys(wanted).length === 0) throw refused(path, 'what is to be removed?');
  let count = 0;
  const stays =
    (kind: string) =>
    (item: Item): boolean => {
      const goes =
        [kind, undefined].includes(wanted['by-item-name']) &&
        [item.name, undefined].includes(wanted['by-name']) &&
        [item.class, undefined].includes(wanted['by-class']) &&
        [item.id, undefined].includes(wanted['by-id']) &&
        [item.ns, undefined].includes(wanted['by-ns']);
      if (goes) count += 1;
      return !goes;
    };
  const clear = (holder: Holder): void => {
    holder.params = holder.params?.filter(stays('param'));
    holder.props = holder.props?.filter(stays('prop'));
    holder.links = holder.links?.filter((link) => stays('link')({ name: link.rel }));
    holder.parts = holder.parts?.filter(stays('part'));
    for (const inner of [...(holder.params ?? []), ...(holder.parts ?? [])]) clear(inner);
  };
  clear(control);
  if (count === 0 && wanted['by-id'] !== undefined)
    throw refused(`${path}.by-id`, `there is nothing ${wanted['by-id']} in ${control.id}`);
}

interface Found {
  holder: Holder;
  /** The lists of the one that holds it; none for the control itself. */
  around?: Holder;
  kind: 'control' | 'part' | 'param';
}

function find(control: OscalControl, id: string): Found | undefined {
  for (const holder of control.params ?? [])
    if (holder.id === id) return { holder, around: control, kind: 'param' };
  const within = (around: Holder): Found | undefined => {
    for (const holder of around.parts ?? []) {
      if (holder.id === id) return { holder, around, kind: 'part' };
      const deeper = within(holder);
      if (deeper) return deeper;
    }
    return undefined;
  };
  return within(control);
}

function add(control: OscalControl, addition: OscalAddition, path: string): void {
  const id = addition['by-id'];
  const found: Found | undefined =
    id === undefined ? { holder: control, kind: 'control' } : find(control, id);
  if (!found) throw refused(`${path}.by-id`, `there is nothing ${id ?? ''} in ${control.id}`);
  const { position = 'ending', title, params, props, links, parts } = addition;
  const { around, holder, kind } = found;
  if (title !== undefined) {
    if (kind !== 'control') throw refused(`${path}.title`, 'only the control itself takes a title');
    control.title = title;
  }
  if (around && (position === 'before' || position === 'after')) {
    refuseBeside(kind, addition, path);
    around.params = beside(around.params, id, params, position);
    around.parts = beside(around.parts, id, parts, position);
    return;
  }
  // to a control, there is nothing beside itself: before is its start, after is its end
  const first = position === 'starting' || position === 'before';
  if (params && kind !== 'control') throw refused(`${path}.params`, `a ${kind} holds no parameters`);
  if (parts && kind === 'param') throw refused(`${path}.parts`, 'a parameter holds no parts');
  const put = <T>(before: T[] | undefined, more: T[] | undefined): T[] | undefined =>
    first ? joined(more, before) : joined(before, more);
  holder.props = put(holder.props, props);
  holder.links = put(holder.links, links);
  if (kind === 'control') holder.params = put(holder.params, params);
  if (kind !== 'param') holder.parts = put(holder.parts, parts);
}

/** Beside a part stand parts, beside a parameter parameters. */
function refuseBeside(kind: Found['kind'], addition: OscalAddition, path: string): void {
  const fits = kind === 'param' ? 'params' : 'parts';
  for (const field of ['params', 'props', 'links', 'parts'] as const)
    if (field !== fits && addition[field])
      throw refused(`${path}.${field}`, `cannot stand ${addition.position ?? ''} a ${kind}`);
}

function beside<T extends { id?: string | undefined }>(
  list: T[] | undefined,
  id: string | undefined,
  more: T[] | undefined,
  position: 'before' | 'after',
): T[] | undefined {
  if (!list || !more) return list;
  const at = list.findIndex((item) => item.id === id);
  return at < 0 ? list : list.toSpliced(position === 'before' ? at : at + 1, 0, ...more);
}
