// What the reconciler compares, and the road from a workflow to what it is owed.
export const name = '0013_reconcile';

export const up = `
create index outbox_workflow on outbox (org_id, workflow_id, created_at);
create index assessment_live on assessment (org_id, execution_id) where status in ('in_progress', 'paused');

-- Only what tells a live record from one that has ended; repairs are written as the application.
create policy reconcile on assessment for select to grc_reconcile using (true);
grant select (org_id, id, status, execution_id) on assessment to grc_reconcile;
create policy reconcile on org for select to grc_reconcile using (true);
grant select (id, deleted_at) on org to grc_reconcile;
`;
