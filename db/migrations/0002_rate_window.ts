// Rate limits when there is no Redis: an exact sliding window, one row per key, by this server's clock only.
export const name = '0002_rate_window';

export const up = `
-- unlogged: losing the counts of one minute in a crash is cheaper than writing each of them to the log
create unlogged table rate_window (
  key text primary key,
  hits bigint[] not null,
  idle_after timestamptz not null
) with (fillfactor = 50);
comment on column rate_window.hits is 'microseconds since 1970 of the calls in the window, oldest first';
comment on column rate_window.idle_after is 'from then on the row says nothing and may be swept';
revoke all on rate_window from public;

-- The function is the only way in: whoever could write the rows could lift a limit.
create function take_rate(p_key text, p_max int, p_window_ms int)
returns table (allowed boolean, remaining int, reset_ms bigint, now_ms bigint)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  v_hits bigint[];
  v_now bigint;
  v_window bigint := p_window_ms::bigint * 1000;
begin
  loop
    select r.hits into v_hits from rate_window r where r.key = p_key for update;
    exit when found;
    -- also when a sweep took the row between these two statements
    insert into rate_window (key, hits, idle_after) values (p_key, '{}', clock_timestamp() + interval '1 hour')
      on conflict (key) do nothing;
  end loop;
  -- read after the lock, and never before the newest call, so that the order of rows is the order of time
  v_now := greatest(
    (extract(epoch from clock_timestamp()) * 1000000)::bigint,
    coalesce(v_hits[cardinality(v_hits)], 0));
  v_hits := coalesce(
    (select array_agg(h order by n) from unnest(v_hits) with ordinality as u(h, n) where h > v_now - v_window),
    '{}');
  allowed := cardinality(v_hits) < p_max;
  if allowed then
    v_hits := v_hits || v_now;
    update rate_window r
      set hits = v_hits, idle_after = clock_timestamp() + p_window_ms * interval '1 millisecond'
      where r.key = p_key;
  end if;
  remaining := greatest(p_max - cardinality(v_hits), 0);
  reset_ms := ceil((coalesce(v_hits[1], v_now) + v_window) / 1000.0);
  now_ms := v_now / 1000;
  if random() < 0.002 then
    delete from rate_window r where r.key in (
      select o.key from rate_window o where o.idle_after < clock_timestamp() and o.key <> p_key
        limit 200 for update skip locked);
  end if;
  return next;
end $$;
revoke all on function take_rate from public;
grant execute on function take_rate to grc_app;
`;
