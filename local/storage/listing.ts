import { S3Error } from './errors.js';
import type { ObjectFiles, ObjectMetadata } from './files.js';
import { queryValue, type Target } from './target.js';
import { listXml } from './xml.js';

const MAX_KEYS = 1000;

/** ListObjectsV2: one page of keys after the token, those with the delimiter folded into common prefixes. */
export async function listObjects(files: ObjectFiles, target: Target): Promise<string> {
  const query = (name: string) => queryValue(target, name);
  if (query('list-type') !== '2') throw new S3Error('NotImplemented', 'Only list-type=2 is supported.');
  const max_keys = parseMaxKeys(query('max-keys'));
  const prefix = query('prefix') ?? '';
  const delimiter = query('delimiter') ?? '';
  const continuation_token = query('continuation-token');
  const after =
    continuation_token === undefined ? (query('start-after') ?? '') : decodeToken(continuation_token);

  const objects: ObjectMetadata[] = [];
  const common_prefixes: string[] = [];
  let last: string | undefined;
  let next_token: string | undefined;
  for (const object of await files.list(target.bucket)) {
    const { key } = object;
    if (!key.startsWith(prefix) || isAtOrBefore(key, after)) continue;
    const folded = foldedPrefix(key, prefix, delimiter);
    // A page that ended on a common prefix is continued behind all of its keys.
    if (folded !== undefined && (folded === common_prefixes.at(-1) || folded === after)) continue;
    if (objects.length + common_prefixes.length >= max_keys) {
      next_token = last === undefined ? undefined : Buffer.from(last).toString('base64url');
      break;
    }
    if (folded === undefined) objects.push(object);
    else common_prefixes.push(folded);
    last = folded ?? key;
  }
  return listXml({
    bucket: target.bucket,
    prefix,
    delimiter,
    max_keys,
    url_encoded: query('encoding-type') === 'url',
    objects,
    common_prefixes,
    continuation_token,
    next_token,
  });
}

function foldedPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : key.slice(0, end + delimiter.length);
}

function parseMaxKeys(text: string | undefined): number {
  if (text === undefined) return MAX_KEYS;
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', 'max-keys must be a number.');
  return Math.min(Number(text), MAX_KEYS);
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text === '') throw new S3Error('InvalidArgument', 'The continuation token is not valid.');
  return text;
}

function isAtOrBefore(key: string, after: string): boolean {
  return after !== '' && Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0;
}
