import { trendOf } from '../../domain/kris/rules.js';
import type { Kri, KriEpisode, KriHistory, KriHistoryQuery, KriPoint } from '../../domain/kris/schema.js';
import type { TenantReader } from '../tenancy.js';

const POINT = [
  'id',
  'value',
  'status',
  'measured_at',
  'recorded_at',
  'source',
  'recorded_by',
  'duration_ms',
  'rows_sha256',
] as const;
const EPISODE = [
  'id',
  'opened_at',
  'opened_value',
  'worst_status',
  'worst_value',
  'good_samples',
  'closed_at',
  'closed_value',
] as const;
const MOST_EPISODES = 100;

/** Of the time that was asked for, the latest points in the order of their time, and the breaches that touch it. */
export async function getHistory(trx: TenantReader, kri: Kri, query: KriHistoryQuery): Promise<KriHistory> {
  const { since, until, points: limit } = query;
  const values = trx('kri_value')
    .select(...POINT)
    .where({ kri_id: kri.id })
    .orderBy([
      { column: 'measured_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit + 1);
  const breaches = trx('kri_episode')
    .select(...EPISODE)
    .where({ kri_id: kri.id })
    .orderBy([
      { column: 'opened_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(MOST_EPISODES);
  if (since !== undefined) {
    values.where('measured_at', '>=', since);
    breaches.where((either) => either.whereNull('closed_at').orWhere('closed_at', '>=', since));
  }
  if (until !== undefined) {
    values.where('measured_at', '<=', until);
    breaches.where('opened_at', '<=', until);
  }
  const found: KriPoint[] = await values;
  const episodes: KriEpisode[] = await breaches;
  const points = found.slice(0, limit).toReversed();
  const samples = points.map(({ value, measured_at }) => ({ value, at: Date.parse(measured_at) }));
  return { kri_id: kri.id, points, more: found.length > limit, trend: trendOf(samples, kri), episodes };
}
