// Commands to any workflow, not to assessments alone; facts that are told by signal.
export const name = '0012_commands';

export const up = `
alter table command drop constraint command_kind_check;
alter table command alter column execution_id drop not null;
alter table command add column workflow_id text, add column code text, add column result jsonb;
comment on column command.code is 'of a refusal, as the API answers it';
comment on column command.result is 'what the workflow answered beside yes';

-- FORCE hides the rows from the owner too
alter table command no force row level security;
update command set workflow_id = 'assessment:' || org_id || ':' || execution_id;
alter table command force row level security;
alter table command alter column workflow_id set not null;

drop index command_open;
create index command_open on command (org_id, workflow_id) where status = 'requested';
create index command_execution on command (org_id, execution_id);

alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check
  check (kind in ('workflow_start', 'command', 'signal', 'schedule_upsert', 'schedule_delete'));
`;
