// What every report begins with.
import { z } from 'zod';
import { ASSESSMENT_STATUSES } from '../assessments/rules.js';
import { timestamp, uuid } from '../schema.js';
import { REPORT_SCHEMA } from './documents.js';

export const count = z.number().int().min(0);

/** Names are kept with the report: a person may leave, the document stays. */
export const person = z.strictObject({ id: uuid, name: z.string() }).meta({ id: 'ReportPerson' });

export const percent = z.number().min(0).max(100).meta({ description: 'with one decimal' });

export const head = {
  schema: z.literal(REPORT_SCHEMA),
  title: z.string().meta({ description: 'as it stands on the first page' }),
  organization: z.strictObject({ id: uuid, name: z.string() }),
  generated_at: timestamp.meta({
    description: 'when it was asked for: the only date of the document itself',
  }),
  generated_by: person.nullable(),
  as_of: timestamp.meta({ description: 'the instant of the snapshot that all of it was read from' }),
  period: z
    .strictObject({ from: timestamp, to: timestamp })
    .nullable()
    .meta({ description: 'null: not bounded by time' }),
  assessment: z
    .strictObject({
      id: uuid,
      name: z.string(),
      scope: z.string(),
      status: z.enum(ASSESSMENT_STATUSES),
      created_at: timestamp,
      completed_at: timestamp.nullable(),
    })
    .nullable(),
  framework: z.strictObject({ id: uuid, key: z.string(), name: z.string(), version: z.string() }).nullable(),
  notes: z.array(z.string()).meta({ description: 'what a reader must know to read it right' }),
};
