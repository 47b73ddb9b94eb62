-- Written by `npm run db:schema`; migrations are the source.

table app_user
  row level security: forced
  id uuid not null
  email text
  service_token_id text -- common_name of an Access service token
  access_sub text -- bound at the first sign-in; another one is refused until the operator rebinds
  sessions_revoked_at timestamp with time zone -- tokens issued before are refused, and bind nobody
  created_at timestamp with time zone not null default clock_timestamp()
  constraint app_user_check CHECK (((email IS NULL) <> (service_token_id IS NULL)))
  constraint app_user_email_check CHECK ((email = lower(email)))
  constraint app_user_email_key UNIQUE (email)
  constraint app_user_pkey PRIMARY KEY (id)
  constraint app_user_service_token_id_key UNIQUE (service_token_id)
  policy definer for * to grc_owner using true with check true
  policy visible for r to grc_app using ((id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (id IN ( SELECT m.user_id FROM membership m WHERE (m.org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))))
  grant select to grc_app

table assessment
  row level security: forced
  org_id uuid not null
  id uuid not null
  framework_id uuid not null
  name text not null
  scope text not null
  control_refs text[] -- null: every control of the framework
  evaluator text -- null: whatever the workers have, an LLM before rules
  status text not null default 'pending'::text
  execution_id uuid -- the latest run
  created_by uuid not null
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  constraint assessment_evaluator_check CHECK ((evaluator = ANY (ARRAY['llm'::text, 'rules'::text])))
  constraint assessment_execution_fk FOREIGN KEY (org_id, execution_id) REFERENCES assessment_execution(org_id, id) DEFERRABLE INITIALLY DEFERRED
  constraint assessment_framework_id_fkey FOREIGN KEY (framework_id) REFERENCES framework(id)
  constraint assessment_org_id_created_by_fkey FOREIGN KEY (org_id, created_by) REFERENCES membership(org_id, user_id)
  constraint assessment_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint assessment_pkey PRIMARY KEY (org_id, id)
  constraint assessment_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'in_progress'::text, 'paused'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
  CREATE INDEX assessment_framework ON public.assessment USING btree (org_id, framework_id, id DESC)
  CREATE INDEX assessment_live ON public.assessment USING btree (org_id, execution_id) WHERE (status = ANY (ARRAY['in_progress'::text, 'paused'::text]))
  CREATE INDEX assessment_status ON public.assessment USING btree (org_id, status, id DESC)
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER assessment_framework BEFORE INSERT ON public.assessment FOR EACH ROW EXECUTE FUNCTION refuse_foreign_framework()
  CREATE TRIGGER assessment_touch BEFORE UPDATE ON public.assessment FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table assessment_execution
  row level security: forced
  org_id uuid not null
  id uuid not null
  assessment_id uuid not null
  status text not null
  slot smallint -- one of the five concurrent runs; the slot is the state, so nothing can leak
  restart boolean not null
  evaluator text
  limits jsonb not null -- settings of the organization frozen at the start
  run_id text
  controls_total integer not null default 0
  controls_evaluated integer not null default 0
  carried integer not null default 0 -- controls already evaluated before this run began; part of controls_evaluated
  tokens_in bigint not null default 0
  tokens_out bigint not null default 0
  budget_base bigint not null default 0 -- tokens spent when a person last granted the budget anew
  paused_cause text
  paused_reason text
  failure text
  actor_id uuid not null
  created_at timestamp with time zone not null default clock_timestamp()
  started_at timestamp with time zone
  active_since timestamp with time zone
  active_ms bigint not null default 0 -- time worked up to the last pause; active_since is when the present stretch began
  ended_at timestamp with time zone
  updated_at timestamp with time zone not null default clock_timestamp()
  constraint assessment_execution_check CHECK (((slot IS NOT NULL) = (status = ANY (ARRAY['starting'::text, 'running'::text]))))
  constraint assessment_execution_evaluator_check CHECK ((evaluator = ANY (ARRAY['llm'::text, 'rules'::text])))
  constraint assessment_execution_org_id_actor_id_fkey FOREIGN KEY (org_id, actor_id) REFERENCES membership(org_id, user_id)
  constraint assessment_execution_org_id_assessment_id_fkey FOREIGN KEY (org_id, assessment_id) REFERENCES assessment(org_id, id) ON DELETE CASCADE
  constraint assessment_execution_pkey PRIMARY KEY (org_id, id)
  constraint assessment_execution_slot_check CHECK (((slot >= 1) AND (slot <= 5)))
  constraint assessment_execution_status_check CHECK ((status = ANY (ARRAY['starting'::text, 'running'::text, 'paused'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
  CREATE INDEX execution_of ON public.assessment_execution USING btree (org_id, assessment_id, id DESC)
  CREATE INDEX execution_open ON public.assessment_execution USING btree (org_id, updated_at) WHERE (status = ANY (ARRAY['starting'::text, 'running'::text, 'paused'::text]))
  CREATE UNIQUE INDEX execution_live ON public.assessment_execution USING btree (org_id, assessment_id) WHERE (status = ANY (ARRAY['starting'::text, 'running'::text, 'paused'::text]))
  CREATE UNIQUE INDEX execution_slot ON public.assessment_execution USING btree (org_id, slot) WHERE (slot IS NOT NULL)
  policy reconcile for * to grc_reconcile using true with check true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER execution_touch BEFORE UPDATE ON public.assessment_execution FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app
  grant select to grc_report
  grant select, update to grc_reconcile

table audit_head
  row level security: forced
  org_id uuid not null
  seq bigint not null
  hash text not null
  constraint audit_head_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint audit_head_pkey PRIMARY KEY (org_id)
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant insert, select, update to grc_app
  grant select to grc_audit_read
  grant select to grc_reconcile

table audit_log
  row level security: forced
  org_id uuid not null
  seq bigint not null
  at timestamp with time zone not null
  actor_id uuid
  action text not null
  resource_type text not null
  resource_id text
  body text not null -- RFC 8785 JSON of the whole entry; hash = SHA-256(previous hash, seq, body)
  hash text not null
  constraint audit_log_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES app_user(id)
  constraint audit_log_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint audit_log_pkey PRIMARY KEY (org_id, seq)
  CREATE INDEX audit_actor ON public.audit_log USING btree (org_id, actor_id, seq DESC)
  CREATE INDEX audit_at ON public.audit_log USING btree (org_id, at)
  CREATE INDEX audit_resource ON public.audit_log USING btree (org_id, resource_id, seq DESC)
  CREATE INDEX audit_type ON public.audit_log USING btree (org_id, resource_type, seq DESC)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER audit_log_final BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change()
  CREATE TRIGGER audit_log_keep BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
  grant insert, select to grc_app
  grant select to grc_audit_read

table audit_personal
  -- names and addresses beside the chain, which holds only their salted hash: erasing keeps it valid
  row level security: forced
  org_id uuid not null
  seq bigint not null
  subject_id uuid not null
  salt text not null
  data jsonb not null
  constraint audit_personal_org_id_seq_fkey FOREIGN KEY (org_id, seq) REFERENCES audit_log(org_id, seq)
  constraint audit_personal_pkey PRIMARY KEY (org_id, seq)
  constraint audit_personal_subject_id_fkey FOREIGN KEY (subject_id) REFERENCES app_user(id)
  CREATE INDEX audit_personal_subject ON public.audit_personal USING btree (org_id, subject_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select to grc_audit_read

table check_result
  row level security: forced
  org_id uuid not null
  execution_id uuid not null
  name text not null
  sql text not null
  status text not null
  counts jsonb not null default '{}'::jsonb
  rows jsonb not null default '[]'::jsonb
  rows_sha256 text
  reason text
  duration_ms integer
  ran_at timestamp with time zone not null default clock_timestamp()
  constraint check_result_org_id_execution_id_fkey FOREIGN KEY (org_id, execution_id) REFERENCES assessment_execution(org_id, id) ON DELETE CASCADE
  constraint check_result_pkey PRIMARY KEY (org_id, execution_id, name)
  constraint check_result_status_check CHECK ((status = ANY (ARRAY['pass'::text, 'fail'::text, 'error'::text, 'skipped'::text])))
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table command
  row level security: forced
  org_id uuid not null
  id uuid not null -- also the updateId, so that a repeated delivery runs the handler once
  execution_id uuid
  kind text not null
  status text not null default 'requested'::text
  detail text
  actor_id uuid not null
  request_id text not null
  created_at timestamp with time zone not null default clock_timestamp()
  decided_at timestamp with time zone
  workflow_id text not null
  code text -- of a refusal, as the API answers it
  result jsonb -- what the workflow answered beside yes
  note text -- what the caller wrote: kept here, because histories hold no words of people
  constraint command_org_id_actor_id_fkey FOREIGN KEY (org_id, actor_id) REFERENCES membership(org_id, user_id)
  constraint command_org_id_execution_id_fkey FOREIGN KEY (org_id, execution_id) REFERENCES assessment_execution(org_id, id) ON DELETE CASCADE
  constraint command_pkey PRIMARY KEY (org_id, id)
  constraint command_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'accepted'::text, 'refused'::text])))
  CREATE INDEX command_execution ON public.command USING btree (org_id, execution_id)
  CREATE INDEX command_open ON public.command USING btree (org_id, workflow_id) WHERE (status = 'requested'::text)
  policy reconcile for * to grc_reconcile using true with check true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select, update to grc_reconcile

table control
  row level security: forced
  id uuid not null
  org_id uuid
  framework_id uuid not null
  position integer not null
  ref text not null
  group text not null
  title text not null
  description text not null
  question text not null
  guidance text not null
  kind text not null
  checks jsonb not null default '[]'::jsonb
  baselines text[] not null default '{}'::text[] -- for NIST SP 800-53: LOW, MODERATE, HIGH, PRIVACY
  oscal_id text -- null: the catalogue does not come from OSCAL
  constraint control_framework_id_fkey FOREIGN KEY (framework_id) REFERENCES framework(id) ON DELETE CASCADE
  constraint control_kind_check CHECK ((kind = ANY (ARRAY['criterion'::text, 'control'::text, 'engagement'::text])))
  constraint control_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint control_pkey PRIMARY KEY (id)
  CREATE INDEX control_order ON public.control USING btree (framework_id, "position")
  CREATE UNIQUE INDEX control_oscal_id ON public.control USING btree (org_id, framework_id, oscal_id) NULLS NOT DISTINCT WHERE (oscal_id IS NOT NULL)
  CREATE UNIQUE INDEX control_ref ON public.control USING btree (org_id, framework_id, ref) NULLS NOT DISTINCT
  policy built_in for r to grc_app using (org_id IS NULL)
  policy catalogue for * to grc_owner using (org_id IS NULL) with check (org_id IS NULL)
  policy own for r to grc_app using (org_id IN ( SELECT m.org_id FROM membership m WHERE ((m.user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (m.ended_at IS NULL))))
  policy purge for * to grc_owner using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  policy report for r to grc_report using ((org_id IS NULL) OR (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  policy tenant for * to grc_app using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select to grc_app
  grant select to grc_report

table control_assurance
  -- the latest verdict on each control; whoever changes one, or links a risk to it, writes this row first and so waits for the other
  row level security: forced
  org_id uuid not null
  control_id uuid not null
  status text -- null: never judged, or the assessment that did is gone
  judged_at timestamp with time zone
  changed_at timestamp with time zone not null default clock_timestamp()
  constraint control_assurance_control_id_fkey FOREIGN KEY (control_id) REFERENCES control(id)
  constraint control_assurance_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint control_assurance_pkey PRIMARY KEY (org_id, control_id)
  constraint control_assurance_status_check CHECK ((status = ANY (ARRAY['pass'::text, 'fail'::text, 'partial'::text, 'not_applicable'::text])))
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table evidence
  row level security: forced
  org_id uuid not null
  id uuid not null
  filename text not null
  content_type text not null
  size bigint
  sha256 text
  status text not null
  rejection_reason text
  object_key text not null
  finding_id uuid
  assessment_id uuid
  control_refs text[] not null default '{}'::text[] -- controls that the document speaks of, by their reference
  uploaded_by uuid not null
  collected_at timestamp with time zone -- when the fact was true, apart from when the file came in
  uploaded_at timestamp with time zone
  expires_at timestamp with time zone
  supersedes_id uuid
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  quarantine_key text -- where the upload lands; null for what was not uploaded
  closes_at timestamp with time zone -- when an upload is not waited for any more: some time after its URL has expired
  declared_size bigint -- what the uploader said that it would be
  declared_sha256 text
  rejection_detail text
  stale boolean not null default false -- set by the workflow's timer when expires_at has passed
  constraint evidence_check CHECK (((status <> 'verified'::text) OR ((sha256 IS NOT NULL) AND (size IS NOT NULL))))
  constraint evidence_check1 CHECK (((status <> 'pending'::text) OR ((quarantine_key IS NOT NULL) AND (closes_at IS NOT NULL))))
  constraint evidence_check2 CHECK (((status = 'rejected'::text) = (rejection_reason IS NOT NULL)))
  constraint evidence_check3 CHECK (((NOT stale) OR (expires_at IS NOT NULL)))
  constraint evidence_declared_sha256_check CHECK ((declared_sha256 ~ '^[0-9a-f]{64}$'::text))
  constraint evidence_declared_size_check CHECK ((declared_size > 0))
  constraint evidence_org_id_assessment_id_fkey FOREIGN KEY (org_id, assessment_id) REFERENCES assessment(org_id, id) ON DELETE SET NULL (assessment_id)
  constraint evidence_org_id_finding_id_fkey FOREIGN KEY (org_id, finding_id) REFERENCES finding(org_id, id) ON DELETE SET NULL (finding_id)
  constraint evidence_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint evidence_org_id_supersedes_id_fkey FOREIGN KEY (org_id, supersedes_id) REFERENCES evidence(org_id, id)
  constraint evidence_org_id_uploaded_by_fkey FOREIGN KEY (org_id, uploaded_by) REFERENCES membership(org_id, user_id)
  constraint evidence_pkey PRIMARY KEY (org_id, id)
  constraint evidence_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
  constraint evidence_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'verified'::text, 'rejected'::text, 'expired'::text])))
  CREATE INDEX evidence_assessment ON public.evidence USING btree (org_id, assessment_id, id DESC)
  CREATE INDEX evidence_finding ON public.evidence USING btree (org_id, finding_id, id DESC)
  CREATE INDEX evidence_live ON public.evidence USING btree (org_id, id) WHERE ((status = 'pending'::text) OR ((status = 'verified'::text) AND (NOT stale) AND (expires_at IS NOT NULL)))
  CREATE INDEX evidence_status ON public.evidence USING btree (org_id, status, id DESC)
  CREATE INDEX evidence_successor ON public.evidence USING btree (org_id, supersedes_id, id DESC) WHERE (supersedes_id IS NOT NULL)
  CREATE INDEX evidence_verified ON public.evidence USING btree (org_id, id DESC) WHERE (status = 'verified'::text)
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER evidence_touch BEFORE UPDATE ON public.evidence FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table evidence_text
  -- extracted once per document and kept
  row level security: forced
  org_id uuid not null
  evidence_id uuid not null
  text text not null
  truncated boolean not null
  unreadable_reason text
  extractor_version text not null
  extracted_at timestamp with time zone not null default clock_timestamp()
  constraint evidence_text_org_id_evidence_id_fkey FOREIGN KEY (org_id, evidence_id) REFERENCES evidence(org_id, id) ON DELETE CASCADE
  constraint evidence_text_pkey PRIMARY KEY (org_id, evidence_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table evidence_upload
  -- what the hourly limit counts; stays when the document is removed, so that removing gives no room
  row level security: forced
  org_id uuid not null
  evidence_id uuid not null
  at timestamp with time zone not null default clock_timestamp()
  constraint evidence_upload_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint evidence_upload_pkey PRIMARY KEY (org_id, evidence_id)
  CREATE INDEX evidence_upload_at ON public.evidence_upload USING btree (org_id, at DESC)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table execution_control
  -- the control list of a run, frozen at its start, and how far each one is
  row level security: forced
  org_id uuid not null
  execution_id uuid not null
  control_id uuid not null
  position integer not null
  ref text not null
  status text not null default 'pending'::text
  reason text
  started_at timestamp with time zone
  ended_at timestamp with time zone
  constraint execution_control_control_id_fkey FOREIGN KEY (control_id) REFERENCES control(id)
  constraint execution_control_org_id_execution_id_fkey FOREIGN KEY (org_id, execution_id) REFERENCES assessment_execution(org_id, id) ON DELETE CASCADE
  constraint execution_control_pkey PRIMARY KEY (org_id, execution_id, control_id)
  constraint execution_control_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'in_flight'::text, 'done'::text, 'failed'::text])))
  CREATE INDEX execution_control_shown ON public.execution_control USING btree (org_id, execution_id, status, "position") WHERE (status = ANY (ARRAY['in_flight'::text, 'failed'::text]))
  CREATE UNIQUE INDEX execution_control_position ON public.execution_control USING btree (org_id, execution_id, "position")
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table execution_evidence
  -- the evidence of a run, frozen at its start; control_ref null: linked to the assessment as a whole
  row level security: forced
  org_id uuid not null
  execution_id uuid not null
  evidence_id uuid not null
  sha256 text not null
  control_ref text
  constraint execution_evidence_org_id_evidence_id_fkey FOREIGN KEY (org_id, evidence_id) REFERENCES evidence(org_id, id)
  constraint execution_evidence_org_id_execution_id_control_ref_evidence_key UNIQUE NULLS NOT DISTINCT (org_id, execution_id, control_ref, evidence_id)
  constraint execution_evidence_org_id_execution_id_fkey FOREIGN KEY (org_id, execution_id) REFERENCES assessment_execution(org_id, id) ON DELETE CASCADE
  CREATE INDEX execution_evidence_of ON public.execution_evidence USING btree (org_id, evidence_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table finding
  row level security: forced
  org_id uuid not null
  id uuid not null
  assessment_id uuid not null
  control_id uuid not null
  execution_id uuid
  status text not null
  severity text not null
  confidence real not null
  rationale text not null
  citations jsonb not null default '[]'::jsonb
  checks jsonb not null default '[]'::jsonb
  gaps jsonb not null default '[]'::jsonb
  remediation text not null default ''::text
  remediation_notes text
  evaluated_by jsonb not null
  set_by_person boolean not null default false -- a later run never overwrites it
  needs_review boolean not null default false
  review_due_at timestamp with time zone
  owner_id uuid
  due_date date
  tokens_in integer not null default 0
  tokens_out integer not null default 0
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  review_reminded_at timestamp with time zone -- the last reminder: one at half of the time, one when the review is overdue
  judged_at timestamp with time zone not null default clock_timestamp()
  constraint finding_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision)))
  constraint finding_control_id_fkey FOREIGN KEY (control_id) REFERENCES control(id)
  constraint finding_org_id_assessment_id_control_id_key UNIQUE (org_id, assessment_id, control_id)
  constraint finding_org_id_assessment_id_fkey FOREIGN KEY (org_id, assessment_id) REFERENCES assessment(org_id, id) ON DELETE CASCADE
  constraint finding_org_id_owner_id_fkey FOREIGN KEY (org_id, owner_id) REFERENCES membership(org_id, user_id)
  constraint finding_pkey PRIMARY KEY (org_id, id)
  constraint finding_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'high'::text, 'medium'::text, 'low'::text, 'info'::text])))
  constraint finding_status_check CHECK ((status = ANY (ARRAY['pass'::text, 'fail'::text, 'partial'::text, 'not_applicable'::text])))
  CREATE INDEX finding_assessment ON public.finding USING btree (org_id, assessment_id, id DESC)
  CREATE INDEX finding_latest ON public.finding USING btree (org_id, control_id, judged_at DESC, id DESC)
  CREATE INDEX finding_reminder ON public.finding USING btree (org_id, execution_id) WHERE needs_review
  CREATE INDEX finding_review ON public.finding USING btree (org_id, review_due_at) WHERE needs_review
  CREATE INDEX finding_severity ON public.finding USING btree (org_id, severity, id DESC)
  CREATE INDEX finding_status ON public.finding USING btree (org_id, status, id DESC)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER finding_touch BEFORE UPDATE ON public.finding FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table finding_history
  -- every verdict the finding ever had, the present one included
  row level security: forced
  org_id uuid not null
  finding_id uuid not null
  id uuid not null
  at timestamp with time zone not null default clock_timestamp()
  status text not null
  severity text not null
  confidence real not null
  evaluated_by jsonb not null
  remediation_notes text
  constraint finding_history_org_id_finding_id_fkey FOREIGN KEY (org_id, finding_id) REFERENCES finding(org_id, id) ON DELETE CASCADE
  constraint finding_history_pkey PRIMARY KEY (org_id, finding_id, id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table framework
  row level security: forced
  id uuid not null
  org_id uuid
  key text not null
  name text not null
  version text not null
  description text not null
  source text not null
  licence_note text not null
  groups jsonb not null
  control_count integer not null
  content_hash text not null
  created_at timestamp with time zone not null default clock_timestamp()
  constraint framework_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint framework_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX framework_key ON public.framework USING btree (org_id, key, version) NULLS NOT DISTINCT
  policy built_in for r to grc_app using (org_id IS NULL)
  policy catalogue for * to grc_owner using (org_id IS NULL) with check (org_id IS NULL)
  policy own for r to grc_app using (org_id IN ( SELECT m.org_id FROM membership m WHERE ((m.user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (m.ended_at IS NULL))))
  policy purge for * to grc_owner using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  policy report for r to grc_report using ((org_id IS NULL) OR (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")))
  policy tenant for * to grc_app using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select to grc_app
  grant select to grc_report

table idempotency_record
  -- written in the transaction of the write itself: who asks again goes on from there
  row level security: forced
  org_id uuid -- null for what is asked outside of organizations
  caller_id uuid not null
  key_hash text not null
  fingerprint text not null -- of method, path, query and body
  turn integer
  outcome text -- sealed: what the turn-th transaction of the request came to
  status integer
  answer text -- sealed: headers and body; null until the request is answered
  created_at timestamp with time zone not null default clock_timestamp()
  expires_at timestamp with time zone not null
  constraint idempotency_record_caller_id_fkey FOREIGN KEY (caller_id) REFERENCES app_user(id)
  constraint idempotency_record_check CHECK (((turn IS NULL) = (outcome IS NULL)))
  constraint idempotency_record_check1 CHECK (((status IS NULL) = (answer IS NULL)))
  constraint idempotency_record_check2 CHECK (((outcome IS NOT NULL) OR (answer IS NOT NULL)))
  constraint idempotency_record_org_id_caller_id_key_hash_key UNIQUE NULLS NOT DISTINCT (org_id, caller_id, key_hash)
  constraint idempotency_record_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  CREATE INDEX idempotency_record_caller ON public.idempotency_record USING btree (caller_id)
  CREATE INDEX idempotency_record_expiry ON public.idempotency_record USING btree (expires_at)
  policy own for * to grc_app using ((org_id IS NULL) AND (caller_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) with check ((org_id IS NULL) AND (caller_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))
  policy reconcile for * to grc_reconcile using (expires_at < clock_timestamp())
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete to grc_reconcile
  grant delete, insert, select, update to grc_app

table incident
  row level security: forced
  org_id uuid not null
  id uuid not null
  year integer not null
  number integer not null
  title text not null
  description text not null
  category text not null
  severity text not null
  status text not null default 'open'::text
  phase text not null default 'detection'::text
  affected_systems text[] not null default '{}'::text[]
  affected_records bigint
  source text
  reported_by uuid not null
  commander_id uuid
  assignee_id uuid
  occurred_at timestamp with time zone not null
  acknowledged_at timestamp with time zone
  acknowledged_by uuid
  closed_at timestamp with time zone
  resolution text
  pending_severity text
  pending_severity_by uuid
  visit_no integer not null default 1
  review jsonb
  policy jsonb not null -- promises as they were when it was created; editing the settings changes no running clock
  strict_guards boolean not null
  anchored_at timestamp with time zone not null -- when its clocks began: when it occurred, as far as that is known
  active_at timestamp with time zone not null
  asked_at timestamp with time zone
  run_id text
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  revision integer not null default 0 -- changes that its workflow has written
  constraint incident_affected_records_check CHECK ((affected_records >= 0))
  constraint incident_category_check CHECK ((category = ANY (ARRAY['malicious_code'::text, 'unauthorized_access'::text, 'data_breach'::text, 'denial_of_service'::text, 'phishing'::text, 'insider_threat'::text, 'physical'::text, 'other'::text])))
  constraint incident_org_id_acknowledged_by_fkey FOREIGN KEY (org_id, acknowledged_by) REFERENCES membership(org_id, user_id)
  constraint incident_org_id_assignee_id_fkey FOREIGN KEY (org_id, assignee_id) REFERENCES membership(org_id, user_id)
  constraint incident_org_id_commander_id_fkey FOREIGN KEY (org_id, commander_id) REFERENCES membership(org_id, user_id)
  constraint incident_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint incident_org_id_pending_severity_by_fkey FOREIGN KEY (org_id, pending_severity_by) REFERENCES membership(org_id, user_id)
  constraint incident_org_id_reported_by_fkey FOREIGN KEY (org_id, reported_by) REFERENCES membership(org_id, user_id)
  constraint incident_org_id_year_number_key UNIQUE (org_id, year, number)
  constraint incident_pending_severity_check CHECK ((pending_severity = ANY (ARRAY['critical'::text, 'high'::text, 'medium'::text, 'low'::text, 'informational'::text])))
  constraint incident_phase_check CHECK ((phase = ANY (ARRAY['detection'::text, 'analysis'::text, 'containment'::text, 'eradication'::text, 'recovery'::text, 'post_incident'::text])))
  constraint incident_pkey PRIMARY KEY (org_id, id)
  constraint incident_resolution_check CHECK ((resolution = ANY (ARRAY['resolved'::text, 'false_positive'::text, 'duplicate'::text])))
  constraint incident_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'high'::text, 'medium'::text, 'low'::text, 'informational'::text])))
  constraint incident_status_check CHECK ((status = ANY (ARRAY['open'::text, 'investigating'::text, 'contained'::text, 'resolved'::text, 'closed'::text])))
  CREATE INDEX incident_phase ON public.incident USING btree (org_id, phase, id DESC)
  CREATE INDEX incident_severity ON public.incident USING btree (org_id, severity, id DESC)
  CREATE INDEX incident_status ON public.incident USING btree (org_id, status, id DESC)
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER incident_touch BEFORE UPDATE ON public.incident FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app
  grant select to grc_reconcile
  grant select to grc_report

table incident_clock
  row level security: forced
  org_id uuid not null
  id uuid not null
  incident_id uuid not null
  kind text not null
  attempt integer not null
  state text not null
  record jsonb not null -- the whole clock as the workflow counts it; the columns beside it are for lists
  started_at timestamp with time zone not null
  due_at timestamp with time zone
  breached_at timestamp with time zone
  ended_at timestamp with time zone
  constraint incident_clock_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id) ON DELETE CASCADE
  constraint incident_clock_org_id_incident_id_kind_attempt_key UNIQUE (org_id, incident_id, kind, attempt)
  constraint incident_clock_pkey PRIMARY KEY (org_id, id)
  constraint incident_clock_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'running'::text, 'paused'::text, 'met'::text, 'breached'::text, 'cancelled'::text])))
  CREATE INDEX incident_clock_due ON public.incident_clock USING btree (org_id, due_at) WHERE (ended_at IS NULL)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table incident_counter
  row level security: forced
  org_id uuid not null
  year integer not null
  last integer not null
  constraint incident_counter_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint incident_counter_pkey PRIMARY KEY (org_id, year)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table incident_obligation
  row level security: forced
  org_id uuid not null
  id uuid not null
  incident_id uuid not null
  code text not null
  regime text not null
  stage text not null
  anchor_event text not null -- an event of the incident, or submission_of: and the code of the stage before
  anchored_at timestamp with time zone not null
  due_at timestamp with time zone not null
  decision text not null
  reason text
  decided_by uuid
  submitted_at timestamp with time zone
  submitted_by uuid
  receipt_sha256 text
  receipt_name text
  waived_at timestamp with time zone
  waived_by uuid
  waived_reason text
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  constraint incident_obligation_check CHECK (((submitted_at IS NULL) = (submitted_by IS NULL)))
  constraint incident_obligation_check1 CHECK (((submitted_at IS NULL) OR (receipt_sha256 IS NOT NULL)))
  constraint incident_obligation_check2 CHECK (((submitted_at IS NULL) OR (waived_at IS NULL)))
  constraint incident_obligation_decision_check CHECK ((decision = ANY (ARRAY['undecided'::text, 'required'::text, 'not_required'::text])))
  constraint incident_obligation_org_id_decided_by_fkey FOREIGN KEY (org_id, decided_by) REFERENCES membership(org_id, user_id)
  constraint incident_obligation_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id) ON DELETE CASCADE
  constraint incident_obligation_org_id_submitted_by_fkey FOREIGN KEY (org_id, submitted_by) REFERENCES membership(org_id, user_id)
  constraint incident_obligation_org_id_waived_by_fkey FOREIGN KEY (org_id, waived_by) REFERENCES membership(org_id, user_id)
  constraint incident_obligation_pkey PRIMARY KEY (org_id, id)
  constraint incident_obligation_receipt_sha256_check CHECK ((receipt_sha256 ~ '^[0-9a-f]{64}$'::text))
  CREATE INDEX incident_obligation_of ON public.incident_obligation USING btree (org_id, incident_id, id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER incident_obligation_touch BEFORE UPDATE ON public.incident_obligation FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table incident_task
  row level security: forced
  org_id uuid not null
  id uuid not null
  incident_id uuid not null
  title text not null
  description text not null default ''::text
  phase text not null
  owner_id uuid
  status text not null default 'todo'::text
  blocking boolean not null default false
  confirms_clean boolean not null default false -- done means: a person has confirmed affected systems clean
  due_at timestamp with time zone
  depends_on uuid[] not null default '{}'::uuid[]
  source text not null
  source_ref text
  result text
  evidence_id uuid
  created_by uuid
  completed_at timestamp with time zone
  completed_by uuid
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  constraint incident_task_org_id_completed_by_fkey FOREIGN KEY (org_id, completed_by) REFERENCES membership(org_id, user_id)
  constraint incident_task_org_id_created_by_fkey FOREIGN KEY (org_id, created_by) REFERENCES membership(org_id, user_id)
  constraint incident_task_org_id_evidence_id_fkey FOREIGN KEY (org_id, evidence_id) REFERENCES evidence(org_id, id)
  constraint incident_task_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id) ON DELETE CASCADE
  constraint incident_task_org_id_owner_id_fkey FOREIGN KEY (org_id, owner_id) REFERENCES membership(org_id, user_id)
  constraint incident_task_pkey PRIMARY KEY (org_id, id)
  constraint incident_task_source_check CHECK ((source = ANY (ARRAY['person'::text, 'playbook'::text, 'policy'::text, 'vendor'::text])))
  constraint incident_task_status_check CHECK ((status = ANY (ARRAY['todo'::text, 'in_progress'::text, 'blocked'::text, 'done'::text, 'waived'::text])))
  CREATE INDEX incident_task_evidence ON public.incident_task USING btree (org_id, evidence_id) WHERE (evidence_id IS NOT NULL)
  CREATE INDEX incident_task_incident ON public.incident_task USING btree (org_id, incident_id, id)
  CREATE INDEX incident_task_owner ON public.incident_task USING btree (org_id, owner_id, status)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER incident_task_touch BEFORE UPDATE ON public.incident_task FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app

