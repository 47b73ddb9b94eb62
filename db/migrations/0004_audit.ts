export const name = '0004_audit';

export const up = `
create table audit_head (
  org_id uuid not null primary key references org (id),
  seq bigint not null,
  hash text not null
);
select protect_tenant_table('audit_head');
revoke delete on audit_head from grc_app;

create table audit_log (
  org_id uuid not null references org (id),
  seq bigint not null,
  at timestamptz not null,
  actor_id uuid references app_user (id),
  action text not null,
  resource_type text not null,
  resource_id text,
  body text not null,
  hash text not null,
  primary key (org_id, seq)
);
comment on column audit_log.body is 'RFC 8785 JSON of the whole entry; hash = SHA-256(previous hash, seq, body)';
create index audit_actor on audit_log (org_id, actor_id, seq desc);
create index audit_resource on audit_log (org_id, resource_id, seq desc);
create index audit_type on audit_log (org_id, resource_type, seq desc);
create index audit_at on audit_log (org_id, at);
select protect_tenant_table('audit_log');
revoke update, delete on audit_log from grc_app;
create trigger audit_log_final before update or delete on audit_log
  for each row execute function refuse_change();
create trigger audit_log_keep before truncate on audit_log for each statement execute function refuse_change();

create table audit_personal (
  org_id uuid not null,
  seq bigint not null,
  subject_id uuid not null references app_user (id),
  salt text not null,
  data jsonb not null,
  primary key (org_id, seq),
  foreign key (org_id, seq) references audit_log (org_id, seq)
);
comment on table audit_personal is 'names and addresses beside the chain, which holds only their salted hash: erasing keeps it valid';
create index audit_personal_subject on audit_personal (org_id, subject_id);
select protect_tenant_table('audit_personal');
grant select on audit_log, audit_head, audit_personal to grc_audit_read;
`;
