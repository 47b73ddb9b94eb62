// Signed checkpoints of incident timelines, and how far each chain is signed and witnessed.
export const name = '0021_timeline_checkpoints';

export const up = `
create table timeline_checkpoint (
  org_id uuid not null,
  incident_id uuid not null,
  no int not null,
  seq int not null,
  entry_hash text not null,
  signed_at timestamptz not null,
  kid text not null,
  jws text not null,
  primary key (org_id, incident_id, no),
  foreign key (org_id, incident_id) references incident (org_id, id)
);
comment on table timeline_checkpoint is 'the chain up to seq, signed: who rewrites rows and head cannot sign them anew';
create trigger timeline_checkpoint_keep before update or delete on timeline_checkpoint
  for each row execute function refuse_change();
select protect_tenant_table('timeline_checkpoint');
revoke update, delete on timeline_checkpoint from grc_app;

alter table timeline_head add column signed_no int not null default 0;
alter table timeline_head add column signed_seq int not null default 0;
alter table timeline_head add column signed_at timestamptz;
alter table timeline_head add column signed_visit int;
alter table timeline_head add column signed_status text;
alter table timeline_head add column witnessed_no int not null default 0;
comment on column timeline_head.signed_no is 'what is due is found by it; what holds is in timeline_checkpoint and in its witnesses';
create index timeline_head_due on timeline_head (org_id, incident_id)
  where seq > signed_seq or witnessed_no < signed_no;

create policy reconcile on timeline_head for select to grc_reconcile using (true);
grant select on timeline_head to grc_reconcile;
`;
