// OSCAL documents as frameworks of ours. Pure; what cannot be taken as it was meant is refused with its place.
import { DomainError } from '../errors.js';
import { labelOf, type Params, paramsOf, proseOf } from './oscal-prose.js';
import type { OscalCatalog, OscalControl, OscalGroup, OscalProfile, OscalSelection } from './oscal-schema.js';
import { questionOn } from './rules.js';
import type { CatalogueControl, CatalogueGroup } from './catalogue.js';

/** A control with its id in OSCAL, by which profiles choose and results are told. */
export interface ImportedControl extends CatalogueControl {
  readonly oscal_id: string;
}

export interface ImportedFramework {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly source: string;
  readonly groups: readonly CatalogueGroup[];
  readonly controls: readonly ImportedControl[];
}

export const MOST_CONTROLS = 5_000;
const UNGROUPED = 'general';

function refused(field: string, detail: string): DomainError {
  return new DomainError('VALIDATION_ERROR', `${field}: ${detail}`, { field });
}

/** @throws DomainError VALIDATION_ERROR for two controls with one id, or none at all */
export function frameworkOfCatalog(catalog: OscalCatalog): ImportedFramework {
  const { title, version } = catalog.metadata;
  const found: Found = { groups: [], controls: [], seen: new Map() };
  const params = paramsOf(catalog.params);
  if (catalog.controls) {
    found.groups.push({ key: UNGROUPED, title });
    takeControls(found, catalog.controls, { group: UNGROUPED, params, path: 'catalog.controls' });
  }
  takeGroups(found, catalog.groups ?? [], params, 'catalog.groups');
  const groups = found.groups.filter(({ key }) => found.controls.some(({ group }) => group === key));
  refuseSize(found.controls.length, 'catalog');
  return {
    name: title,
    version,
    description: `Imported OSCAL catalogue of ${String(found.controls.length)} controls`,
    source: `OSCAL catalogue ${catalog.uuid}, version ${version}`,
    groups,
    controls: found.controls,
  };
}

interface Found {
  groups: CatalogueGroup[];
  controls: ImportedControl[];
  /** Id -> place where it was found first. */
  seen: Map<string, string>;
}

interface Place {
  group: string;
  params: Params;
  path: string;
}

function takeGroups(found: Found, groups: readonly OscalGroup[], outer: Params, path: string): void {
  for (const [index, group] of groups.entries()) {
    const here = `${path}.${String(index)}`;
    const key = group.id ?? `group-${String(found.groups.length + 1)}`;
    if (found.groups.some((other) => other.key === key)) throw refused(`${here}.id`, `${key} is there twice`);
    found.groups.push({ key, title: group.title });
    const params = new Map([...outer, ...paramsOf(group.params)]);
    takeControls(found, group.controls ?? [], { group: key, params, path: `${here}.controls` });
    takeGroups(found, group.groups ?? [], params, `${here}.groups`);
  }
}

function takeControls(found: Found, controls: readonly OscalControl[], place: Place): void {
  for (const [index, control] of controls.entries()) {
    const here = `${place.path}.${String(index)}`;
    const first = found.seen.get(control.id);
    if (first !== undefined) throw refused(`${here}.id`, `${control.id} is there twice, first at ${first}`);
    found.seen.set(control.id, here);
    const params = new Map([...place.params, ...paramsOf(control.params)]);
    if (!isWithdrawn(control)) found.controls.push(controlOf(control, place.group, params, found.controls));
    takeControls(found, control.controls ?? [], { ...place, params, path: `${here}.controls` });
  }
}

function isWithdrawn({ props }: OscalControl): boolean {
  return (props ?? []).some(({ name, value }) => name === 'status' && value.toLowerCase() === 'withdrawn');
}

function controlOf(
  control: OscalControl,
  group: string,
  params: Params,
  others: readonly ImportedControl[],
): ImportedControl {
  const label = labelOf(control.props);
  // a label is for people and may stand twice; the id may not
  const ref = label === undefined || others.some((other) => other.ref === label) ? control.id : label;
  const statement = proseOf(control.parts, ['statement', 'overview'], params);
  return {
    oscal_id: control.id,
    ref,
    group,
    title: control.title,
    description: statement === '' ? control.title : statement,
    question: questionOn(control.title),
    guidance: proseOf(control.parts, ['guidance'], params),
    kind: 'control',
    checks: [],
  };
}

/**
 * The part of a framework that a profile chooses, as it stands there.
 * @throws DomainError VALIDATION_ERROR for ids that are not in it, and for changes a profile makes to what it chooses
 */
export function frameworkOfProfile(
  profile: OscalProfile,
  base: Pick<ImportedFramework, 'name' | 'version' | 'groups' | 'controls'>,
): ImportedFramework {
  if (profile.modify !== undefined && Object.keys(profile.modify).length > 0)
    throw refused(
      'profile.modify',
      'changes to controls are not applied; resolve the profile, then import the catalogue',
    );
  const ids = new Set(base.controls.map(({ oscal_id }) => oscal_id));
  const chosen = new Set<string>();
  for (const [index, wanted] of profile.imports.entries()) {
    const path = `profile.imports.${String(index)}`;
    const included = wanted['include-controls'];
    const within = included ? choose(included, ids, `${path}.include-controls`) : ids;
    const without = choose(wanted['exclude-controls'] ?? [], ids, `${path}.exclude-controls`);
    for (const id of within) if (!without.has(id)) chosen.add(id);
  }
  const controls = base.controls.filter(({ oscal_id }) => chosen.has(oscal_id));
  refuseSize(controls.length, 'profile');
  const { title, version } = profile.metadata;
  return {
    name: title,
    version,
    description: `${String(controls.length)} of the ${String(ids.size)} controls of ${base.name} ${base.version}`,
    source: `OSCAL profile ${profile.uuid}, version ${version}, of ${base.name} ${base.version}`,
    groups: base.groups.filter(({ key }) => controls.some(({ group }) => group === key)),
    controls,
  };
}

function choose(selections: readonly OscalSelection[], ids: ReadonlySet<string>, path: string): Set<string> {
  const chosen = new Set<string>();
  for (const [index, selection] of selections.entries()) {
    const named = selection['with-ids'] ?? [];
    for (const [at, id] of named.entries())
      if (!ids.has(id))
        throw refused(`${path}.${String(index)}.with-ids.${String(at)}`, `there is no control ${id}`);
    const patterns = (selection.matching ?? []).map(({ pattern }) => matcherOf(pattern ?? '*'));
    const direct = [...ids].filter(
      (id) => named.includes(id) || patterns.some((pattern) => pattern.test(id)),
    );
    for (const id of direct) {
      chosen.add(id);
      if (selection['with-child-controls'] === 'yes')
        for (const child of ids) if (child.startsWith(`${id}.`)) chosen.add(child);
    }
  }
  return chosen;
}

/** OSCAL's glob: `*` for any characters, `?` for one. */
function matcherOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 'u');
}

function refuseSize(count: number, field: string): void {
  if (count === 0) throw refused(field, 'holds no active control');
  if (count > MOST_CONTROLS)
    throw refused(field, `holds ${String(count)} controls; ${String(MOST_CONTROLS)} are the most`);
}
