export const name = '0008_evidence';

export const up = `
create table evidence (
  org_id uuid not null references org (id),
  id uuid not null,
  filename text not null,
  content_type text not null,
  size bigint,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  status text not null check (status in ('pending', 'verified', 'rejected', 'expired')),
  rejection_reason text,
  object_key text not null,
  finding_id uuid,
  assessment_id uuid,
  control_refs text[] not null default '{}',
  uploaded_by uuid not null,
  collected_at timestamptz,
  uploaded_at timestamptz,
  expires_at timestamptz,
  supersedes_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  foreign key (org_id, assessment_id) references assessment (org_id, id) on delete set null (assessment_id),
  foreign key (org_id, finding_id) references finding (org_id, id) on delete set null (finding_id),
  foreign key (org_id, supersedes_id) references evidence (org_id, id),
  foreign key (org_id, uploaded_by) references membership (org_id, user_id),
  check (status <> 'verified' or (sha256 is not null and size is not null))
);
comment on column evidence.control_refs is 'controls that the document speaks of, by their reference';
comment on column evidence.collected_at is 'when the fact was true, apart from when the file came in';
create index evidence_assessment on evidence (org_id, assessment_id, id desc);
create index evidence_finding on evidence (org_id, finding_id, id desc);
create index evidence_verified on evidence (org_id, id desc) where status = 'verified';
create trigger evidence_touch before update on evidence for each row execute function touch_updated_at();
select protect_tenant_table('evidence');

create table evidence_text (
  org_id uuid not null,
  evidence_id uuid not null,
  text text not null,
  truncated boolean not null,
  unreadable_reason text,
  extractor_version text not null,
  extracted_at timestamptz not null default clock_timestamp(),
  primary key (org_id, evidence_id),
  foreign key (org_id, evidence_id) references evidence (org_id, id) on delete cascade
);
comment on table evidence_text is 'extracted once per document and kept';
select protect_tenant_table('evidence_text');

create table execution_evidence (
  org_id uuid not null,
  execution_id uuid not null,
  evidence_id uuid not null,
  sha256 text not null,
  control_ref text,
  unique nulls not distinct (org_id, execution_id, control_ref, evidence_id),
  foreign key (org_id, execution_id) references assessment_execution (org_id, id) on delete cascade,
  foreign key (org_id, evidence_id) references evidence (org_id, id)
);
comment on table execution_evidence is 'the evidence of a run, frozen at its start; control_ref null: linked to the assessment as a whole';
select protect_tenant_table('execution_evidence');
`;
