// Where a token may stand in a request, and what a cookie may not do.
import type { IncomingMessage } from 'node:http';
import { DomainError } from '../../domain/errors.js';
import { unauthorized } from './access-token.js';

export interface PresentedToken {
  token: string;
  /** Browsers attach cookies by themselves, so these requests must prove that our own page made them. */
  from_cookie: boolean;
}

const COOKIE = 'CF_Authorization';
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Header of the proxy, then bearer, then cookie. Two that differ are refused: one of them is somebody else's.
 * @throws DomainError UNAUTHORIZED
 */
export function presentedToken(req: IncomingMessage): PresentedToken {
  const assertion = single(req.headers['cf-access-jwt-assertion']);
  const bearer = bearerOf(req.headers.authorization);
  const cookies = cookiesOf(req.headers.cookie);
  const token = assertion ?? bearer ?? cookies[0];
  if (token === undefined || token === '') throw unauthorized();
  for (const other of [assertion, bearer, ...cookies]) {
    if (other !== undefined && other !== token) throw unauthorized();
  }
  return { token, from_cookie: assertion === undefined && bearer === undefined };
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}

function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const match = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header);
  // Another scheme, or a malformed value, is a credential that we cannot accept, not an absent one.
  if (match?.[1] === undefined) throw unauthorized();
  return match[1];
}

function cookiesOf(header: string | undefined): string[] {
  if (header === undefined || !header.includes(COOKIE)) return [];
  const values: string[] = [];
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at !== -1 && part.slice(0, at).trim() === COOKIE) values.push(part.slice(at + 1).trim());
  }
  return values;
}

/**
 * @param guest another origin whose pages may call this route
 * @throws DomainError FORBIDDEN when a page of another origin may have sent the cookie along with a change.
 */
export function refuseForgery(
  req: IncomingMessage,
  from_cookie: boolean,
  public_origin: string,
  guest: string | undefined,
): void {
  if (!from_cookie || SAFE.has(req.method ?? '')) return;
  const site = req.headers['sec-fetch-site'];
  // Browsers without that header still send Origin with every change.
  const { origin } = req.headers;
  const invited = guest !== undefined && origin === guest;
  const ours = site === undefined ? origin === public_origin : site === 'same-origin';
  const type = req.headers['content-type'];
  const isForm = type !== undefined && !/^application\/json\b/i.test(type);
  if (!(ours || invited) || isForm) {
    throw new DomainError('FORBIDDEN', 'with the cookie, a change must come from our own pages, as JSON');
  }
}