table incident_visit
  row level security: forced
  org_id uuid not null
  incident_id uuid not null
  visit_no integer not null
  phase text not null
  kind text not null
  csf_function text not null
  entered_at timestamp with time zone not null
  left_at timestamp with time zone
  entered_by uuid not null
  reason text
  constraint incident_visit_kind_check CHECK ((kind = ANY (ARRAY['forward'::text, 'skip'::text, 'backward'::text, 'reopen'::text])))
  constraint incident_visit_org_id_entered_by_fkey FOREIGN KEY (org_id, entered_by) REFERENCES membership(org_id, user_id)
  constraint incident_visit_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id) ON DELETE CASCADE
  constraint incident_visit_pkey PRIMARY KEY (org_id, incident_id, visit_no)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table judgement
  -- what a verdict rests on, kept so that it can be re-performed
  row level security: forced
  org_id uuid not null
  execution_id uuid not null
  control_id uuid not null
  evaluator text not null
  model text
  prompt_version text
  prompt_sha256 text
  inputs jsonb not null
  raw_answer text
  verdict jsonb not null
  tokens_in integer not null default 0
  tokens_out integer not null default 0
  created_at timestamp with time zone not null default clock_timestamp()
  constraint judgement_control_id_fkey FOREIGN KEY (control_id) REFERENCES control(id)
  constraint judgement_evaluator_check CHECK ((evaluator = ANY (ARRAY['llm'::text, 'rules'::text])))
  constraint judgement_org_id_execution_id_fkey FOREIGN KEY (org_id, execution_id) REFERENCES assessment_execution(org_id, id) ON DELETE CASCADE
  constraint judgement_pkey PRIMARY KEY (org_id, execution_id, control_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table kill_switch
  row level security: forced
  org_id uuid not null
  engaged boolean not null
  reason text not null
  changed_by uuid not null
  changed_at timestamp with time zone not null default clock_timestamp()
  constraint kill_switch_org_id_changed_by_fkey FOREIGN KEY (org_id, changed_by) REFERENCES membership(org_id, user_id)
  constraint kill_switch_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint kill_switch_pkey PRIMARY KEY (org_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant insert, select, update to grc_app

table kri
  row level security: forced
  org_id uuid not null
  id uuid not null
  name text not null
  description text not null
  unit text not null
  green_threshold double precision not null
  amber_threshold double precision not null
  collection_method text not null
  steampipe_query text
  schedule text
  interval_s integer -- the longest time between two moments of the schedule
  paused boolean not null default false
  hysteresis integer not null default 2
  owner_id uuid
  warnings text[] not null default '{}'::text[]
  current_value double precision
  measured_at timestamp with time zone
  status text
  value_at timestamp with time zone -- when the latest value came in, whenever it was measured
  collection_id uuid
  collected_at timestamp with time zone
  collection_error text -- of the latest collection; null when it brought a value
  collection_ms integer
  rows_sha256 text
  created_by uuid not null
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  constraint kri_check CHECK (((collection_method = 'steampipe'::text) = (steampipe_query IS NOT NULL)))
  constraint kri_check1 CHECK (((collection_method = 'manual'::text) OR (schedule IS NOT NULL)))
  constraint kri_check2 CHECK (((schedule IS NULL) = (interval_s IS NULL)))
  constraint kri_check3 CHECK ((((current_value IS NULL) = (status IS NULL)) AND ((current_value IS NULL) = (measured_at IS NULL))))
  constraint kri_collection_method_check CHECK ((collection_method = ANY (ARRAY['manual'::text, 'steampipe'::text])))
  constraint kri_hysteresis_check CHECK (((hysteresis >= 1) AND (hysteresis <= 10)))
  constraint kri_interval_s_check CHECK ((interval_s > 0))
  constraint kri_org_id_created_by_fkey FOREIGN KEY (org_id, created_by) REFERENCES membership(org_id, user_id)
  constraint kri_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint kri_org_id_owner_id_fkey FOREIGN KEY (org_id, owner_id) REFERENCES membership(org_id, user_id)
  constraint kri_pkey PRIMARY KEY (org_id, id)
  constraint kri_status_check CHECK ((status = ANY (ARRAY['green'::text, 'amber'::text, 'red'::text])))
  CREATE INDEX kri_newest ON public.kri USING btree (org_id, id DESC)
  CREATE INDEX kri_owner ON public.kri USING btree (org_id, owner_id, id DESC)
  CREATE INDEX kri_status ON public.kri USING btree (org_id, status, id DESC)
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER kri_touch BEFORE UPDATE ON public.kri FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app

table kri_episode
  row level security: forced
  org_id uuid not null
  id uuid not null
  kri_id uuid not null
  opened_at timestamp with time zone not null
  opened_value double precision not null
  worst_status text not null
  worst_value double precision not null
  good_samples integer not null default 0
  closed_at timestamp with time zone
  closed_value double precision
  constraint kri_episode_check CHECK (((closed_at IS NULL) = (closed_value IS NULL)))
  constraint kri_episode_org_id_kri_id_fkey FOREIGN KEY (org_id, kri_id) REFERENCES kri(org_id, id) ON DELETE CASCADE
  constraint kri_episode_pkey PRIMARY KEY (org_id, id)
  constraint kri_episode_worst_status_check CHECK ((worst_status = ANY (ARRAY['amber'::text, 'red'::text])))
  CREATE INDEX kri_episode_opened ON public.kri_episode USING btree (org_id, kri_id, opened_at DESC, id DESC)
  CREATE UNIQUE INDEX kri_episode_open ON public.kri_episode USING btree (org_id, kri_id) WHERE (closed_at IS NULL)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table kri_value
  row level security: forced
  org_id uuid not null
  id uuid not null
  kri_id uuid not null
  value double precision not null
  status text not null
  measured_at timestamp with time zone not null
  recorded_at timestamp with time zone not null default clock_timestamp()
  source text not null
  recorded_by uuid
  collection_id uuid
  duration_ms integer
  rows_sha256 text
  constraint kri_value_check CHECK (((source = 'manual'::text) = (recorded_by IS NOT NULL)))
  constraint kri_value_check1 CHECK (((source = 'steampipe'::text) = (collection_id IS NOT NULL)))
  constraint kri_value_org_id_kri_id_collection_id_key UNIQUE (org_id, kri_id, collection_id)
  constraint kri_value_org_id_kri_id_fkey FOREIGN KEY (org_id, kri_id) REFERENCES kri(org_id, id) ON DELETE CASCADE
  constraint kri_value_org_id_recorded_by_fkey FOREIGN KEY (org_id, recorded_by) REFERENCES membership(org_id, user_id)
  constraint kri_value_pkey PRIMARY KEY (org_id, id)
  constraint kri_value_source_check CHECK ((source = ANY (ARRAY['manual'::text, 'steampipe'::text])))
  constraint kri_value_status_check CHECK ((status = ANY (ARRAY['green'::text, 'amber'::text, 'red'::text])))
  CREATE INDEX kri_value_measured ON public.kri_value USING btree (org_id, kri_id, measured_at DESC, id DESC)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select to grc_app

table membership
  row level security: forced
  org_id uuid not null
  user_id uuid not null
  name text not null
  role text not null
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  ended_at timestamp with time zone -- soft end: history keeps the name
  constraint membership_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint membership_pkey PRIMARY KEY (org_id, user_id)
  constraint membership_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'auditor'::text, 'analyst'::text, 'viewer'::text])))
  constraint membership_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id)
  CREATE INDEX membership_list ON public.membership USING btree (org_id, created_at DESC, user_id DESC) WHERE (ended_at IS NULL)
  CREATE INDEX membership_user ON public.membership USING btree (user_id) WHERE (ended_at IS NULL)
  policy definer for r to grc_owner using true
  policy own for r to grc_app using (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER membership_touch BEFORE UPDATE ON public.membership FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table notification
  row level security: forced
  org_id uuid not null
  id uuid not null
  notice_key text not null -- of the act that gave rise to it: a repetition of that act tells nobody twice
  incident_id uuid
  event text not null
  channel text not null
  recipient_id uuid -- null for the webhook and for the executive contact; addresses are read when it is sent
  audience text[] not null default '{}'::text[]
  ref text
  severity text
  clock_kind text
  percent integer
  late boolean not null default false
  state text not null default 'pending'::text
  attempts integer not null default 0
  last_error text -- one word: answers of receivers are not kept
  not_before timestamp with time zone
  sent_at timestamp with time zone
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  risk_id uuid
  kri_id uuid
  text text -- of the author of a playbook; null where the event says everything
  constraint notification_channel_check CHECK ((channel = ANY (ARRAY['webhook'::text, 'email'::text])))
  constraint notification_check CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL)))
  constraint notification_check1 CHECK (((channel = 'email'::text) OR (recipient_id IS NULL)))
  constraint notification_kri_fk FOREIGN KEY (org_id, kri_id) REFERENCES kri(org_id, id) ON DELETE CASCADE
  constraint notification_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id) ON DELETE CASCADE
  constraint notification_org_id_notice_key_channel_recipient_id_key UNIQUE NULLS NOT DISTINCT (org_id, notice_key, channel, recipient_id)
  constraint notification_org_id_recipient_id_fkey FOREIGN KEY (org_id, recipient_id) REFERENCES membership(org_id, user_id)
  constraint notification_pkey PRIMARY KEY (org_id, id)
  constraint notification_risk_fk FOREIGN KEY (org_id, risk_id) REFERENCES risk(org_id, id) ON DELETE CASCADE
  constraint notification_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text])))
  constraint notification_text_check CHECK (((length(text) >= 1) AND (length(text) <= 4000)))
  CREATE INDEX notification_incident ON public.notification USING btree (org_id, incident_id, id)
  CREATE INDEX notification_kri ON public.notification USING btree (org_id, kri_id, id) WHERE (kri_id IS NOT NULL)
  CREATE INDEX notification_newest ON public.notification USING btree (org_id, created_at DESC, id DESC)
  CREATE INDEX notification_pending ON public.notification USING btree (org_id, id) WHERE (state = 'pending'::text)
  CREATE INDEX notification_risk ON public.notification USING btree (org_id, risk_id, id) WHERE (risk_id IS NOT NULL)
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER notification_touch BEFORE UPDATE ON public.notification FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app

