// OSCAL 1.x profiles in JSON, as strict as OSCAL's own schema.
import { z } from 'zod';
import { line, markupLine, prose, some, token, uri, uriReference, uuid } from './oscal-data-schema.js';
import { backMatter, link, metadata, property } from './oscal-metadata-schema.js';
import { described, isOneOf, ONE_OF, oscalCatalog, param, parameterWords, part } from './oscal-schema.js';

const nothing = z.strictObject({});

const selection = z.strictObject({
  'with-child-controls': z.enum(['yes', 'no']).optional(),
  'with-ids': some(token),
  matching: some(
    z.strictObject({
      pattern: line.max(200, 'must not be longer than 200 characters').optional(),
      remarks: prose.optional(),
    }),
  ),
});
export type OscalSelection = z.infer<typeof selection>;

const chosen = {
  'include-all': nothing.optional(),
  'include-controls': some(selection),
  'exclude-controls': some(selection),
};
function choosesOnce(it: { 'include-all'?: unknown; 'include-controls'?: unknown }): boolean {
  return (it['include-all'] === undefined) !== (it['include-controls'] === undefined);
}
const ONCE = { path: ['include-controls'], message: 'must stand there unless include-all does' };

const insertion = z
  .strictObject({ ...chosen, order: z.enum(['keep', 'ascending', 'descending']).optional() })
  .refine(choosesOnce, ONCE);

const group: z.ZodType = z
  .strictObject({
    ...described,
    id: token.optional(),
    get groups(): z.ZodOptional<z.ZodArray> {
      return some(group);
    },
    'insert-controls': some(insertion),
  })
  .refine((it) => it.groups === undefined || it['insert-controls'] === undefined, {
    path: ['insert-controls'],
    message: 'must not stand beside groups',
  });

const ORDERS = ['flat', 'as-is', 'custom'] as const;
const merge = z
  .strictObject({
    // in OSCAL up to 1.1 it says what becomes of a control that two imports bring; here they come from one catalogue
    combine: z.strictObject({ method: z.enum(['use-first', 'merge', 'keep']).optional() }).optional(),
    flat: nothing.optional(),
    'as-is': z.boolean().optional(),
    custom: z.strictObject({ groups: some(group), 'insert-controls': some(insertion) }).optional(),
  })
  .refine((it) => ORDERS.filter((order) => it[order] !== undefined).length === 1, {
    message: 'must hold just one of flat, as-is and custom',
  });

const setParameter = z
  .strictObject({ ...parameterWords, 'param-id': token.optional() })
  .refine(isOneOf, ONE_OF);
export type OscalSetParameter = z.infer<typeof setParameter>;

const removal = z.strictObject({
  'by-name': token.optional(),
  'by-class': token.optional(),
  'by-id': token.optional(),
  'by-item-name': z.enum(['param', 'prop', 'link', 'part', 'mapping', 'map']).optional(),
  'by-ns': uri.optional(),
  remarks: prose.optional(),
});
export type OscalRemoval = z.infer<typeof removal>;

const addition = z.strictObject({
  position: z.enum(['before', 'after', 'starting', 'ending']).optional(),
  'by-id': token.optional(),
  title: markupLine.optional(),
  params: some(param),
  props: some(property),
  links: some(link),
  parts: some(part),
});
export type OscalAddition = z.infer<typeof addition>;

const modify = z.strictObject({
  'set-parameters': some(setParameter),
  alters: some(z.strictObject({ 'control-id': token, removes: some(removal), adds: some(addition) })),
});
export type OscalModify = z.infer<typeof modify>;

export const oscalProfile = z.strictObject({
  uuid,
  metadata,
  imports: z
    .array(z.strictObject({ ...chosen, href: uriReference.optional() }).refine(choosesOnce, ONCE))
    .min(1),
  merge: merge.optional(),
  modify: modify.optional(),
  'back-matter': backMatter.optional(),
});
export type OscalProfile = z.infer<typeof oscalProfile>;

/** What an import reads: what is wrong is told with its place in the file. */
export const oscalDocuments = z.object({
  catalog: oscalCatalog.optional(),
  profile: oscalProfile.optional(),
});
