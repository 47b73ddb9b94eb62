// Key risk indicators, their values, and the episodes of a breach.
export const name = '0029_kris';

export const up = `
create table kri (
  org_id uuid not null references org (id),
  id uuid not null,
  name text not null,
  description text not null,
  unit text not null,
  green_threshold float8 not null,
  amber_threshold float8 not null,
  collection_method text not null check (collection_method in ('manual', 'steampipe')),
  steampipe_query text,
  schedule text,
  interval_s int check (interval_s > 0),
  paused boolean not null default false,
  hysteresis int not null default 2 check (hysteresis between 1 and 10),
  owner_id uuid,
  warnings text[] not null default '{}',
  current_value float8,
  measured_at timestamptz,
  status text check (status in ('green', 'amber', 'red')),
  value_at timestamptz,
  collection_id uuid,
  collected_at timestamptz,
  collection_error text,
  collection_ms int,
  rows_sha256 text,
  created_by uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  foreign key (org_id, owner_id) references membership (org_id, user_id),
  foreign key (org_id, created_by) references membership (org_id, user_id),
  check ((collection_method = 'steampipe') = (steampipe_query is not null)),
  check (collection_method = 'manual' or schedule is not null),
  check ((schedule is null) = (interval_s is null)),
  check ((current_value is null) = (status is null) and (current_value is null) = (measured_at is null))
);
comment on column kri.interval_s is 'the longest time between two moments of the schedule';
comment on column kri.value_at is 'when the latest value came in, whenever it was measured';
comment on column kri.collection_error is 'of the latest collection; null when it brought a value';
create index kri_newest on kri (org_id, id desc);
create index kri_status on kri (org_id, status, id desc);
create index kri_owner on kri (org_id, owner_id, id desc);
create trigger kri_touch before update on kri for each row execute function touch_updated_at();
select protect_tenant_table('kri');
create policy reconcile on kri for select to grc_reconcile using (true);
grant select (org_id, id, collection_method, paused, updated_at) on kri to grc_reconcile;

create table kri_value (
  org_id uuid not null,
  id uuid not null,
  kri_id uuid not null,
  value float8 not null,
  status text not null check (status in ('green', 'amber', 'red')),
  measured_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  source text not null check (source in ('manual', 'steampipe')),
  recorded_by uuid,
  collection_id uuid,
  duration_ms int,
  rows_sha256 text,
  primary key (org_id, id),
  unique (org_id, kri_id, collection_id),
  foreign key (org_id, kri_id) references kri (org_id, id) on delete cascade,
  foreign key (org_id, recorded_by) references membership (org_id, user_id),
  check ((source = 'manual') = (recorded_by is not null)),
  check ((source = 'steampipe') = (collection_id is not null))
);
create index kri_value_measured on kri_value (org_id, kri_id, measured_at desc, id desc);
select protect_tenant_table('kri_value');
revoke update on kri_value from grc_app;

create table kri_episode (
  org_id uuid not null,
  id uuid not null,
  kri_id uuid not null,
  opened_at timestamptz not null,
  opened_value float8 not null,
  worst_status text not null check (worst_status in ('amber', 'red')),
  worst_value float8 not null,
  good_samples int not null default 0,
  closed_at timestamptz,
  closed_value float8,
  primary key (org_id, id),
  foreign key (org_id, kri_id) references kri (org_id, id) on delete cascade,
  check ((closed_at is null) = (closed_value is null))
);
create unique index kri_episode_open on kri_episode (org_id, kri_id) where closed_at is null;
create index kri_episode_opened on kri_episode (org_id, kri_id, opened_at desc, id desc);
select protect_tenant_table('kri_episode');

alter table notification add column kri_id uuid;
alter table notification add constraint notification_kri_fk
  foreign key (org_id, kri_id) references kri (org_id, id) on delete cascade;
create index notification_kri on notification (org_id, kri_id, id) where kri_id is not null;
`;
