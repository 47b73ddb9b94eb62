// Playbooks, their runs on incidents, and what each step of a run came to. Built-in ones have no organization.
export const name = '0020_playbooks';

export const up = `
create table playbook (
  id uuid primary key,
  org_id uuid references org (id),
  slug text not null,
  revision int not null,
  cacao_id text not null,
  name text not null,
  description text not null,
  document jsonb not null,
  sha256 text not null,
  imported_by uuid,
  created_at timestamptz not null default clock_timestamp(),
  foreign key (org_id, imported_by) references membership (org_id, user_id)
);
create unique index playbook_slug on playbook (org_id, slug, revision) nulls not distinct;
alter table playbook enable row level security;
alter table playbook force row level security;
create policy built_in on playbook for select to grc_app using (org_id is null);
create policy tenant on playbook for all to grc_app
  using (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid))
  with check (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid));
create policy catalogue on playbook for all to grc_owner using (org_id is null) with check (org_id is null);
grant select, insert, delete on playbook to grc_app;
comment on table playbook is 'revisions are added, never changed: a run names the one it was started with';

create table playbook_run (
  org_id uuid not null,
  id uuid not null,
  incident_id uuid not null,
  playbook_id text not null,
  revision int not null,
  sha256 text not null,
  document jsonb not null,
  execute_automated boolean not null,
  dry_run boolean not null,
  variables jsonb not null,
  status text not null default 'running' check (status in ('running', 'paused', 'completed', 'failed', 'cancelled',
    'rolling_back', 'rolled_back')),
  failure text,
  started_by uuid not null,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  temporal_run_id text,
  primary key (org_id, id),
  foreign key (org_id, incident_id) references incident (org_id, id) on delete cascade,
  foreign key (org_id, started_by) references membership (org_id, user_id)
);
comment on column playbook_run.document is 'as it was at the start: editing the playbook never touches a run';
create index playbook_run_incident on playbook_run (org_id, incident_id, id desc);
create index playbook_run_live on playbook_run (started_at) where ended_at is null;
select protect_tenant_table('playbook_run');
create policy reconcile on playbook_run for select to grc_reconcile using (true);
grant select on playbook_run to grc_reconcile;

create table playbook_step (
  org_id uuid not null,
  run_id uuid not null,
  step_id text not null,
  iteration int not null,
  name text not null,
  action text,
  risk_class text,
  status text not null check (status in ('running', 'waiting_approval', 'waiting_person', 'needs_human', 'succeeded',
    'failed', 'denied', 'timed_out', 'cancelled', 'planned')),
  decision jsonb,
  args_hash text,
  approvals_required int not null default 0,
  task_id uuid,
  result text,
  outputs jsonb not null default '{}',
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (org_id, run_id, step_id, iteration),
  foreign key (org_id, run_id) references playbook_run (org_id, id) on delete cascade,
  foreign key (org_id, task_id) references incident_task (org_id, id)
);
comment on column playbook_step.iteration is 'one more for each turn of a loop, and for an undoing';
create index playbook_step_order on playbook_step (org_id, run_id, started_at);
select protect_tenant_table('playbook_step');

create table playbook_approval (
  org_id uuid not null,
  run_id uuid not null,
  step_id text not null,
  iteration int not null,
  args_hash text not null,
  user_id uuid not null,
  verdict text not null check (verdict in ('approve', 'reject')),
  at timestamptz not null default clock_timestamp(),
  primary key (org_id, run_id, step_id, iteration, args_hash, user_id),
  foreign key (org_id, run_id, step_id, iteration)
    references playbook_step (org_id, run_id, step_id, iteration) on delete cascade,
  foreign key (org_id, user_id) references membership (org_id, user_id)
);
comment on column playbook_approval.args_hash is 'of step and arguments as the approver saw them: others are not approved by it';
select protect_tenant_table('playbook_approval');
`;
