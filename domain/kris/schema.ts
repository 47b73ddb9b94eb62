import { z } from 'zod';
import { anyOf, page, pageQuery, text, timestamp, uuid } from '../schema.js';
import {
  COLLECTION_METHODS,
  DEFAULT_HYSTERESIS,
  DEFAULT_SCHEDULE,
  KRI_STATUSES,
  LARGEST_VALUE,
  TREND_DIRECTIONS,
  TREND_MEANINGS,
  VALUE_SOURCES,
} from './rules.js';
import { MAX_QUERY_BYTES } from './query-guard.js';

const number = z.number().min(-LARGEST_VALUE).max(LARGEST_VALUE);
const status = z.enum(KRI_STATUSES);
const hysteresis = z
  .number()
  .int()
  .min(1)
  .max(10)
  .meta({ description: 'good samples in a row that end a breach' });
const query = text(MAX_QUERY_BYTES).meta({
  description:
    'one SELECT of one number from the inventory; anything else is refused, with its line and column',
});
const schedule = text(100).meta({
  description: `when it is collected: cron of five fields in UTC; ${DEFAULT_SCHEDULE} unless given. Of a manual one: when a value is expected`,
});

export const kri = z
  .object({
    id: uuid,
    name: z.string(),
    description: z.string(),
    unit: z.string(),
    green_threshold: z.number(),
    amber_threshold: z.number(),
    direction: z.enum(['higher_is_worse', 'lower_is_worse']),
    collection_method: z.enum(COLLECTION_METHODS),
    steampipe_query: z.string().nullable(),
    schedule: z.string().nullable(),
    paused: z.boolean(),
    hysteresis: z.number().int(),
    owner_id: uuid.nullable(),
    current_value: z.number().nullable(),
    measured_at: timestamp.nullable(),
    status: status.nullable().meta({ description: 'null until there is a value' }),
    stale: z.boolean().meta({ description: 'no value came within two intervals of the schedule' }),
    open_episode: z
      .object({ id: uuid, opened_at: timestamp, worst_status: status, good_samples: z.number().int() })
      .nullable(),
    last_collection: z
      .object({
        id: uuid,
        at: timestamp,
        error: z.string().nullable(),
        duration_ms: z.number().int().nullable(),
        rows_sha256: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'the latest one, and why it failed where it did' }),
    warnings: z.array(z.string()).meta({ description: 'what may keep its query from an answer' }),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Kri' });
export type Kri = z.infer<typeof kri>;

export const kriPage = page(kri).meta({ id: 'KriPage' });
export const kriQuery = pageQuery.extend({
  status: anyOf(KRI_STATUSES),
  collection_method: anyOf(COLLECTION_METHODS),
  owner_id: z.array(uuid).min(1).max(50).optional(),
});
export type KriQuery = z.infer<typeof kriQuery>;

export const kriParams = z.strictObject({ org_id: uuid, kri_id: uuid });

const fields = z.strictObject({
  name: text(200),
  description: text(5_000, 0),
  unit: text(50),
  green_threshold: number,
  amber_threshold: number,
  collection_method: z.enum(COLLECTION_METHODS),
  steampipe_query: query.nullable(),
  schedule: schedule.nullable(),
  paused: z.boolean(),
  hysteresis,
  owner_id: uuid.nullable(),
});

const example = {
  name: 'Failed Login Attempts',
  description: 'Count of failed login attempts in 24h',
  unit: 'count',
  green_threshold: 100,
  amber_threshold: 500,
  collection_method: 'steampipe' as const,
  steampipe_query: "SELECT count(*) FROM aws_cloudtrail_event WHERE event_name = 'ConsoleLoginFailure'",
};

export const kriCreate = fields
  .extend({
    description: fields.shape.description.default(''),
    unit: fields.shape.unit.default('count'),
    collection_method: fields.shape.collection_method.default('manual'),
    steampipe_query: fields.shape.steampipe_query.default(null),
    schedule: fields.shape.schedule.default(null),
    paused: fields.shape.paused.default(false),
    hysteresis: fields.shape.hysteresis.default(DEFAULT_HYSTERESIS),
    owner_id: fields.shape.owner_id.default(null),
  })
  .meta({ id: 'KriCreate', example });
export type KriCreate = z.infer<typeof kriCreate>;

export const kriUpdate = fields
  .partial()
  .meta({ id: 'KriUpdate', example: { amber_threshold: 400, paused: false } });
export type KriUpdate = z.infer<typeof kriUpdate>;

export const kriValueCreate = z
  .strictObject({
    value: number,
    measured_at: timestamp.optional().meta({ description: 'when it was true; now unless given' }),
  })
  .meta({ id: 'KriValueCreate', example: { value: 120 } });
export type KriValueCreate = z.infer<typeof kriValueCreate>;

export const kriCollection = z
  .object({
    id: uuid.meta({ description: 'appears as last_collection.id of the indicator when it has ended' }),
    kri_id: uuid,
    workflow: z.object({ id: z.string(), run_id: z.string().nullable(), url: z.string() }),
  })
  .meta({ id: 'KriCollection' });
export type KriCollection = z.infer<typeof kriCollection>;

export const kriHistoryQuery = z.strictObject({
  since: timestamp.optional(),
  until: timestamp.optional(),
  points: z.coerce.number().int().min(1).max(1_000).default(200),
});
export type KriHistoryQuery = z.infer<typeof kriHistoryQuery>;

const point = z
  .object({
    id: uuid,
    value: z.number(),
    status,
    measured_at: timestamp,
    recorded_at: timestamp,
    source: z.enum(VALUE_SOURCES),
    recorded_by: uuid.nullable(),
    duration_ms: z.number().int().nullable(),
    rows_sha256: z.string().nullable(),
  })
  .meta({ id: 'KriPoint' });
export type KriPoint = z.infer<typeof point>;

const episode = z
  .object({
    id: uuid,
    opened_at: timestamp,
    opened_value: z.number(),
    worst_status: status,
    worst_value: z.number(),
    good_samples: z.number().int(),
    closed_at: timestamp.nullable(),
    closed_value: z.number().nullable(),
  })
  .meta({ id: 'KriEpisode' });
export type KriEpisode = z.infer<typeof episode>;

export const kriHistory = z
  .object({
    kri_id: uuid,
    points: z.array(point).meta({ description: 'oldest first; of too many the latest' }),
    more: z
      .boolean()
      .meta({ description: 'there are older ones within the time: ask again, until the first' }),
    trend: z
      .object({
        direction: z.enum(TREND_DIRECTIONS),
        meaning: z.enum(TREND_MEANINGS),
        change: z.number(),
        slope_per_day: z.number(),
        samples: z.number().int(),
      })
      .nullable()
      .meta({ description: 'the line through these points; null with fewer than two' }),
    episodes: z.array(episode).meta({ description: 'breaches within the time, newest first, at most 100' }),
  })
  .meta({ id: 'KriHistory' });
export type KriHistory = z.infer<typeof kriHistory>;
