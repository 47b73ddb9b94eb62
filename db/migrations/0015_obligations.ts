// Duties to report an incident: what started each, until when, what was decided, and the proof of its filing.
export const name = '0015_obligations';

export const up = `
create table incident_obligation (
  org_id uuid not null,
  id uuid not null,
  incident_id uuid not null,
  code text not null,
  regime text not null,
  stage text not null,
  anchor_event text not null,
  anchored_at timestamptz not null,
  due_at timestamptz not null,
  decision text not null check (decision in ('undecided', 'required', 'not_required')),
  reason text,
  decided_by uuid,
  submitted_at timestamptz,
  submitted_by uuid,
  receipt_sha256 text check (receipt_sha256 ~ '^[0-9a-f]{64}$'),
  receipt_name text,
  waived_at timestamptz,
  waived_by uuid,
  waived_reason text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  foreign key (org_id, incident_id) references incident (org_id, id) on delete cascade,
  foreign key (org_id, decided_by) references membership (org_id, user_id),
  foreign key (org_id, submitted_by) references membership (org_id, user_id),
  foreign key (org_id, waived_by) references membership (org_id, user_id),
  check ((submitted_at is null) = (submitted_by is null)),
  check (submitted_at is null or receipt_sha256 is not null),
  check (submitted_at is null or waived_at is null)
);
comment on column incident_obligation.anchor_event is 'an event of the incident, or submission_of: and the code of the stage before';
create index incident_obligation_of on incident_obligation (org_id, incident_id, id);
create trigger incident_obligation_touch before update on incident_obligation
  for each row execute function touch_updated_at();
select protect_tenant_table('incident_obligation');
`;
