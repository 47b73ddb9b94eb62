// The end of an organization, through one narrow door; and when a reviewer was reminded.
export const name = '0011_deletion_and_reviews';

export const up = `
alter table finding add column review_reminded_at timestamptz;
comment on column finding.review_reminded_at is 'the last reminder: one at half of the time, one when the review is overdue';
create index finding_reminder on finding (org_id, execution_id) where needs_review;

alter table org add column purge_at timestamptz;
comment on column org.purge_at is 'set with deleted_at and final: nothing of the organization is purged before';
update org set purge_at = deleted_at + interval '30 days' where deleted_at is not null;

create function keep_deletion() returns trigger language plpgsql as $$
begin
  raise exception 'the deletion of an organization is final' using errcode = 'insufficient_privilege';
end $$;
create trigger org_deletion before update on org for each row
  when (old.purge_at is not null and (new.purge_at, new.deleted_at) is distinct from (old.purge_at, old.deleted_at))
  execute function keep_deletion();

-- What is left of a purged organization: ids, times, and the last link of its audit chain.
create table org_purge (
  id uuid primary key,
  deleted_at timestamptz not null,
  begun_at timestamptz not null default clock_timestamp(),
  purged_at timestamptz,
  audit_seq bigint,
  audit_hash text
);
comment on table org_purge is 'proof of a purge; holds no data of the organization';

-- Shared catalogues have their own policies; the purge sees an organization's own rows in them.
create policy purge on framework for all to grc_owner
  using (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid))
  with check (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid));
create policy purge on control for all to grc_owner
  using (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid))
  with check (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid));

-- Final rows go with their organization, by the purge's hand and after its time; nobody else removes one.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_user = 'grc_owner' then
    if exists (select from public.org o where o.id = old.org_id and o.purge_at <= clock_timestamp()) then
      return old;
    end if;
  end if;
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create function begin_purge(p_org uuid) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (select from org_purge p where p.id = p_org and p.purged_at is not null) then return false; end if;
  if not exists (select from org o where o.id = p_org and o.purge_at <= clock_timestamp()) then
    raise exception 'organization % is not to be purged now', p_org using errcode = 'object_not_in_prerequisite_state';
  end if;
  perform set_config('app.org_id', p_org::text, true);
  insert into org_purge (id, deleted_at, audit_seq, audit_hash)
    select o.id, o.deleted_at, h.seq, h.hash from org o left join audit_head h on h.org_id = o.id where o.id = p_org
    on conflict do nothing;
  return true;
end $$;

-- One batch of one table. Rows that others of the same table refer to wait for the next batch.
create function purge_rows(p_org uuid, p_table text, p_limit int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  free text;
  removed int;
begin
  if not begin_purge(p_org) then return 0; end if;
  select string_agg(format(' and not exists (select from %I r where %s)', p_table, k.pairs), '') into free
    from pg_constraint c cross join lateral (
      select string_agg(format('r.%I = t.%I', f.attname, g.attname), ' and ') as pairs
      from unnest(c.conkey, c.confkey) as u (own, other)
      join pg_attribute f on f.attrelid = c.conrelid and f.attnum = u.own
      join pg_attribute g on g.attrelid = c.conrelid and g.attnum = u.other) k
    where c.contype = 'f' and c.conrelid = c.confrelid and c.conrelid = format('public.%I', p_table)::regclass;
  execute format(
    'delete from %1$I where ctid = any (array(select t.ctid from %1$I t where t.org_id = $1%2$s limit $2))',
    p_table, coalesce(free, '')) using p_org, p_limit;
  get diagnostics removed = row_count;
  return removed;
end $$;

-- The key last: what was missed, in backups too, cannot be read from then on. The organization's own row goes with it;
-- its foreign keys refuse that as long as any row is left.
create function finish_purge(p_org uuid) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not begin_purge(p_org) then return; end if;
  delete from org_key where org_id = p_org;
  delete from org where id = p_org;
  update org_purge set purged_at = clock_timestamp() where id = p_org;
end $$;

revoke all on function begin_purge, purge_rows, finish_purge from public;
grant execute on function purge_rows, finish_purge to grc_app;
`;
