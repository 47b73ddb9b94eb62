// Evidence that people upload: what they said of it, where it waits, why it was refused, and whether it is stale.
export const name = '0033_evidence_upload';

export const up = `
alter table evidence
  add column quarantine_key text,
  add column closes_at timestamptz,
  add column declared_size bigint check (declared_size > 0),
  add column declared_sha256 text check (declared_sha256 ~ '^[0-9a-f]{64}$'),
  add column rejection_detail text,
  add column stale boolean not null default false,
  add check (status <> 'pending' or (quarantine_key is not null and closes_at is not null)),
  add check ((status = 'rejected') = (rejection_reason is not null)),
  add check (not stale or expires_at is not null);
comment on column evidence.quarantine_key is 'where the upload lands; null for what was not uploaded';
comment on column evidence.closes_at is 'when an upload is not waited for any more: some time after its URL has expired';
comment on column evidence.declared_size is 'what the uploader said that it would be';
comment on column evidence.stale is 'set by the workflow''s timer when expires_at has passed';
-- FORCE hides rows from the owner
alter table evidence no force row level security;
alter table evidence disable trigger evidence_touch;
update evidence set stale = true where expires_at <= clock_timestamp();
alter table evidence enable trigger evidence_touch;
alter table evidence force row level security;
create index evidence_status on evidence (org_id, status, id desc);
create index evidence_successor on evidence (org_id, supersedes_id, id desc) where supersedes_id is not null;
create index evidence_live on evidence (org_id, id)
  where status = 'pending' or (status = 'verified' and not stale and expires_at is not null);
create index execution_evidence_of on execution_evidence (org_id, evidence_id);
create index incident_task_evidence on incident_task (org_id, evidence_id) where evidence_id is not null;
create policy reconcile on evidence for select to grc_reconcile using (true);
grant select (org_id, id, status, stale, expires_at, updated_at) on evidence to grc_reconcile;

create table evidence_upload (
  org_id uuid not null references org (id),
  evidence_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (org_id, evidence_id)
);
comment on table evidence_upload is 'what the hourly limit counts; stays when the document is removed, so that removing gives no room';
create index evidence_upload_at on evidence_upload (org_id, at desc);
select protect_tenant_table('evidence_upload');
`;
