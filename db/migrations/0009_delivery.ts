// What Temporal is owed. The row is written with the change it belongs to, delivered afterwards.
export const name = '0009_delivery';

export const up = `
create table outbox (
  org_id uuid not null references org (id),
  id uuid not null,
  kind text not null check (kind in ('workflow_start', 'command', 'schedule_upsert', 'schedule_delete')),
  workflow_id text not null,
  payload jsonb not null,
  attempts int not null default 0,
  next_at timestamptz not null default clock_timestamp(),
  last_error text,
  created_at timestamptz not null default clock_timestamp(),
  delivered_at timestamptz,
  primary key (org_id, id)
);
create index outbox_due on outbox (next_at) where delivered_at is null;
select protect_tenant_table('outbox');

create table command (
  org_id uuid not null,
  id uuid not null,
  execution_id uuid not null,
  kind text not null check (kind in ('pause', 'resume', 'cancel')),
  status text not null default 'requested' check (status in ('requested', 'accepted', 'refused')),
  detail text,
  actor_id uuid not null,
  request_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  primary key (org_id, id),
  foreign key (org_id, execution_id) references assessment_execution (org_id, id) on delete cascade,
  foreign key (org_id, actor_id) references membership (org_id, user_id)
);
comment on column command.id is 'also the updateId, so that a repeated delivery runs the handler once';
create index command_open on command (org_id, execution_id) where status = 'requested';
select protect_tenant_table('command');

-- The relay and the reconciler read across organizations, and only what they deliver and repair.
do $$ declare t text; begin
  foreach t in array array['outbox', 'command', 'assessment_execution'] loop
    execute format('create policy reconcile on %I for all to grc_reconcile using (true) with check (true)', t);
    execute format('grant select, update on %I to grc_reconcile', t);
  end loop;
end $$;

-- The heads of all chains are witnessed outside the database.
create policy reconcile on audit_head for select to grc_reconcile using (true);
grant select on audit_head to grc_reconcile;
`;
