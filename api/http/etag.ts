// What a client has seen: GET gives an ETag of it, a change may insist on it, a second GET may spare its bytes.
import { hash } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.js';
import type { RouteFacts } from './spec.js';

/** Of one resource, for somebody who is signed in: neither a list nor a file nor a stream. */
export function isResource({ method, permission, response }: RouteFacts): boolean {
  if (method !== 'get' || permission === 'public' || 'raw' in response) return false;
  return !(response instanceof z.ZodObject && 'next_cursor' in response.shape);
}

/** Under it lies everything of an organization; only its own changes answer to its ETag. */
const WITHIN_ORG = ['', 'orgs', ':org_id'].length;

/**
 * The GET whose ETag a change answers to: of the same path, or of the resource that a verb is about or a part is shown
 * with. What is added to a list changes nothing that was seen.
 */
export function seenBy<R extends { spec: RouteFacts }>(spec: RouteFacts, all: readonly R[]): R | undefined {
  if (spec.method === 'get') return undefined;
  const path = spec.path.split('/');
  for (let own = true; own || path.length > WITHIN_ORG; own = false, path.pop()) {
    const found = all.find((each) => each.spec.method === 'get' && each.spec.path === path.join('/'));
    if (found && isResource(found.spec)) return found;
    if (found && own && spec.method === 'post') return undefined;
  }
  return undefined;
}

const digest = (text: string, length: number): string => hash('sha256', text, 'base64url').slice(0, length);

/**
 * Strong: another byte is another tag. Where an answer shows what the clock alone moves, its state comes first and
 * the bytes after a dot, so that nobody's change is refused because a second has passed.
 * @param text how the result is sent
 */
export function etagOf(
  { moved_by_time = [] }: RouteFacts,
  result: unknown,
  text = JSON.stringify(result),
): string {
  if (moved_by_time.length === 0) return `"${digest(text, 27)}"`;
  const names = new Set(moved_by_time);
  const still = JSON.stringify(result, (name, value: unknown) => (names.has(name) ? undefined : value));
  return `"${digest(still, 27)}.${digest(text, 11)}"`;
}

const TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

/** @returns undefined for `*`. @throws DomainError VALIDATION_ERROR for what is no list of tags */
function tagsIn(name: string, value: string): { weak: boolean; tag: string }[] | undefined {
  if (value.trim() === '*') return undefined;
  return value.split(',').map((part) => {
    const [matched, weak, tag = ''] = TAG.exec(part.trim()) ?? [];
    if (matched === undefined)
      throw new DomainError('VALIDATION_ERROR', `${name} takes * or ETags in quotes`, {
        unreadable: true,
        field: name,
      });
    return { weak: weak !== undefined, tag };
  });
}

const stateOf = (tag: string): string => tag.split('.')[0] ?? '';

/** @returns what says whether the caller has seen this state; a weak tag never does */
export function ifMatch(value: string): (etag: string) => boolean {
  const tags = tagsIn('If-Match', value);
  return (etag) =>
    tags?.some(({ weak, tag }) => !weak && stateOf(tag) === stateOf(etag.slice(1, -1))) ?? true;
}

/** True when the caller holds these bytes already. */
export function holds(value: string, etag: string): boolean {
  return tagsIn('If-None-Match', value)?.some(({ tag }) => `"${tag}"` === etag) ?? true;
}
