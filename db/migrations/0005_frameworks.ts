// Built-in catalogues have no organization and are seen by all; imported ones belong to whoever imported them.
export const name = '0005_frameworks';

export const up = `
create table framework (
  id uuid primary key,
  org_id uuid references org (id),
  key text not null,
  name text not null,
  version text not null,
  description text not null,
  source text not null,
  licence_note text not null,
  groups jsonb not null,
  control_count int not null,
  content_hash text not null,
  created_at timestamptz not null default clock_timestamp()
);
create unique index framework_key on framework (org_id, key, version) nulls not distinct;

create table control (
  id uuid primary key,
  org_id uuid references org (id),
  framework_id uuid not null references framework (id) on delete cascade,
  position int not null,
  ref text not null,
  "group" text not null,
  title text not null,
  description text not null,
  question text not null,
  guidance text not null,
  kind text not null check (kind in ('criterion', 'control', 'engagement')),
  checks jsonb not null default '[]'
);
create unique index control_ref on control (org_id, framework_id, ref) nulls not distinct;
create index control_order on control (framework_id, position);

do $$ declare t text; begin
  foreach t in array array['framework', 'control'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy built_in on %I for select to grc_app using (org_id is null)', t);
    execute format('create policy own on %I for select to grc_app using (org_id in (
      select m.org_id from membership m
      where m.user_id = (select nullif(current_setting(''app.user_id'', true), '''')::uuid) and m.ended_at is null))', t);
    execute format('create policy tenant on %I for all to grc_app
      using (org_id = (select nullif(current_setting(''app.org_id'', true), '''')::uuid))
      with check (org_id = (select nullif(current_setting(''app.org_id'', true), '''')::uuid))', t);
    execute format('create policy catalogue on %I for all to grc_owner using (org_id is null) with check (org_id is null)', t);
    execute format('grant select, insert, delete on %I to grc_app', t);
  end loop;
end $$;

-- A foreign key cannot say "global or mine", and foreign keys do not see policies.
create function refuse_foreign_framework() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  if not exists (select from framework f where f.id = new.framework_id and (f.org_id is null or f.org_id = new.org_id)) then
    raise exception 'framework % is not visible to the organization', new.framework_id
      using errcode = 'foreign_key_violation', constraint = 'assessment_framework_visible';
  end if;
  return new;
end $$;
`;