table org
  row level security: forced
  id uuid not null
  name text not null
  domain text not null
  settings jsonb not null
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  deleted_at timestamp with time zone
  purge_at timestamp with time zone -- set with deleted_at and final: nothing of the organization is purged before
  constraint org_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX org_domain ON public.org USING btree (domain) WHERE (deleted_at IS NULL)
  policy definer for * to grc_owner using true with check true
  policy own for r to grc_app using ((deleted_at IS NULL) AND (id IN ( SELECT m.org_id FROM membership m WHERE ((m.user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (m.ended_at IS NULL)))))
  policy reconcile for r to grc_reconcile using true
  policy report for r to grc_report using (id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  policy tenant for * to grc_app using (id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER org_deletion BEFORE UPDATE ON public.org FOR EACH ROW WHEN (((old.purge_at IS NOT NULL) AND ((new.purge_at IS DISTINCT FROM old.purge_at) OR (new.deleted_at IS DISTINCT FROM old.deleted_at)))) EXECUTE FUNCTION keep_deletion()
  CREATE TRIGGER org_touch BEFORE UPDATE ON public.org FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant select to grc_report
  grant select, update to grc_app

table org_key
  -- data key of the organization, wrapped by the root key; destroying it shreds its payloads
  row level security: forced
  org_id uuid not null
  kid text not null -- of the root key in PAYLOAD_KEYS that wraps it
  wrapped bytea not null
  created_at timestamp with time zone not null default clock_timestamp()
  constraint org_key_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint org_key_pkey PRIMARY KEY (org_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant insert, select to grc_app

table org_purge
  -- proof of a purge; holds no data of the organization
  row level security: off
  id uuid not null
  deleted_at timestamp with time zone not null
  begun_at timestamp with time zone not null default clock_timestamp()
  purged_at timestamp with time zone
  audit_seq bigint
  audit_hash text
  constraint org_purge_pkey PRIMARY KEY (id)

table outbox
  row level security: forced
  org_id uuid not null
  id uuid not null
  kind text not null
  workflow_id text not null
  payload jsonb not null
  attempts integer not null default 0
  next_at timestamp with time zone not null default clock_timestamp()
  last_error text
  created_at timestamp with time zone not null default clock_timestamp()
  delivered_at timestamp with time zone
  constraint outbox_kind_check CHECK ((kind = ANY (ARRAY['workflow_start'::text, 'command'::text, 'signal'::text, 'schedule_upsert'::text, 'schedule_delete'::text])))
  constraint outbox_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint outbox_pkey PRIMARY KEY (org_id, id)
  CREATE INDEX outbox_due ON public.outbox USING btree (next_at) WHERE (delivered_at IS NULL)
  CREATE INDEX outbox_workflow ON public.outbox USING btree (org_id, workflow_id, created_at)
  policy reconcile for * to grc_reconcile using true with check true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select, update to grc_reconcile

table playbook
  -- revisions are added, never changed: a run names the one it was started with
  row level security: forced
  id uuid not null
  org_id uuid
  slug text not null
  revision integer not null
  cacao_id text not null
  name text not null
  description text not null
  document jsonb not null
  sha256 text not null
  imported_by uuid
  created_at timestamp with time zone not null default clock_timestamp()
  constraint playbook_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint playbook_org_id_imported_by_fkey FOREIGN KEY (org_id, imported_by) REFERENCES membership(org_id, user_id)
  constraint playbook_pkey PRIMARY KEY (id)
  CREATE UNIQUE INDEX playbook_slug ON public.playbook USING btree (org_id, slug, revision) NULLS NOT DISTINCT
  policy built_in for r to grc_app using (org_id IS NULL)
  policy catalogue for * to grc_owner using (org_id IS NULL) with check (org_id IS NULL)
  policy purge for * to grc_owner using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  policy tenant for * to grc_app using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select to grc_app

table playbook_approval
  row level security: forced
  org_id uuid not null
  run_id uuid not null
  step_id text not null
  iteration integer not null
  args_hash text not null -- of step and arguments as the approver saw them: others are not approved by it
  user_id uuid not null
  verdict text not null
  at timestamp with time zone not null default clock_timestamp()
  constraint playbook_approval_org_id_run_id_step_id_iteration_fkey FOREIGN KEY (org_id, run_id, step_id, iteration) REFERENCES playbook_step(org_id, run_id, step_id, iteration) ON DELETE CASCADE
  constraint playbook_approval_org_id_user_id_fkey FOREIGN KEY (org_id, user_id) REFERENCES membership(org_id, user_id)
  constraint playbook_approval_pkey PRIMARY KEY (org_id, run_id, step_id, iteration, args_hash, user_id)
  constraint playbook_approval_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text])))
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table playbook_run
  row level security: forced
  org_id uuid not null
  id uuid not null
  incident_id uuid not null
  playbook_id text not null
  revision integer not null
  sha256 text not null
  document jsonb not null -- as it was at the start: editing the playbook never touches a run
  execute_automated boolean not null
  dry_run boolean not null
  variables jsonb not null
  status text not null default 'running'::text
  failure text
  started_by uuid not null
  started_at timestamp with time zone not null default clock_timestamp()
  ended_at timestamp with time zone
  temporal_run_id text
  constraint playbook_run_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id) ON DELETE CASCADE
  constraint playbook_run_org_id_started_by_fkey FOREIGN KEY (org_id, started_by) REFERENCES membership(org_id, user_id)
  constraint playbook_run_pkey PRIMARY KEY (org_id, id)
  constraint playbook_run_status_check CHECK ((status = ANY (ARRAY['running'::text, 'paused'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'rolling_back'::text, 'rolled_back'::text])))
  CREATE INDEX playbook_run_incident ON public.playbook_run USING btree (org_id, incident_id, id DESC)
  CREATE INDEX playbook_run_live ON public.playbook_run USING btree (started_at) WHERE (ended_at IS NULL)
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select to grc_reconcile

