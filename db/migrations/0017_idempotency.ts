// Requests that may be sent twice and are done once.
export const name = '0017_idempotency';

export const up = `
create table idempotency_record (
  org_id uuid references org (id),
  caller_id uuid not null references app_user (id),
  key_hash text not null,
  fingerprint text not null,
  turn int,
  outcome text,
  status int,
  answer text,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  unique nulls not distinct (org_id, caller_id, key_hash),
  check ((turn is null) = (outcome is null)),
  check ((status is null) = (answer is null)),
  check (outcome is not null or answer is not null)
);
comment on table idempotency_record is 'written in the transaction of the write itself: who asks again goes on from there';
comment on column idempotency_record.org_id is 'null for what is asked outside of organizations';
comment on column idempotency_record.fingerprint is 'of method, path, query and body';
comment on column idempotency_record.outcome is 'sealed: what the turn-th transaction of the request came to';
comment on column idempotency_record.answer is 'sealed: headers and body; null until the request is answered';
create index idempotency_record_expiry on idempotency_record (expires_at);
create index idempotency_record_caller on idempotency_record (caller_id);
select protect_tenant_table('idempotency_record');
create policy own on idempotency_record for all to grc_app
  using (org_id is null and caller_id = (select nullif(current_setting('app.user_id', true), '')::uuid))
  with check (org_id is null and caller_id = (select nullif(current_setting('app.user_id', true), '')::uuid));
create policy reconcile on idempotency_record for all to grc_reconcile using (expires_at < clock_timestamp());
grant select (expires_at), delete on idempotency_record to grc_reconcile;
`;
