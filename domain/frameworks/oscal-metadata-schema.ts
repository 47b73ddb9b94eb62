// What all OSCAL documents have in common: who wrote them when, and what they refer to.
import { z } from 'zod';
import {
  base64,
  dateTime,
  email,
  line,
  markupLine,
  prose,
  some,
  token,
  uri,
  uriReference,
  uuid,
} from './oscal-data-schema.js';

export const property = z.strictObject({
  name: token,
  uuid: uuid.optional(),
  ns: uri.optional(),
  value: line,
  class: token.optional(),
  group: token.optional(),
  remarks: prose.optional(),
});
export type OscalProperty = z.infer<typeof property>;

export const link = z.strictObject({
  href: uriReference,
  rel: token.optional(),
  'media-type': line.optional(),
  'resource-fragment': line.optional(),
  text: markupLine.optional(),
});
export type OscalLink = z.infer<typeof link>;

/** Of nearly everything. */
const annotated = { props: some(property), links: some(link) };
const remarked = { ...annotated, remarks: prose.optional() };

const documentId = z.strictObject({ scheme: uri.optional(), identifier: line });

const address = z.strictObject({
  type: token.optional(),
  'addr-lines': some(line),
  city: line.optional(),
  state: line.optional(),
  'postal-code': line.optional(),
  country: line.optional(),
});
const reachable = {
  'email-addresses': some(email),
  'telephone-numbers': some(z.strictObject({ type: line.optional(), number: line })),
};

const location = z.strictObject({
  ...remarked,
  ...reachable,
  uuid,
  title: markupLine.optional(),
  address: address.optional(),
  urls: some(uri),
});

const party = z
  .strictObject({
    ...remarked,
    ...reachable,
    uuid: uuid.optional(),
    type: z.enum(['person', 'organization']).optional(),
    name: line.optional(),
    'short-name': line.optional(),
    'external-ids': some(z.strictObject({ scheme: uri, id: line })),
    addresses: some(address),
    'location-uuids': some(uuid),
    'member-of-organizations': some(uuid),
  })
  .refine((it) => it.addresses === undefined || it['location-uuids'] === undefined, {
    path: ['location-uuids'],
    message: 'must not stand beside addresses',
  });

const responsibleParty = z.strictObject({
  ...remarked,
  'role-id': token,
  'party-uuids': z.array(uuid).min(1),
});

const version = line.max(100, 'must not be longer than 100 characters');
const oscalVersion = line.regex(/^1\.\d+\.\d+/, 'must be OSCAL 1.x');

export const metadata = z.strictObject({
  ...remarked,
  title: markupLine.refine((value) => value.trim() !== '', 'must not be empty'),
  published: dateTime.optional(),
  'last-modified': dateTime,
  version,
  'oscal-version': oscalVersion,
  revisions: some(
    z.strictObject({
      ...remarked,
      title: markupLine.optional(),
      published: dateTime.optional(),
      'last-modified': dateTime.optional(),
      version: line,
      'oscal-version': line.optional(),
    }),
  ),
  'document-ids': some(documentId),
  roles: some(
    z.strictObject({
      ...remarked,
      id: token,
      title: markupLine,
      'short-name': line.optional(),
      description: prose.optional(),
    }),
  ),
  locations: some(location),
  parties: some(party),
  'responsible-parties': some(responsibleParty),
  actions: some(
    z.strictObject({
      ...remarked,
      uuid,
      date: dateTime.optional(),
      type: token,
      system: uri,
      'responsible-parties': some(responsibleParty),
    }),
  ),
});

export const backMatter = z.strictObject({
  resources: some(
    z.strictObject({
      uuid,
      title: markupLine.optional(),
      description: prose.optional(),
      props: some(property),
      'document-ids': some(documentId),
      citation: z.strictObject({ ...annotated, text: markupLine }).optional(),
      rlinks: some(
        z.strictObject({
          href: uriReference,
          'media-type': line.optional(),
          hashes: some(z.strictObject({ algorithm: line, value: line })),
        }),
      ),
      base64: z
        .strictObject({ filename: token.optional(), 'media-type': line.optional(), value: base64 })
        .optional(),
      remarks: prose.optional(),
    }),
  ),
});