table playbook_step
  row level security: forced
  org_id uuid not null
  run_id uuid not null
  step_id text not null
  iteration integer not null -- one more for each turn of a loop, and for an undoing
  name text not null
  action text
  risk_class text
  status text not null
  decision jsonb
  args_hash text
  approvals_required integer not null default 0
  task_id uuid
  result text
  outputs jsonb not null default '{}'::jsonb
  started_at timestamp with time zone not null default clock_timestamp()
  ended_at timestamp with time zone
  constraint playbook_step_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES playbook_run(org_id, id) ON DELETE CASCADE
  constraint playbook_step_org_id_task_id_fkey FOREIGN KEY (org_id, task_id) REFERENCES incident_task(org_id, id)
  constraint playbook_step_pkey PRIMARY KEY (org_id, run_id, step_id, iteration)
  constraint playbook_step_status_check CHECK ((status = ANY (ARRAY['running'::text, 'waiting_approval'::text, 'waiting_person'::text, 'needs_human'::text, 'succeeded'::text, 'failed'::text, 'denied'::text, 'timed_out'::text, 'cancelled'::text, 'planned'::text])))
  CREATE INDEX playbook_step_order ON public.playbook_step USING btree (org_id, run_id, started_at)
  CREATE INDEX playbook_step_recent ON public.playbook_step USING btree (org_id, started_at)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table policy_revision
  -- added, never changed: a decision names the hash of the one that took it
  row level security: forced
  org_id uuid not null
  id uuid not null
  name text not null
  revision integer not null
  source text -- null: the built-in one again
  sha256 text not null
  notes text
  changed_by uuid not null
  changed_at timestamp with time zone not null default clock_timestamp()
  constraint policy_revision_name_check CHECK ((name = ANY (ARRAY['playbook_step'::text, 'incident_obligations'::text])))
  constraint policy_revision_org_id_changed_by_fkey FOREIGN KEY (org_id, changed_by) REFERENCES membership(org_id, user_id)
  constraint policy_revision_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint policy_revision_org_id_name_revision_key UNIQUE (org_id, name, revision)
  constraint policy_revision_pkey PRIMARY KEY (org_id, id)
  constraint policy_revision_revision_check CHECK ((revision > 0))
  constraint policy_revision_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant insert, select to grc_app

