// People are global, their membership belongs to an organization. What must be read before the organization
// is known goes through SECURITY DEFINER functions; nothing here needs BYPASSRLS.
export const name = '0003_people';

export const up = `
create table app_user (
  id uuid primary key,
  email text unique,
  service_token_id text unique,
  access_sub text,
  sessions_revoked_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  check ((email is null) <> (service_token_id is null)),
  check (email = lower(email))
);
comment on column app_user.access_sub is 'bound at the first sign-in; another one later needs an admin';
comment on column app_user.service_token_id is 'common_name of an Access service token';

create table org (
  id uuid primary key,
  name text not null,
  domain text not null,
  settings jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz
);
create unique index org_domain on org (domain) where deleted_at is null;
create trigger org_touch before update on org for each row execute function touch_updated_at();

create table membership (
  org_id uuid not null references org (id),
  user_id uuid not null references app_user (id),
  name text not null,
  role text not null check (role in ('admin', 'auditor', 'analyst', 'viewer')),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (org_id, user_id)
);
comment on column membership.ended_at is 'soft end: history keeps the name';
create index membership_list on membership (org_id, created_at desc, user_id desc) where ended_at is null;
create index membership_user on membership (user_id) where ended_at is null;
create trigger membership_touch before update on membership for each row execute function touch_updated_at();
select protect_tenant_table('membership');
create policy own on membership for select to grc_app
  using (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid));
create policy definer on membership for select to grc_owner using (true);

alter table org enable row level security;
alter table org force row level security;
create policy tenant on org for all to grc_app
  using (id = (select nullif(current_setting('app.org_id', true), '')::uuid))
  with check (id = (select nullif(current_setting('app.org_id', true), '')::uuid));
create policy own on org for select to grc_app
  using (deleted_at is null and id in (
    select m.org_id from membership m
    where m.user_id = (select nullif(current_setting('app.user_id', true), '')::uuid) and m.ended_at is null));
create policy definer on org for all to grc_owner using (true) with check (true);
grant select, update on org to grc_app;

alter table app_user enable row level security;
alter table app_user force row level security;
create policy visible on app_user for select to grc_app
  using (id = (select nullif(current_setting('app.user_id', true), '')::uuid)
    or id in (select m.user_id from membership m
              where m.org_id = (select nullif(current_setting('app.org_id', true), '')::uuid)));
create policy definer on app_user for all to grc_owner using (true) with check (true);
grant select on app_user to grc_app;

create table org_key (
  org_id uuid not null primary key references org (id),
  kid text not null,
  wrapped bytea not null,
  created_at timestamptz not null default clock_timestamp()
);
comment on table org_key is 'data key of the organization, wrapped by the root key; destroying it shreds its payloads';
select protect_tenant_table('org_key');

create table steampipe_mapping (
  org_id uuid not null primary key references org (id),
  schema_name text not null,
  role_name text
);
comment on table steampipe_mapping is 'set by the operator only: which Steampipe schema belongs to the organization';
select protect_tenant_table('steampipe_mapping');
revoke insert, update, delete on steampipe_mapping from grc_app;

-- Who a verified token speaks for and what they are in p_org, in one round trip. A person is made at the first
-- request; the caller compares access_sub. No row: a machine that nobody registered.
create function identify(p_new_id uuid, p_email text, p_sub text, p_common_name text, p_org uuid)
returns table (user_id uuid, email text, service_token_id text, access_sub text, sessions_revoked_at timestamptz, role text)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
begin
  for attempt in 1..2 loop
    return query select u.id, u.email, u.service_token_id, u.access_sub, u.sessions_revoked_at, m.role
      from app_user u
      left join (membership m join org o on o.id = m.org_id and o.deleted_at is null)
        on m.user_id = u.id and m.org_id = p_org and m.ended_at is null
      where (u.email = p_email and u.access_sub is not null) or u.service_token_id = p_common_name;
    if found or p_email is null then return; end if;
    insert into app_user (id, email, access_sub) values (p_new_id, p_email, p_sub)
      on conflict (email) do update set access_sub = coalesce(app_user.access_sub, excluded.access_sub);
  end loop;
end $$;

-- A person that an admin names, whether or not they ever signed in.
create function invite_user(p_id uuid, p_email text, p_service_token_id text) returns uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare found_id uuid;
begin
  insert into app_user (id, email, service_token_id) values (p_id, p_email, p_service_token_id)
    on conflict do nothing;
  select u.id into strict found_id from app_user u
    where u.email = p_email or u.service_token_id = p_service_token_id;
  return found_id;
end $$;

-- The founder becomes the admin. Leaves the transaction inside the new organization, so that its first rows can follow.
create function create_org(p_id uuid, p_name text, p_domain text, p_settings jsonb, p_founder uuid) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into org (id, name, domain, settings) values (p_id, p_name, p_domain, p_settings);
  perform set_config('app.org_id', p_id::text, true);
  insert into membership (org_id, user_id, name, role)
    select p_id, u.id, coalesce(split_part(u.email, '@', 1), u.service_token_id), 'admin'
    from app_user u where u.id = p_founder;
end $$;

revoke all on function identify, invite_user, create_org from public;
grant execute on function identify, invite_user, create_org to grc_app;
`;
