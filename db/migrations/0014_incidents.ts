// Incidents with their visits, clocks, tasks and the hash-chained timeline.
export const name = '0014_incidents';

export const up = `
-- Settings that incidents need, for organizations that were there before. FORCE hides the rows from the owner too.
alter table org no force row level security;
update org set settings = '{
  "sla": {
    "critical": {"acknowledge": "PT15M", "contain": "PT4H", "resolve": "PT24H", "update_cadence": null, "calendar": null},
    "high": {"acknowledge": "PT30M", "contain": "PT8H", "resolve": "PT72H", "update_cadence": null, "calendar": null},
    "medium": {"acknowledge": "PT4H", "contain": "PT24H", "resolve": "P7D", "update_cadence": null, "calendar": null},
    "low": {"acknowledge": "P1D", "contain": "P5D", "resolve": "P20D", "update_cadence": null, "calendar": "business"},
    "informational": {"acknowledge": "P2D", "contain": null, "resolve": null, "update_cadence": null, "calendar": "business"}
  },
  "calendars": {"business": {"zone": "UTC", "holidays": [], "hours": [
    {"from": "09:00", "to": "17:00"}, {"from": "09:00", "to": "17:00"}, {"from": "09:00", "to": "17:00"},
    {"from": "09:00", "to": "17:00"}, {"from": "09:00", "to": "17:00"}, null, null]}},
  "escalation": [
    {"percent": 50, "notify": ["assignee"], "repeat_every": null},
    {"percent": 75, "notify": ["commander"], "repeat_every": null},
    {"percent": 100, "notify": ["admins"], "repeat_every": null},
    {"percent": 150, "notify": ["executive"], "repeat_every": null}],
  "executive_email": null,
  "quiet_hours": {"zone": "UTC", "from": "22:00", "to": "07:00"}
}'::jsonb || (settings - 'sla');
alter table org force row level security;

alter table command add column note text;
comment on column command.note is 'what the caller wrote: kept here, because histories hold no words of people';

create table incident_counter (
  org_id uuid not null references org (id),
  year int not null,
  last int not null,
  primary key (org_id, year)
);
select protect_tenant_table('incident_counter');

create table incident (
  org_id uuid not null references org (id),
  id uuid not null,
  year int not null,
  number int not null,
  title text not null,
  description text not null,
  category text not null check (category in ('malicious_code', 'unauthorized_access', 'data_breach',
    'denial_of_service', 'phishing', 'insider_threat', 'physical', 'other')),
  severity text not null check (severity in ('critical', 'high', 'medium', 'low', 'informational')),
  status text not null default 'open' check (status in ('open', 'investigating', 'contained', 'resolved', 'closed')),
  phase text not null default 'detection' check (phase in ('detection', 'analysis', 'containment', 'eradication',
    'recovery', 'post_incident')),
  affected_systems text[] not null default '{}',
  affected_records bigint check (affected_records >= 0),
  source text,
  reported_by uuid not null,
  commander_id uuid,
  assignee_id uuid,
  occurred_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by uuid,
  closed_at timestamptz,
  resolution text check (resolution in ('resolved', 'false_positive', 'duplicate')),
  pending_severity text check (pending_severity in ('critical', 'high', 'medium', 'low', 'informational')),
  pending_severity_by uuid,
  visit_no int not null default 1,
  review jsonb,
  policy jsonb not null,
  strict_guards boolean not null,
  anchored_at timestamptz not null,
  active_at timestamptz not null,
  asked_at timestamptz,
  run_id text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  unique (org_id, year, number),
  foreign key (org_id, reported_by) references membership (org_id, user_id),
  foreign key (org_id, commander_id) references membership (org_id, user_id),
  foreign key (org_id, assignee_id) references membership (org_id, user_id),
  foreign key (org_id, acknowledged_by) references membership (org_id, user_id),
  foreign key (org_id, pending_severity_by) references membership (org_id, user_id)
);
comment on column incident.policy is 'promises as they were when it was created; editing the settings changes no running clock';
comment on column incident.anchored_at is 'when its clocks began: when it occurred, as far as that is known';
create index incident_status on incident (org_id, status, id desc);
create index incident_severity on incident (org_id, severity, id desc);
create index incident_phase on incident (org_id, phase, id desc);
create trigger incident_touch before update on incident for each row execute function touch_updated_at();
select protect_tenant_table('incident');

create table incident_visit (
  org_id uuid not null,
  incident_id uuid not null,
  visit_no int not null,
  phase text not null,
  kind text not null check (kind in ('forward', 'skip', 'backward', 'reopen')),
  csf_function text not null,
  entered_at timestamptz not null,
  left_at timestamptz,
  entered_by uuid not null,
  reason text,
  primary key (org_id, incident_id, visit_no),
  foreign key (org_id, incident_id) references incident (org_id, id) on delete cascade,
  foreign key (org_id, entered_by) references membership (org_id, user_id)
);
select protect_tenant_table('incident_visit');

create table incident_clock (
  org_id uuid not null,
  id uuid not null,
  incident_id uuid not null,
  kind text not null,
  attempt int not null,
  state text not null check (state in ('pending', 'running', 'paused', 'met', 'breached', 'cancelled')),
  record jsonb not null,
  started_at timestamptz not null,
  due_at timestamptz,
  breached_at timestamptz,
  ended_at timestamptz,
  primary key (org_id, id),
  unique (org_id, incident_id, kind, attempt),
  foreign key (org_id, incident_id) references incident (org_id, id) on delete cascade
);
comment on column incident_clock.record is 'the whole clock as the workflow counts it; the columns beside it are for lists';
create index incident_clock_due on incident_clock (org_id, due_at) where ended_at is null;
select protect_tenant_table('incident_clock');

create table incident_task (
  org_id uuid not null,
  id uuid not null,
  incident_id uuid not null,
  title text not null,
  description text not null default '',
  phase text not null,
  owner_id uuid,
  status text not null default 'todo' check (status in ('todo', 'in_progress', 'blocked', 'done', 'waived')),
  blocking boolean not null default false,
  confirms_clean boolean not null default false,
  due_at timestamptz,
  depends_on uuid[] not null default '{}',
  source text not null check (source in ('person', 'playbook', 'policy', 'vendor')),
  source_ref text,
  result text,
  evidence_id uuid,
  created_by uuid,
  completed_at timestamptz,
  completed_by uuid,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  foreign key (org_id, incident_id) references incident (org_id, id) on delete cascade,
  foreign key (org_id, owner_id) references membership (org_id, user_id),
  foreign key (org_id, created_by) references membership (org_id, user_id),
  foreign key (org_id, completed_by) references membership (org_id, user_id),
  foreign key (org_id, evidence_id) references evidence (org_id, id)
);
comment on column incident_task.confirms_clean is 'done means: a person has confirmed affected systems clean';
create index incident_task_incident on incident_task (org_id, incident_id, id);
create index incident_task_owner on incident_task (org_id, owner_id, status);
create trigger incident_task_touch before update on incident_task for each row execute function touch_updated_at();
select protect_tenant_table('incident_task');

create table timeline_head (
  org_id uuid not null,
  incident_id uuid not null,
  seq int not null,
  hash text not null,
  primary key (org_id, incident_id),
  foreign key (org_id, incident_id) references incident (org_id, id) on delete cascade
);
select protect_tenant_table('timeline_head');

create table timeline (
  org_id uuid not null,
  incident_id uuid not null,
  seq int not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  event_type text not null,
  actor_type text not null check (actor_type in ('user', 'system', 'agent', 'vendor')),
  actor_id text,
  corrects_seq int,
  idempotency_key text not null,
  header text not null,
  prev_hash text not null,
  entry_hash text not null,
  primary key (org_id, incident_id, seq),
  unique (org_id, incident_id, idempotency_key),
  foreign key (org_id, incident_id) references incident (org_id, id)
);
comment on column timeline.header is 'canonical JSON of the hashed fields: ids and a commitment to the payload';
create index timeline_occurred on timeline (org_id, incident_id, occurred_at, seq);
create trigger timeline_keep before update or delete on timeline for each row execute function refuse_change();
select protect_tenant_table('timeline');
revoke update, delete on timeline from grc_app;

create table timeline_payload (
  org_id uuid not null,
  incident_id uuid not null,
  seq int not null,
  salt text not null,
  payload jsonb not null,
  primary key (org_id, incident_id, seq),
  foreign key (org_id, incident_id, seq) references timeline (org_id, incident_id, seq)
);
comment on table timeline_payload is 'words and names: may be redacted, the chain keeps its commitment to them';
select protect_tenant_table('timeline_payload');
revoke update on timeline_payload from grc_app;

create policy reconcile on incident for select to grc_reconcile using (true);
grant select on incident to grc_reconcile;
`;