unlogged table rate_window
  row level security: off
  key text not null
  hits bigint[] not null -- microseconds since 1970 of the calls in the window, oldest first
  idle_after timestamp with time zone not null -- from then on the row says nothing and may be swept
  constraint rate_window_pkey PRIMARY KEY (key)

table report
  row level security: forced
  org_id uuid not null
  id uuid not null
  type text not null
  format text not null
  status text not null default 'pending'::text
  assessment_id uuid
  requested_by uuid not null
  failure text
  as_of timestamp with time zone -- of the snapshot that all of it was read from; kept so that a repeated rendering gives the same bytes
  document_sha256 text -- of what was read, kept as an object beside the report
  sha256 text -- of the report; its object is named by it
  size bigint
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  ended_at timestamp with time zone
  deleted_at timestamp with time zone -- the row stays: what was generated counts against the hour, deleted or not
  cleared_at timestamp with time zone -- when the objects of a deleted one were gone
  constraint report_check CHECK (((as_of IS NULL) = (document_sha256 IS NULL)))
  constraint report_check1 CHECK (((status = 'completed'::text) = ((sha256 IS NOT NULL) AND (size IS NOT NULL) AND (as_of IS NOT NULL))))
  constraint report_check2 CHECK (((status = 'failed'::text) = (failure IS NOT NULL)))
  constraint report_check3 CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text])) = (ended_at IS NOT NULL)))
  constraint report_check4 CHECK (((deleted_at IS NULL) OR (ended_at IS NOT NULL)))
  constraint report_check5 CHECK (((cleared_at IS NULL) OR (deleted_at IS NOT NULL)))
  constraint report_document_sha256_check CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text))
  constraint report_format_check CHECK ((format = ANY (ARRAY['pdf'::text, 'xlsx'::text, 'json'::text])))
  constraint report_org_id_assessment_id_fkey FOREIGN KEY (org_id, assessment_id) REFERENCES assessment(org_id, id) ON DELETE SET NULL (assessment_id)
  constraint report_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint report_org_id_requested_by_fkey FOREIGN KEY (org_id, requested_by) REFERENCES membership(org_id, user_id)
  constraint report_pkey PRIMARY KEY (org_id, id)
  constraint report_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
  constraint report_size_check CHECK ((size > 0))
  constraint report_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'generating'::text, 'completed'::text, 'failed'::text])))
  constraint report_type_check CHECK ((type = ANY (ARRAY['compliance_summary'::text, 'gap_analysis'::text, 'risk_register'::text, 'incident_summary'::text, 'bcm_impact_analysis'::text])))
  CREATE INDEX report_list ON public.report USING btree (org_id, id DESC) WHERE (deleted_at IS NULL)
  CREATE INDEX report_recent ON public.report USING btree (org_id, created_at)
  CREATE INDEX report_status ON public.report USING btree (org_id, status, id DESC) WHERE (deleted_at IS NULL)
  CREATE INDEX report_type ON public.report USING btree (org_id, type, id DESC) WHERE (deleted_at IS NULL)
  CREATE INDEX report_unsettled ON public.report USING btree (org_id, updated_at) WHERE ((ended_at IS NULL) OR ((deleted_at IS NOT NULL) AND (cleared_at IS NULL)))
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER report_touch BEFORE UPDATE ON public.report FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant insert, select, update to grc_app

