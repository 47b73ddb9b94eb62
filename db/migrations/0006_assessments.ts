export const name = '0006_assessments';

export const up = `
create table assessment (
  org_id uuid not null references org (id),
  id uuid not null,
  framework_id uuid not null references framework (id),
  name text not null,
  scope text not null,
  control_refs text[],
  evaluator text check (evaluator in ('llm', 'rules')),
  status text not null default 'pending'
    check (status in ('pending', 'in_progress', 'paused', 'completed', 'failed', 'cancelled')),
  execution_id uuid,
  created_by uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  foreign key (org_id, created_by) references membership (org_id, user_id)
);
comment on column assessment.control_refs is 'null: every control of the framework';
comment on column assessment.evaluator is 'null: whatever the workers have, an LLM before rules';
comment on column assessment.execution_id is 'the latest run';
create index assessment_status on assessment (org_id, status, id desc);
create index assessment_framework on assessment (org_id, framework_id, id desc);
create trigger assessment_touch before update on assessment for each row execute function touch_updated_at();
create trigger assessment_framework before insert on assessment
  for each row execute function refuse_foreign_framework();
select protect_tenant_table('assessment');

create table assessment_execution (
  org_id uuid not null,
  id uuid not null,
  assessment_id uuid not null,
  status text not null check (status in ('starting', 'running', 'paused', 'completed', 'failed', 'cancelled')),
  slot smallint check (slot between 1 and 5),
  restart boolean not null,
  evaluator text check (evaluator in ('llm', 'rules')),
  limits jsonb not null,
  run_id text,
  controls_total int not null default 0,
  controls_evaluated int not null default 0,
  carried int not null default 0,
  tokens_in bigint not null default 0,
  tokens_out bigint not null default 0,
  budget_base bigint not null default 0,
  paused_cause text,
  paused_reason text,
  failure text,
  actor_id uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  active_since timestamptz,
  active_ms bigint not null default 0,
  ended_at timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  foreign key (org_id, assessment_id) references assessment (org_id, id) on delete cascade,
  foreign key (org_id, actor_id) references membership (org_id, user_id),
  check ((slot is not null) = (status in ('starting', 'running')))
);
comment on column assessment_execution.slot is 'one of the five concurrent runs; the slot is the state, so nothing can leak';
comment on column assessment_execution.limits is 'settings of the organization frozen at the start';
comment on column assessment_execution.carried is 'controls already evaluated before this run began; part of controls_evaluated';
comment on column assessment_execution.budget_base is 'tokens spent when a person last granted the budget anew';
comment on column assessment_execution.active_ms is 'time worked up to the last pause; active_since is when the present stretch began';
create unique index execution_slot on assessment_execution (org_id, slot) where slot is not null;
create unique index execution_live on assessment_execution (org_id, assessment_id)
  where status in ('starting', 'running', 'paused');
create index execution_open on assessment_execution (org_id, updated_at) where status in ('starting', 'running', 'paused');
create index execution_of on assessment_execution (org_id, assessment_id, id desc);
create trigger execution_touch before update on assessment_execution
  for each row execute function touch_updated_at();
select protect_tenant_table('assessment_execution');
alter table assessment add constraint assessment_execution_fk
  foreign key (org_id, execution_id) references assessment_execution (org_id, id) deferrable initially deferred;

create table execution_control (
  org_id uuid not null,
  execution_id uuid not null,
  control_id uuid not null references control (id),
  position int not null,
  ref text not null,
  status text not null default 'pending' check (status in ('pending', 'in_flight', 'done', 'failed')),
  reason text,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (org_id, execution_id, control_id),
  foreign key (org_id, execution_id) references assessment_execution (org_id, id) on delete cascade
);
comment on table execution_control is 'the control list of a run, frozen at its start, and how far each one is';
create unique index execution_control_position on execution_control (org_id, execution_id, position);
-- What the status shows, so that its cost does not grow with the size of the run.
create index execution_control_shown on execution_control (org_id, execution_id, status, position)
  where status in ('in_flight', 'failed');
select protect_tenant_table('execution_control');

create table check_result (
  org_id uuid not null,
  execution_id uuid not null,
  name text not null,
  sql text not null,
  status text not null check (status in ('pass', 'fail', 'error', 'skipped')),
  counts jsonb not null default '{}',
  rows jsonb not null default '[]',
  rows_sha256 text,
  reason text,
  duration_ms int,
  ran_at timestamptz not null default clock_timestamp(),
  primary key (org_id, execution_id, name),
  foreign key (org_id, execution_id) references assessment_execution (org_id, id) on delete cascade
);
select protect_tenant_table('check_result');

create table judgement (
  org_id uuid not null,
  execution_id uuid not null,
  control_id uuid not null references control (id),
  evaluator text not null check (evaluator in ('llm', 'rules')),
  model text,
  prompt_version text,
  prompt_sha256 text,
  inputs jsonb not null,
  raw_answer text,
  verdict jsonb not null,
  tokens_in int not null default 0,
  tokens_out int not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  primary key (org_id, execution_id, control_id),
  foreign key (org_id, execution_id) references assessment_execution (org_id, id) on delete cascade
);
comment on table judgement is 'what a verdict rests on, kept so that it can be re-performed';
select protect_tenant_table('judgement');
`;
