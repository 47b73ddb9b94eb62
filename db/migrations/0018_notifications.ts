// What people and systems are told of: one row a message, and the secret that signs webhooks.
export const name = '0018_notifications';

export const up = `
create table notification (
  org_id uuid not null,
  id uuid not null,
  notice_key text not null,
  incident_id uuid,
  event text not null,
  channel text not null check (channel in ('webhook', 'email')),
  recipient_id uuid,
  audience text[] not null default '{}',
  ref text,
  severity text,
  clock_kind text,
  percent int,
  late boolean not null default false,
  state text not null default 'pending' check (state in ('pending', 'sent', 'failed')),
  attempts int not null default 0,
  last_error text,
  not_before timestamptz,
  sent_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  unique nulls not distinct (org_id, notice_key, channel, recipient_id),
  foreign key (org_id, incident_id) references incident (org_id, id) on delete cascade,
  foreign key (org_id, recipient_id) references membership (org_id, user_id),
  check ((state = 'sent') = (sent_at is not null)),
  check (channel = 'email' or recipient_id is null)
);
comment on column notification.notice_key is 'of the act that gave rise to it: a repetition of that act tells nobody twice';
comment on column notification.recipient_id is 'null for the webhook and for the executive contact; addresses are read when it is sent';
comment on column notification.last_error is 'one word: answers of receivers are not kept';
create index notification_newest on notification (org_id, created_at desc, id desc);
create index notification_incident on notification (org_id, incident_id, id);
create index notification_pending on notification (org_id, id) where state = 'pending';
create trigger notification_touch before update on notification for each row execute function touch_updated_at();
select protect_tenant_table('notification');
create policy reconcile on notification for select to grc_reconcile using (true);
grant select (org_id, id, state, created_at) on notification to grc_reconcile;

create table webhook_secret (
  org_id uuid primary key references org (id),
  secret text not null,
  previous text,
  previous_until timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  check ((previous is null) = (previous_until is null))
);
comment on column webhook_secret.secret is 'sealed: in clear only where it signs';
select protect_tenant_table('webhook_secret');
`;
