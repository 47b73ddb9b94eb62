// What a policy may be made of. The engine's own parser reads it; this judges what was read. Pure.
import { isRecord, type PolicyName } from './rules.js';

export interface PolicyProblem {
  line: number;
  column: number;
  detail: string;
}

/** Functions of the input alone. What reaches the network, the host, other policies or much memory is not here. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  `abs ceil floor round plus minus mul div rem max min sum product count sort eq equal assign neq lt lte gt gte
  all any and or intersection union concat contains endswith startswith format_int indexof indexof_n lower upper
  replace split sprintf substring trim trim_left trim_prefix trim_right trim_space trim_suffix to_number type_name walk
  array.concat array.flatten array.reverse array.slice
  object.filter object.get object.keys object.remove object.subset object.union object.union_n
  strings.any_prefix_match strings.any_suffix_match strings.count strings.replace_n strings.reverse strings.split_n
  is_array is_boolean is_null is_number is_object is_set is_string
  internal.member_2 internal.member_3 internal.template_string
  regex.is_valid regex.match glob.match semver.compare semver.is_valid json.is_valid json.marshal json.unmarshal
  base64.is_valid crypto.sha256 units.parse units.parse_bytes
  time.add_date time.clock time.date time.diff time.now_ns time.parse_duration_ns time.parse_rfc3339_ns time.weekday`.split(
    /\s+/,
  ),
);

const PACKAGE_LINE = /^package[ \t]+([a-z_]+)[ \t]*(#.*)?$/;

/**
 * The same text, line by line, as a package of its own that no other policy has. Only the package line is rewritten,
 * so that the engine's lines are the author's.
 */
export function bindPackage(
  source: string,
  name: PolicyName,
  target: string,
): { bound: string; problem?: never } | { bound?: never; problem: PolicyProblem } {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const index = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  const said = PACKAGE_LINE.exec(lines[index] ?? '')?.[1];
  if (said !== name)
    return {
      problem: { line: Math.max(index, 0) + 1, column: 1, detail: `must begin with: package ${name}` },
    };
  return { bound: lines.map((line, at) => (at === index ? `package ${target}` : line)).join('\n') };
}

/** What compiling makes of the variables of a rule. */
const LOCAL = /^(__local\d+__|\$\d+)$/;

/**
 * What the compiled policy uses that it may not. The compiler has resolved every name, so nothing hides behind an
 * import, a shadow or a `with`: what is left is input, variables, names under `data`, and functions.
 */
export function refusedParts(ast: unknown, target: string, source: string): PolicyProblem[] {
  if (!isRecord(ast)) return [{ line: 1, column: 1, detail: 'cannot be read' }];
  const own = `data.${target}`;
  const problems: PolicyProblem[] = [];
  const refuse = (needle: string, detail: string): void => {
    problems.push({ ...placeOf(source, needle), detail });
  };
  if (fixedNames(isRecord(ast.package) ? ast.package.path : undefined).join('.') !== own)
    refuse('package', 'must be in one package');
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    if (!isRecord(node)) return;
    if (node.type === 'var' && node.value === 'data') refuse('data', SEES_INPUT);
    if (node.type !== 'ref' || !Array.isArray(node.value)) {
      Object.values(node).forEach(visit);
      return;
    }
    const names = fixedNames(node.value);
    const [head = '', name] = [names[0], names.join('.')];
    if (head === 'data') {
      if (!name.startsWith(`${own}.`)) refuse('data', SEES_INPUT);
    } else if (
      head !== 'input' &&
      !LOCAL.test(head) &&
      (!FUNCTIONS.has(name) || names.length < node.value.length)
    )
      refuse(name, `the function ${name} is not for policies`);
    visit(node.value.slice(1));
  };
  visit(ast.rules);
  return problems;
}

const SEES_INPUT = 'a policy sees its input only: data is not for it';

/** `[{var http}, {string send}]` -> `http`, `send`; ends where a part is not a fixed name. */
function fixedNames(ref: unknown): string[] {
  const names: string[] = [];
  for (const part of Array.isArray(ref) ? ref : []) {
    const fixed = isRecord(part) && (part.type === 'string' || names.length === 0) ? part.value : undefined;
    if (typeof fixed !== 'string') break;
    names.push(fixed);
  }
  return names;
}

/** The compiled form has no places: the first one where the word stands in the text. */
function placeOf(source: string, needle: string): { line: number; column: number } {
  const word = new RegExp(`(?<![\\w.])${needle.replaceAll(/\W/g, '\\$&')}(?!\\w)`);
  const lines = source.split('\n').map((text) => (text.trim().startsWith('#') ? '' : text));
  const line = lines.findIndex((text) => word.test(text));
  return { line: Math.max(line, 0) + 1, column: Math.max((lines[line] ?? '').search(word), 0) + 1 };
}
