// Reports: what was asked for, what became of it, and the role that reads for them.
export const name = '0034_reports';

export const up = `
create table report (
  org_id uuid not null references org (id),
  id uuid not null,
  type text not null check (type in
    ('compliance_summary', 'gap_analysis', 'risk_register', 'incident_summary', 'bcm_impact_analysis')),
  format text not null check (format in ('pdf', 'xlsx', 'json')),
  status text not null default 'pending' check (status in ('pending', 'generating', 'completed', 'failed')),
  assessment_id uuid,
  requested_by uuid not null,
  failure text,
  as_of timestamptz,
  document_sha256 text check (document_sha256 ~ '^[0-9a-f]{64}$'),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  size bigint check (size > 0),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  deleted_at timestamptz,
  cleared_at timestamptz,
  primary key (org_id, id),
  foreign key (org_id, assessment_id) references assessment (org_id, id) on delete set null (assessment_id),
  foreign key (org_id, requested_by) references membership (org_id, user_id),
  check ((as_of is null) = (document_sha256 is null)),
  check ((status = 'completed') = (sha256 is not null and size is not null and as_of is not null)),
  check ((status = 'failed') = (failure is not null)),
  check ((status in ('completed', 'failed')) = (ended_at is not null)),
  check (deleted_at is null or ended_at is not null),
  check (cleared_at is null or deleted_at is not null)
);
comment on column report.as_of is 'of the snapshot that all of it was read from; kept so that a repeated rendering gives the same bytes';
comment on column report.document_sha256 is 'of what was read, kept as an object beside the report';
comment on column report.sha256 is 'of the report; its object is named by it';
comment on column report.deleted_at is 'the row stays: what was generated counts against the hour, deleted or not';
comment on column report.cleared_at is 'when the objects of a deleted one were gone';
create index report_list on report (org_id, id desc) where deleted_at is null;
create index report_type on report (org_id, type, id desc) where deleted_at is null;
create index report_status on report (org_id, status, id desc) where deleted_at is null;
create index report_recent on report (org_id, created_at);
create index report_unsettled on report (org_id, updated_at) where ended_at is null or (deleted_at is not null and cleared_at is null);
create trigger report_touch before update on report for each row execute function touch_updated_at();
select protect_tenant_table('report');
revoke delete on report from grc_app;
create policy reconcile on report for select to grc_reconcile using (true);
grant select (org_id, id, created_at, updated_at, ended_at, deleted_at, cleared_at) on report to grc_reconcile;

-- Reads for minutes, on a connection of its own, and only what reports are about. It writes nothing.
do $$ declare t text; begin
  foreach t in array array['assessment', 'assessment_execution', 'execution_control', 'finding', 'evidence', 'membership',
    'risk', 'risk_control', 'risk_acceptance', 'incident', 'incident_visit', 'incident_clock', 'incident_obligation',
    'timeline', 'timeline_payload', 'org', 'framework', 'control'] loop
    execute format('grant select on %I to grc_report', t);
  end loop;
  foreach t in array array['framework', 'control'] loop
    execute format('create policy report on %I for select to grc_report
      using (org_id is null or org_id = (select nullif(current_setting(''app.org_id'', true), '''')::uuid))', t);
  end loop;
end $$;
create policy report on org for select to grc_report
  using (id = (select nullif(current_setting('app.org_id', true), '')::uuid));
`;
