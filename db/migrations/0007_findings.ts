export const name = '0007_findings';

export const up = `
create table finding (
  org_id uuid not null,
  id uuid not null,
  assessment_id uuid not null,
  control_id uuid not null references control (id),
  execution_id uuid,
  status text not null check (status in ('pass', 'fail', 'partial', 'not_applicable')),
  severity text not null check (severity in ('critical', 'high', 'medium', 'low', 'info')),
  confidence real not null check (confidence between 0 and 1),
  rationale text not null,
  citations jsonb not null default '[]',
  checks jsonb not null default '[]',
  gaps jsonb not null default '[]',
  remediation text not null default '',
  remediation_notes text,
  evaluated_by jsonb not null,
  set_by_person boolean not null default false,
  needs_review boolean not null default false,
  review_due_at timestamptz,
  owner_id uuid,
  due_date date,
  tokens_in int not null default 0,
  tokens_out int not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  unique (org_id, assessment_id, control_id),
  foreign key (org_id, assessment_id) references assessment (org_id, id) on delete cascade,
  foreign key (org_id, owner_id) references membership (org_id, user_id)
);
comment on column finding.set_by_person is 'a later run never overwrites it';
create index finding_status on finding (org_id, status, id desc);
create index finding_severity on finding (org_id, severity, id desc);
create index finding_assessment on finding (org_id, assessment_id, id desc);
create index finding_review on finding (org_id, review_due_at) where needs_review;
create trigger finding_touch before update on finding for each row execute function touch_updated_at();
select protect_tenant_table('finding');

create table finding_history (
  org_id uuid not null,
  finding_id uuid not null,
  id uuid not null,
  at timestamptz not null default clock_timestamp(),
  status text not null,
  severity text not null,
  confidence real not null,
  evaluated_by jsonb not null,
  remediation_notes text,
  primary key (org_id, finding_id, id),
  foreign key (org_id, finding_id) references finding (org_id, id) on delete cascade
);
comment on table finding_history is 'every verdict the finding ever had, the present one included';
select protect_tenant_table('finding_history');
`;