table risk
  row level security: forced
  org_id uuid not null
  id uuid not null
  number integer not null
  title text not null
  description text not null
  category text not null
  status text not null default 'open'::text
  treatment text not null
  likelihood smallint not null
  impact smallint not null
  residual_likelihood smallint
  residual_impact smallint
  owner_id uuid
  assurance_halves integer not null default 0 -- of the latest findings of its controls: two for a pass, one for a partial
  assurance_of integer not null default 0 -- how many of its controls have a latest finding that counts; not_applicable does not
  inherent_score integer not null default ((likelihood * impact) * 5)
  effectiveness double precision not null default (round(((assurance_halves)::numeric / (2.0 * (GREATEST(assurance_of, 1))::numeric)), 4))::double precision
  residual_score double precision not null default COALESCE((((residual_likelihood * residual_impact) * 5))::double precision, (round(((((likelihood * impact) * ((5 * GREATEST(assurance_of, 1)) - (2 * assurance_halves))))::numeric / (GREATEST(assurance_of, 1))::numeric), 2))::double precision)
  cell_likelihood smallint not null default COALESCE((residual_likelihood)::integer, ((((likelihood * ((5 * GREATEST(assurance_of, 1)) - (2 * assurance_halves))) + (5 * GREATEST(assurance_of, 1))) - 1) / (5 * GREATEST(assurance_of, 1)))) -- where it lies in the residual heatmap: the inherent likelihood scaled by what the controls leave, rounded up
  cell_impact smallint not null default COALESCE(residual_impact, impact)
  revision integer not null default 0 -- of its latest change; the number of that change in risk_history
  created_by uuid not null
  created_at timestamp with time zone not null default clock_timestamp()
  updated_at timestamp with time zone not null default clock_timestamp()
  constraint risk_category_check CHECK ((category = ANY (ARRAY['operational'::text, 'financial'::text, 'compliance'::text, 'strategic'::text, 'third_party'::text, 'cyber'::text, 'reputational'::text])))
  constraint risk_check CHECK (((residual_likelihood IS NULL) = (residual_impact IS NULL)))
  constraint risk_check1 CHECK (((assurance_halves >= 0) AND (assurance_halves <= (2 * assurance_of))))
  constraint risk_impact_check CHECK (((impact >= 1) AND (impact <= 5)))
  constraint risk_likelihood_check CHECK (((likelihood >= 1) AND (likelihood <= 5)))
  constraint risk_org_id_created_by_fkey FOREIGN KEY (org_id, created_by) REFERENCES membership(org_id, user_id)
  constraint risk_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint risk_org_id_number_key UNIQUE (org_id, number)
  constraint risk_org_id_owner_id_fkey FOREIGN KEY (org_id, owner_id) REFERENCES membership(org_id, user_id)
  constraint risk_pkey PRIMARY KEY (org_id, id)
  constraint risk_residual_impact_check CHECK (((residual_impact >= 1) AND (residual_impact <= 5)))
  constraint risk_residual_likelihood_check CHECK (((residual_likelihood >= 1) AND (residual_likelihood <= 5)))
  constraint risk_status_check CHECK ((status = ANY (ARRAY['open'::text, 'mitigated'::text, 'accepted'::text, 'transferred'::text])))
  constraint risk_treatment_check CHECK ((treatment = ANY (ARRAY['accept'::text, 'mitigate'::text, 'transfer'::text, 'avoid'::text])))
  CREATE INDEX risk_category ON public.risk USING btree (org_id, category, id DESC)
  CREATE INDEX risk_inherent_cell ON public.risk USING btree (org_id, likelihood, impact, status)
  CREATE INDEX risk_owner ON public.risk USING btree (org_id, owner_id, id DESC)
  CREATE INDEX risk_residual_cell ON public.risk USING btree (org_id, cell_likelihood, cell_impact, status)
  CREATE INDEX risk_score ON public.risk USING btree (org_id, residual_score DESC, id DESC)
  CREATE INDEX risk_status ON public.risk USING btree (org_id, status, id DESC)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER risk_touch BEFORE UPDATE ON public.risk FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table risk_acceptance
  row level security: forced
  org_id uuid not null
  id uuid not null
  risk_id uuid not null
  reason text not null
  expires_at timestamp with time zone
  accepted_by uuid not null
  accepted_at timestamp with time zone not null default clock_timestamp()
  ended_at timestamp with time zone
  ending text
  constraint risk_acceptance_check CHECK (((ended_at IS NULL) = (ending IS NULL)))
  constraint risk_acceptance_ending_check CHECK ((ending = ANY (ARRAY['expired'::text, 'replaced'::text, 'withdrawn'::text])))
  constraint risk_acceptance_org_id_accepted_by_fkey FOREIGN KEY (org_id, accepted_by) REFERENCES membership(org_id, user_id)
  constraint risk_acceptance_org_id_risk_id_fkey FOREIGN KEY (org_id, risk_id) REFERENCES risk(org_id, id) ON DELETE CASCADE
  constraint risk_acceptance_pkey PRIMARY KEY (org_id, id)
  CREATE INDEX risk_acceptance_due ON public.risk_acceptance USING btree (org_id, expires_at) WHERE ((ended_at IS NULL) AND (expires_at IS NOT NULL))
  CREATE INDEX risk_acceptance_of ON public.risk_acceptance USING btree (org_id, risk_id, id DESC)
  CREATE UNIQUE INDEX risk_acceptance_live ON public.risk_acceptance USING btree (org_id, risk_id) WHERE (ended_at IS NULL)
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table risk_control
  row level security: forced
  org_id uuid not null
  risk_id uuid not null
  control_id uuid not null
  created_at timestamp with time zone not null default clock_timestamp()
  constraint risk_control_control_id_fkey FOREIGN KEY (control_id) REFERENCES control(id)
  constraint risk_control_org_id_risk_id_fkey FOREIGN KEY (org_id, risk_id) REFERENCES risk(org_id, id) ON DELETE CASCADE
  constraint risk_control_pkey PRIMARY KEY (org_id, risk_id, control_id)
  CREATE INDEX risk_control_of ON public.risk_control USING btree (org_id, control_id, risk_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER risk_control_visible BEFORE INSERT ON public.risk_control FOR EACH ROW EXECUTE FUNCTION refuse_foreign_control()
  grant delete, insert, select, update to grc_app
  grant select to grc_report

table risk_counter
  row level security: forced
  org_id uuid not null
  last integer not null
  constraint risk_counter_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint risk_counter_pkey PRIMARY KEY (org_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

table risk_history
  row level security: forced
  org_id uuid not null
  risk_id uuid not null
  revision integer not null
  at timestamp with time zone not null default clock_timestamp()
  actor_id uuid -- null: the clock
  cause text not null
  control_refs text[] not null default '{}'::text[] -- whose findings moved it
  changes jsonb not null
  status text not null
  inherent_score integer not null
  residual_score double precision not null
  constraint risk_history_cause_check CHECK ((cause = ANY (ARRAY['created'::text, 'updated'::text, 'finding_changed'::text, 'recomputed'::text, 'acceptance_expired'::text])))
  constraint risk_history_org_id_risk_id_fkey FOREIGN KEY (org_id, risk_id) REFERENCES risk(org_id, id) ON DELETE CASCADE
  constraint risk_history_pkey PRIMARY KEY (org_id, risk_id, revision)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select to grc_app

table steampipe_mapping
  -- set by the operator only: which Steampipe schema belongs to the organization
  row level security: forced
  org_id uuid not null
  schema_name text not null
  role_name text
  constraint steampipe_mapping_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint steampipe_mapping_pkey PRIMARY KEY (org_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant select to grc_app

table timeline
  row level security: forced
  org_id uuid not null
  incident_id uuid not null
  seq integer not null
  occurred_at timestamp with time zone not null
  recorded_at timestamp with time zone not null
  event_type text not null
  actor_type text not null
  actor_id text
  corrects_seq integer
  idempotency_key text not null
  header text not null -- canonical JSON of the hashed fields: ids and a commitment to the payload
  prev_hash text not null
  entry_hash text not null
  constraint timeline_actor_type_check CHECK ((actor_type = ANY (ARRAY['user'::text, 'system'::text, 'agent'::text, 'vendor'::text])))
  constraint timeline_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id)
  constraint timeline_org_id_incident_id_idempotency_key_key UNIQUE (org_id, incident_id, idempotency_key)
  constraint timeline_pkey PRIMARY KEY (org_id, incident_id, seq)
  CREATE INDEX timeline_occurred ON public.timeline USING btree (org_id, incident_id, occurred_at, seq)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER timeline_keep BEFORE DELETE OR UPDATE ON public.timeline FOR EACH ROW EXECUTE FUNCTION refuse_change()
  grant insert, select to grc_app
  grant select to grc_report

table timeline_checkpoint
  -- the chain up to seq, signed: who rewrites rows and head cannot sign them anew
  row level security: forced
  org_id uuid not null
  incident_id uuid not null
  no integer not null
  seq integer not null
  entry_hash text not null
  signed_at timestamp with time zone not null
  kid text not null
  jws text not null
  constraint timeline_checkpoint_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id)
  constraint timeline_checkpoint_pkey PRIMARY KEY (org_id, incident_id, no)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  CREATE TRIGGER timeline_checkpoint_keep BEFORE DELETE OR UPDATE ON public.timeline_checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_change()
  grant insert, select to grc_app

table timeline_head
  row level security: forced
  org_id uuid not null
  incident_id uuid not null
  seq integer not null
  hash text not null
  signed_no integer not null default 0 -- what is due is found by it; what holds is in timeline_checkpoint and in its witnesses
  signed_seq integer not null default 0
  signed_at timestamp with time zone
  signed_visit integer
  signed_status text
  witnessed_no integer not null default 0
  constraint timeline_head_org_id_incident_id_fkey FOREIGN KEY (org_id, incident_id) REFERENCES incident(org_id, id) ON DELETE CASCADE
  constraint timeline_head_pkey PRIMARY KEY (org_id, incident_id)
  CREATE INDEX timeline_head_due ON public.timeline_head USING btree (org_id, incident_id) WHERE ((seq > signed_seq) OR (witnessed_no < signed_no))
  policy reconcile for r to grc_reconcile using true
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app
  grant select to grc_reconcile

table timeline_payload
  -- words and names: may be redacted, the chain keeps its commitment to them
  row level security: forced
  org_id uuid not null
  incident_id uuid not null
  seq integer not null
  salt text not null
  payload jsonb not null
  constraint timeline_payload_org_id_incident_id_seq_fkey FOREIGN KEY (org_id, incident_id, seq) REFERENCES timeline(org_id, incident_id, seq)
  constraint timeline_payload_pkey PRIMARY KEY (org_id, incident_id, seq)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select to grc_app
  grant select to grc_report

table webhook_secret
  row level security: forced
  org_id uuid not null
  secret text not null -- sealed: in clear only where it signs
  previous text
  previous_until timestamp with time zone
  created_at timestamp with time zone not null default clock_timestamp()
  constraint webhook_secret_check CHECK (((previous IS NULL) = (previous_until IS NULL)))
  constraint webhook_secret_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id)
  constraint webhook_secret_pkey PRIMARY KEY (org_id)
  policy tenant for * to public using (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif")) with check (org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS "nullif"))
  grant delete, insert, select, update to grc_app

CREATE OR REPLACE FUNCTION public.begin_purge(p_org uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if exists (select from org_purge p where p.id = p_org and p.purged_at is not null) then return false; end if;
  if not exists (select from org o where o.id = p_org and o.purge_at <= clock_timestamp()) then
    raise exception 'organization % is not to be purged now', p_org using errcode = 'object_not_in_prerequisite_state';
  end if;
  perform set_config('app.org_id', p_org::text, true);
  insert into org_purge (id, deleted_at, audit_seq, audit_hash)
    select o.id, o.deleted_at, h.seq, h.hash from org o left join audit_head h on h.org_id = o.id where o.id = p_org
    on conflict do nothing;
  return true;
end $function$

CREATE OR REPLACE FUNCTION public.create_org(p_id uuid, p_name text, p_domain text, p_settings jsonb, p_founder uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into org (id, name, domain, settings) values (p_id, p_name, p_domain, p_settings);
  perform set_config('app.org_id', p_id::text, true);
  insert into membership (org_id, user_id, name, role)
    select p_id, u.id, coalesce(split_part(u.email, '@', 1), u.service_token_id), 'admin'
    from app_user u where u.id = p_founder;
end $function$

CREATE OR REPLACE FUNCTION public.finish_purge(p_org uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if not begin_purge(p_org) then return; end if;
  delete from org_key where org_id = p_org;
  delete from org where id = p_org;
  update org_purge set purged_at = clock_timestamp() where id = p_org;
end $function$

CREATE OR REPLACE FUNCTION public.identify(p_new_id uuid, p_email text, p_sub text, p_common_name text, p_org uuid, p_issued_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS TABLE(user_id uuid, email text, service_token_id text, access_sub text, sessions_revoked_at timestamp with time zone, role text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
#variable_conflict use_column
begin
  for attempt in 1..2 loop
    return query select u.id, u.email, u.service_token_id, u.access_sub, u.sessions_revoked_at, m.role
      from app_user u
      left join (membership m join org o on o.id = m.org_id and o.deleted_at is null)
        on m.user_id = u.id and m.org_id = p_org and m.ended_at is null
      where (u.email = p_email and u.access_sub is not null) or u.service_token_id = p_common_name;
    if found or p_email is null then return; end if;
    insert into app_user (id, email, access_sub) values (p_new_id, p_email, p_sub)
      on conflict (email) do update set access_sub = coalesce(app_user.access_sub, excluded.access_sub)
      where app_user.sessions_revoked_at is null or p_issued_at is null
        or app_user.sessions_revoked_at <= p_issued_at;
  end loop;
end $function$

CREATE OR REPLACE FUNCTION public.invite_user(p_id uuid, p_email text, p_service_token_id text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare found_id uuid;
begin
  insert into app_user (id, email, service_token_id) values (p_id, p_email, p_service_token_id)
    on conflict do nothing;
  select u.id into strict found_id from app_user u
    where u.email = p_email or u.service_token_id = p_service_token_id;
  return found_id;
end $function$

CREATE OR REPLACE FUNCTION public.keep_deletion()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the deletion of an organization is final' using errcode = 'insufficient_privilege';
end $function$

CREATE OR REPLACE FUNCTION public.protect_tenant_table(tbl regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  -- (select …) makes it one evaluation a query, nullif because a custom setting is '' after its transaction
  execute format(
    'create policy tenant on %s for all to public
       using (org_id = (select nullif(current_setting(''app.org_id'', true), '''')::uuid))
       with check (org_id = (select nullif(current_setting(''app.org_id'', true), '''')::uuid))', tbl);
  execute format('grant select, insert, update, delete on %s to grc_app', tbl);
end $function$

CREATE OR REPLACE FUNCTION public.purge_rows(p_org uuid, p_table text, p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  free text;
  removed int;
begin
  if not begin_purge(p_org) then return 0; end if;
  select string_agg(format(' and not exists (select from %I r where %s)', p_table, k.pairs), '') into free
    from pg_constraint c cross join lateral (
      select string_agg(format('r.%I = t.%I', f.attname, g.attname), ' and ') as pairs
      from unnest(c.conkey, c.confkey) as u (own, other)
      join pg_attribute f on f.attrelid = c.conrelid and f.attnum = u.own
      join pg_attribute g on g.attrelid = c.conrelid and g.attnum = u.other) k
    where c.contype = 'f' and c.conrelid = c.confrelid and c.conrelid = format('public.%I', p_table)::regclass;
  execute format(
    'delete from %1$I where ctid = any (array(select t.ctid from %1$I t where t.org_id = $1%2$s limit $2))',
    p_table, coalesce(free, '')) using p_org, p_limit;
  get diagnostics removed = row_count;
  return removed;
end $function$

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'DELETE' and current_user = 'grc_owner' then
    if exists (select from public.org o where o.id = old.org_id and o.purge_at <= clock_timestamp()) then
      return old;
    end if;
  end if;
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = 'insufficient_privilege';
end $function$

CREATE OR REPLACE FUNCTION public.refuse_foreign_control()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if not exists (select from control c where c.id = new.control_id and (c.org_id is null or c.org_id = new.org_id)) then
    raise exception 'control % is not visible to the organization', new.control_id
      using errcode = 'foreign_key_violation', constraint = 'risk_control_visible';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION public.refuse_foreign_framework()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if not exists (select from framework f where f.id = new.framework_id and (f.org_id is null or f.org_id = new.org_id)) then
    raise exception 'framework % is not visible to the organization', new.framework_id
      using errcode = 'foreign_key_violation', constraint = 'assessment_framework_visible';
  end if;
  return new;
end $function$

CREATE OR REPLACE FUNCTION public.take_rate(p_key text, p_max integer, p_window_ms integer)
 RETURNS TABLE(allowed boolean, remaining integer, reset_ms bigint, now_ms bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  v_hits bigint[];
  v_now bigint;
  v_window bigint := p_window_ms::bigint * 1000;
begin
  loop
    select r.hits into v_hits from rate_window r where r.key = p_key for update;
    exit when found;
    -- also when a sweep took the row between these two statements
    insert into rate_window (key, hits, idle_after) values (p_key, '{}', clock_timestamp() + interval '1 hour')
      on conflict (key) do nothing;
  end loop;
  -- read after the lock, and never before the newest call, so that the order of rows is the order of time
  v_now := greatest(
    (extract(epoch from clock_timestamp()) * 1000000)::bigint,
    coalesce(v_hits[cardinality(v_hits)], 0));
  v_hits := coalesce(
    (select array_agg(h order by n) from unnest(v_hits) with ordinality as u(h, n) where h > v_now - v_window),
    '{}');
  allowed := cardinality(v_hits) < p_max;
  if allowed then
    v_hits := v_hits || v_now;
    update rate_window r
      set hits = v_hits, idle_after = clock_timestamp() + p_window_ms * interval '1 millisecond'
      where r.key = p_key;
  end if;
  remaining := greatest(p_max - cardinality(v_hits), 0);
  reset_ms := ceil((coalesce(v_hits[1], v_now) + v_window) / 1000.0);
  now_ms := v_now / 1000;
  if random() < 0.002 then
    delete from rate_window r where r.key in (
      select o.key from rate_window o where o.idle_after < clock_timestamp() and o.key <> p_key
        limit 200 for update skip locked);
  end if;
  return next;
end $function$

CREATE OR REPLACE FUNCTION public.touch_updated_at()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.updated_at := clock_timestamp();
  return new;
end $function$
