// OSCAL 1.x catalogues and profiles in JSON, as strict as OSCAL's own schema where we read; what we do not read
// (roles, parties, references) is looked at only for its kind.
import { z } from 'zod';

const TOKEN = /^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$/u;
const UUID = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$/;

// Postgres keeps no NUL
const prose = z.string().refine((value) => !value.includes('\u0000'), 'must not hold a NUL');
const line = prose.regex(/^\S(.*\S)?$/u, 'must be one line without blanks around it');
const token = z.string().max(200).regex(TOKEN, 'must be an OSCAL token');
const uuid = z.string().regex(UUID, 'must be a UUID of version 4 or 5');
const unread = z.looseObject({});

function some<T extends z.ZodType>(item: T) {
  return z.array(item).min(1).optional();
}

const property = z.strictObject({
  name: token,
  uuid: uuid.optional(),
  ns: z.string().optional(),
  value: line,
  class: token.optional(),
  group: token.optional(),
  remarks: prose.optional(),
});

const link = z.strictObject({
  href: z.string(),
  rel: token.optional(),
  'media-type': line.optional(),
  'resource-fragment': line.optional(),
  text: prose.optional(),
});

const part = z.strictObject({
  id: token.optional(),
  name: token,
  ns: z.string().optional(),
  class: token.optional(),
  title: prose.optional(),
  props: some(property),
  prose: prose.optional(),
  get parts(): z.ZodOptional<z.ZodArray<z.ZodType<OscalPart>>> {
    return some(part);
  },
  links: some(link),
});
export interface OscalPart {
  id?: string | undefined;
  name: string;
  ns?: string | undefined;
  class?: string | undefined;
  title?: string | undefined;
  props?: OscalProperty[] | undefined;
  prose?: string | undefined;
  parts?: OscalPart[] | undefined;
  links?: z.infer<typeof link>[] | undefined;
}
export type OscalProperty = z.infer<typeof property>;

const param = z.strictObject({
  id: token,
  class: token.optional(),
  'depends-on': token.optional(),
  props: some(property),
  links: some(link),
  label: prose.optional(),
  usage: prose.optional(),
  constraints: some(unread),
  guidelines: some(z.strictObject({ prose })),
  values: some(line),
  select: z
    .strictObject({ 'how-many': z.enum(['one', 'one-or-more']).optional(), choice: some(prose) })
    .optional(),
  remarks: prose.optional(),
});
export type OscalParam = z.infer<typeof param>;

const described = {
  title: prose,
  class: token.optional(),
  params: some(param),
  props: some(property),
  links: some(link),
  parts: some(part),
};

const control = z.strictObject({
  ...described,
  id: token,
  get controls(): z.ZodOptional<z.ZodArray<z.ZodType<OscalControl>>> {
    return some(control);
  },
});
export interface OscalControl {
  id: string;
  title: string;
  class?: string | undefined;
  params?: OscalParam[] | undefined;
  props?: OscalProperty[] | undefined;
  links?: z.infer<typeof link>[] | undefined;
  parts?: OscalPart[] | undefined;
  controls?: OscalControl[] | undefined;
}

const group = z.strictObject({
  ...described,
  id: token.optional(),
  get groups(): z.ZodOptional<z.ZodArray<z.ZodType<OscalGroup>>> {
    return some(group);
  },
  controls: some(control),
});
export interface OscalGroup extends Omit<OscalControl, 'id'> {
  id?: string | undefined;
  groups?: OscalGroup[] | undefined;
}

const metadata = z.strictObject({
  title: prose.refine((value) => value.trim() !== '', 'must not be empty'),
  'last-modified': z.iso.datetime({ offset: true }),
  version: line.max(100),
  'oscal-version': z.string().regex(/^1\.\d+\.\d+/, 'must be OSCAL 1.x'),
  published: z.string().optional(),
  revisions: some(unread),
  'document-ids': some(unread),
  props: some(property),
  links: some(link),
  roles: some(unread),
  locations: some(unread),
  parties: some(unread),
  'responsible-parties': some(unread),
  actions: some(unread),
  remarks: prose.optional(),
});

export const oscalCatalog = z.strictObject({
  uuid,
  metadata,
  params: some(param),
  controls: some(control),
  groups: some(group),
  'back-matter': unread.optional(),
});
export type OscalCatalog = z.infer<typeof oscalCatalog>;

const selection = z.strictObject({
  'with-child-controls': z.enum(['yes', 'no']).optional(),
  'with-ids': some(token),
  matching: some(z.strictObject({ pattern: line.max(200).optional() })),
});
export type OscalSelection = z.infer<typeof selection>;

export const oscalProfile = z.strictObject({
  uuid,
  metadata,
  imports: z
    .array(
      z.strictObject({
        href: z.string(),
        'include-all': z.strictObject({}).optional(),
        'include-controls': some(selection),
        'exclude-controls': some(selection),
      }),
    )
    .min(1),
  merge: unread.optional(),
  modify: unread.optional(),
  'back-matter': unread.optional(),
});
export type OscalProfile = z.infer<typeof oscalProfile>;
