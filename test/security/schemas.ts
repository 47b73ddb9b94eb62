// A route's input as JSON Schema: where ids stand in it, and where an object takes no other fields.
import { z } from 'zod';
import type { Schema } from '../../api/http/spec.js';

/** Names and indexes from the root to a place in the input; `0` and `any` stand for an item and a key. */
export type Path = readonly string[];

const node = z.object({
  $ref: z.string().optional(),
  format: z.string().optional(),
  get properties() {
    return z.record(z.string(), node).optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), node]).optional();
  },
  get items() {
    return node.optional();
  },
  get anyOf() {
    return z.array(node).optional();
  },
  get oneOf() {
    return z.array(node).optional();
  },
  get allOf() {
    return z.array(node).optional();
  },
  get definitions() {
    return z.record(z.string(), node).optional();
  },
});
type Node = z.infer<typeof node>;

interface Place {
  path: Path;
  node: Node;
}

/** Every place in the input, the root first. */
function places(schema: Schema): Place[] {
  const root = node.parse(
    z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' }),
  );
  const found: Place[] = [];
  const walk = (path: Path, at: Node): void => {
    if (at.$ref !== undefined) {
      const named = root.definitions?.[at.$ref.replace('#/definitions/', '')];
      if (!named) throw new Error(`${at.$ref} leads nowhere`);
      return walk(path, named);
    }
    found.push({ path, node: at });
    for (const part of [...(at.anyOf ?? []), ...(at.oneOf ?? []), ...(at.allOf ?? [])]) walk(path, part);
    for (const [name, field] of Object.entries(at.properties ?? {})) walk([...path, name], field);
    if (typeof at.additionalProperties === 'object') walk([...path, 'any'], at.additionalProperties);
    if (at.items) walk([...path, '0'], at.items);
  };
  walk([], root);
  return found;
}

/** Where the input may name something by its id. */
export function idFields(schema: Schema | undefined): Path[] {
  if (schema === undefined) return [];
  return places(schema)
    .filter((place) => place.node.format === 'uuid')
    .map(({ path }) => path);
}

/** The objects in the input that take the fields of their schema and no others. */
export function closedObjects(schema: Schema): { path: Path; fields: string[] }[] {
  return places(schema)
    .filter((place) => place.node.additionalProperties === false)
    .map(({ path, node: { properties = {} } }) => ({ path, fields: Object.keys(properties) }));
}

/** Fields at the top of what a route answers. */
export function answeredFields(schema: Schema): string[] {
  const root = node.parse(z.toJSONSchema(schema, { unrepresentable: 'any', reused: 'inline' }));
  return Object.keys(root.properties ?? {});
}

/** The name under which a place is known: `owner_id` of `review.actions.0.owner_id`. */
export function nameOf(path: Path): string {
  return path.findLast((part) => part !== '0') ?? '';
}

/** A copy of the body with one field more or another; objects and lists on the way are made. */
export function withField(body: unknown, path: Path, value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const isList = name === '0';
  const base = isList
    ? []
    : typeof body === 'object' && body !== null && !Array.isArray(body)
      ? { ...body }
      : {};
  const inner: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  // defined, not assigned: `__proto__` is a field like any other here
  Object.defineProperty(base, name, {
    value: withField(Object.hasOwn(Object(body), name) ? inner : undefined, rest, value),
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return base;
}
