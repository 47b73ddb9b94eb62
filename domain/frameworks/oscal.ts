// OSCAL documents as frameworks of ours. Pure; what cannot be taken as it was meant is refused with its place.
import { matchesGlob } from './glob.js';
import { Effort } from './oscal-effort.js';
import { modified } from './oscal-modify.js';
import type { OscalProfile, OscalSelection } from './oscal-profile-schema.js';
import { filled, labelOf, Params, proseOf } from './oscal-prose.js';
import { refused } from './oscal-refusal.js';
import type { OscalCatalog, OscalControl, OscalGroup } from './oscal-schema.js';
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

export type ImportBase = Pick<ImportedFramework, 'name' | 'version' | 'groups' | 'controls'>;

export const MOST_CONTROLS = 5_000;
const UNGROUPED = 'general';

/**
 * What becomes of an import's documents: a catalogue whole, or what a profile chooses from the catalogue beside it
 * with its changes made there, or from a framework that is kept already, whose parameters are gone into its texts.
 * @throws DomainError VALIDATION_ERROR naming the place that cannot be taken as it was meant
 */
export function frameworkOf(
  { catalog, profile }: { catalog?: OscalCatalog | undefined; profile?: OscalProfile | undefined },
  base?: ImportBase,
): ImportedFramework {
  const effort = new Effort();
  if (catalog && !profile) return frameworkOfCatalog(catalog, effort);
  if (catalog && profile) {
    const changed = modified(catalog, profile.modify, effort);
    return frameworkOfProfile(profile, frameworkOfCatalog(changed, effort), effort);
  }
  if (!profile || !base) throw refused('catalog', 'a catalogue is needed');
  if (profile.modify && Object.keys(profile.modify).length > 0)
    throw refused('profile.modify', 'its changes need the catalogue itself: give that beside the profile');
  return frameworkOfProfile(profile, base, effort);
}

/** @throws DomainError VALIDATION_ERROR for two controls with one id, or none at all */
function frameworkOfCatalog(catalog: OscalCatalog, effort: Effort): ImportedFramework {
  const { title, version } = catalog.metadata;
  const found: Found = { groups: new Map(), controls: [], seen: new Map(), refs: new Set() };
  const params = new Params(effort, catalog.params);
  if (catalog.controls) {
    found.groups.set(UNGROUPED, title);
    takeControls(found, catalog.controls, { group: UNGROUPED, params, path: 'catalog.controls' });
  }
  takeGroups(found, catalog.groups ?? [], params, 'catalog.groups');
  refuseSize(found.controls.length, 'catalog');
  return {
    name: title,
    version,
    description: `Imported OSCAL catalogue of ${String(found.controls.length)} controls`,
    source: `OSCAL catalogue ${catalog.uuid}, version ${version}`,
    groups: groupsIn(
      [...found.groups].map(([key, groupTitle]) => ({ key, title: groupTitle })),
      found.controls,
    ),
    controls: found.controls,
  };
}

interface Found {
  /** Key -> title. */
  groups: Map<string, string>;
  controls: ImportedControl[];
  /** Id -> place where it was found first. */
  seen: Map<string, string>;
  refs: Set<string>;
}

function groupsIn(groups: readonly CatalogueGroup[], controls: readonly ImportedControl[]): CatalogueGroup[] {
  const used = new Set(controls.map(({ group }) => group));
  return groups.filter(({ key }) => used.has(key));
}

interface Place {
  group: string;
  params: Params;
  path: string;
}

function takeGroups(found: Found, groups: readonly OscalGroup[], outer: Params, path: string): void {
  for (const [index, group] of groups.entries()) {
    const here = `${path}.${String(index)}`;
    const key = group.id ?? `group-${String(found.groups.size + 1)}`;
    if (found.groups.has(key)) throw refused(`${here}.id`, `${key} is there twice`);
    found.groups.set(key, group.title);
    const params = outer.within(group);
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
    const params = place.params.within(control);
    if (!isWithdrawn(control)) takeControl(found, control, place.group, params);
    takeControls(found, control.controls ?? [], { ...place, params, path: `${here}.controls` });
  }
}

function isWithdrawn({ props }: OscalControl): boolean {
  return (props ?? []).some(({ name, value }) => name === 'status' && value.toLowerCase() === 'withdrawn');
}

function takeControl(found: Found, control: OscalControl, group: string, params: Params): void {
  const label = labelOf(control.props);
  // a label is for people and may stand twice; the id may not
  const ref = label === undefined || found.refs.has(label) ? control.id : label;
  found.refs.add(ref);
  const title = filled(control.title, params).trim();
  const statement = proseOf(control.parts, ['statement', 'overview'], params);
  found.controls.push({
    oscal_id: control.id,
    ref,
    group,
    title,
    description: statement === '' ? title : statement,
    question: questionOn(title),
    guidance: proseOf(control.parts, ['guidance'], params),
    kind: 'control',
    checks: [],
  });
}

/** The part of a framework that a profile chooses, as it stands there. */
function frameworkOfProfile(profile: OscalProfile, base: ImportBase, effort: Effort): ImportedFramework {
  if (profile.merge?.custom)
    throw refused(
      'profile.merge.custom',
      'an order of its own is not kept; resolve the profile to a catalogue',
    );
  const ids = new Set(base.controls.map(({ oscal_id }) => oscal_id));
  const chosen = new Set<string>();
  const source = profile.imports[0]?.href;
  for (const [index, wanted] of profile.imports.entries()) {
    const path = `profile.imports.${String(index)}`;
    // one document stands for all of them: of two, the one would be chosen from by what is said of the other
    if (wanted.href !== source)
      throw refused(`${path}.href`, 'is another source than the first; resolve the profile to a catalogue');
    const included = wanted['include-controls'];
    const within = included ? choose(included, ids, `${path}.include-controls`, effort) : ids;
    const without = choose(wanted['exclude-controls'] ?? [], ids, `${path}.exclude-controls`, effort);
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
    groups: groupsIn(base.groups, controls),
    controls,
  };
}

function choose(
  selections: readonly OscalSelection[],
  ids: ReadonlySet<string>,
  path: string,
  effort: Effort,
): Set<string> {
  const chosen = new Set<string>();
  for (const [index, selection] of selections.entries()) {
    const here = `${path}.${String(index)}`;
    const named = new Set(selection['with-ids']);
    for (const [at, id] of (selection['with-ids'] ?? []).entries())
      if (!ids.has(id)) throw refused(`${here}.with-ids.${String(at)}`, `there is no control ${id}`);
    const patterns = (selection.matching ?? []).map(({ pattern }) => pattern ?? '*');
    const matched = (id: string): boolean =>
      patterns.some((pattern) => {
        effort.spend(pattern.length * id.length, here);
        return matchesGlob(pattern, id);
      });
    const direct = new Set([...ids].filter((id) => named.has(id) || matched(id)));
    const children = selection['with-child-controls'] === 'yes';
    effort.spend(ids.size, here);
    for (const id of ids) if (direct.has(id) || (children && isWithin(direct, id))) chosen.add(id);
  }
  return chosen;
}

/** `ac-2.3` is a child of `ac-2`. */
function isWithin(parents: ReadonlySet<string>, id: string): boolean {
  for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1))
    if (parents.has(id.slice(0, dot))) return true;
  return false;
}

function refuseSize(count: number, field: string): void {
  if (count === 0) throw refused(field, 'holds no active control');
  if (count > MOST_CONTROLS)
    throw refused(field, `holds ${String(count)} controls; ${String(MOST_CONTROLS)} are the most`);
}
