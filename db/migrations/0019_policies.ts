// Policies that organizations wrote themselves, and the switch that stops all automation.
export const name = '0019_policies';

export const up = `
create table policy_revision (
  org_id uuid not null references org (id),
  id uuid not null,
  name text not null check (name in ('playbook_step', 'incident_obligations')),
  revision int not null check (revision > 0),
  source text,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  notes text,
  changed_by uuid not null,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  unique (org_id, name, revision),
  foreign key (org_id, changed_by) references membership (org_id, user_id)
);
comment on table policy_revision is 'added, never changed: a decision names the hash of the one that took it';
comment on column policy_revision.source is 'null: the built-in one again';
select protect_tenant_table('policy_revision');
revoke update, delete on policy_revision from grc_app;

create table kill_switch (
  org_id uuid primary key references org (id),
  engaged boolean not null,
  reason text not null,
  changed_by uuid not null,
  changed_at timestamptz not null default clock_timestamp(),
  foreign key (org_id, changed_by) references membership (org_id, user_id)
);
select protect_tenant_table('kill_switch');
revoke delete on kill_switch from grc_app;

-- What binds the organization, for those that were there before. FORCE hides the rows from the owner too.
alter table org no force row level security;
update org set settings = '{"regulation": {"jurisdictions": [], "sectors": [], "personal_data": true}}'::jsonb || settings;
alter table org force row level security;
`;
