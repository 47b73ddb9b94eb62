// OSCAL 1.x catalogues in JSON, as strict as OSCAL's own schema.
import { z } from 'zod';
import { line, markupLine, prose, some, token, uri, uuid } from './oscal-data-schema.js';
import {
  backMatter,
  link,
  metadata,
  type OscalLink,
  type OscalProperty,
  property,
} from './oscal-metadata-schema.js';

export const part = z.strictObject({
  id: token.optional(),
  name: token,
  ns: uri.optional(),
  class: token.optional(),
  title: markupLine.optional(),
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
  links?: OscalLink[] | undefined;
}

/** What a parameter says, and a profile may say anew. */
export const parameterWords = {
  class: token.optional(),
  'depends-on': token.optional(),
  props: some(property),
  links: some(link),
  label: markupLine.optional(),
  usage: prose.optional(),
  constraints: some(
    z.strictObject({
      description: prose.optional(),
      tests: some(z.strictObject({ expression: line, remarks: prose.optional() })),
    }),
  ),
  guidelines: some(z.strictObject({ prose })),
  values: some(line),
  select: z
    .strictObject({ 'how-many': z.enum(['one', 'one-or-more']).optional(), choice: some(markupLine) })
    .optional(),
};

export function isOneOf(words: { values?: unknown; select?: unknown }): boolean {
  return words.values === undefined || words.select === undefined;
}
export const ONE_OF = { path: ['select'], message: 'must not stand beside values' };

export const param = z
  .strictObject({ ...parameterWords, id: token, remarks: prose.optional() })
  .refine(isOneOf, ONE_OF);
export type OscalParam = z.infer<typeof param>;

export const described = {
  title: markupLine,
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
  links?: OscalLink[] | undefined;
  parts?: OscalPart[] | undefined;
  controls?: OscalControl[] | undefined;
}

const group: z.ZodType<OscalGroup> = z
  .strictObject({
    ...described,
    id: token.optional(),
    get groups(): z.ZodOptional<z.ZodArray<z.ZodType<OscalGroup>>> {
      return some(group);
    },
    controls: some(control),
  })
  .refine((it) => it.groups === undefined || it.controls === undefined, {
    path: ['controls'],
    message: 'must not stand beside groups',
  });
export interface OscalGroup extends Omit<OscalControl, 'id'> {
  id?: string | undefined;
  groups?: OscalGroup[] | undefined;
}

export const oscalCatalog = z.strictObject({
  uuid,
  metadata,
  params: some(param),
  controls: some(control),
  groups: some(group),
  'back-matter': backMatter.optional(),
});
export type OscalCatalog = z.infer<typeof oscalCatalog>;
