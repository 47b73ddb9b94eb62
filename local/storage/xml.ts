import type { S3Error } from './errors.js';
import type { ObjectMetadata } from './files.js';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function errorXml(error: S3Error, resource: string, request_id: string): string {
  return document(
    'Error',
    element('Code', error.code) +
      element('Message', error.message) +
      element('Resource', resource) +
      element('RequestId', request_id),
  );
}

export function copyResultXml(metadata: ObjectMetadata): string {
  return document(
    'CopyObjectResult',
    element('LastModified', new Date(metadata.modified_at).toISOString()) + element('ETag', metadata.etag),
    NAMESPACE,
  );
}

export interface ListResult {
  bucket: string;
  prefix: string;
  delimiter: string;
  max_keys: number;
  url_encoded: boolean;
  objects: ObjectMetadata[];
  common_prefixes: string[];
  continuation_token: string | undefined;
  next_token: string | undefined;
}

export function listXml(list: ListResult): string {
  const name = (text: string) => (list.url_encoded ? encodeURIComponent(text).replace(/%2F/g, '/') : text);
  const objects = list.objects.map((object) =>
    wrap(
      'Contents',
      element('Key', name(object.key)) +
        element('LastModified', new Date(object.modified_at).toISOString()) +
        element('ETag', object.etag) +
        element('Size', String(object.size)) +
        element('StorageClass', 'STANDARD'),
    ),
  );
  const prefixes = list.common_prefixes.map((prefix) =>
    wrap('CommonPrefixes', element('Prefix', name(prefix))),
  );
  return document(
    'ListBucketResult',
    element('Name', list.bucket) +
      element('Prefix', name(list.prefix)) +
      (list.delimiter === '' ? '' : element('Delimiter', name(list.delimiter))) +
      element('KeyCount', String(objects.length + prefixes.length)) +
      element('MaxKeys', String(list.max_keys)) +
      (list.url_encoded ? element('EncodingType', 'url') : '') +
      element('IsTruncated', String(list.next_token !== undefined)) +
      (list.continuation_token === undefined ? '' : element('ContinuationToken', list.continuation_token)) +
      (list.next_token === undefined ? '' : element('NextContinuationToken', list.next_token)) +
      objects.join('') +
      prefixes.join(''),
    NAMESPACE,
  );
}

function document(root: string, body: string, namespace?: string): string {
  const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${body}</${root}>`;
}

function element(name: string, text: string): string {
  return wrap(
    name,
    text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`),
  );
}

function wrap(name: string, body: string): string {
  return `<${name}>${body}</${name}>`;
}
