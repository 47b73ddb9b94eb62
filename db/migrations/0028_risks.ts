// The risk register. Scores are generated columns: whoever writes a risk, by whatever way, cannot leave them wrong.
export const name = '0028_risks';

export const up = `
-- When a finding got its present verdict; updated_at moves with reminders and notes too. FORCE hides rows from the owner.
alter table finding add column judged_at timestamptz;
alter table finding no force row level security;
alter table finding_history no force row level security;
alter table finding disable trigger finding_touch;
update finding f set judged_at = coalesce(
  (select max(h.at) from finding_history h where h.org_id = f.org_id and h.finding_id = f.id), f.created_at);
alter table finding enable trigger finding_touch;
alter table finding force row level security;
alter table finding_history force row level security;
alter table finding alter column judged_at set default clock_timestamp();
alter table finding alter column judged_at set not null;
create index finding_latest on finding (org_id, control_id, judged_at desc, id desc);

create table control_assurance (
  org_id uuid not null references org (id),
  control_id uuid not null references control (id),
  status text check (status in ('pass', 'fail', 'partial', 'not_applicable')),
  judged_at timestamptz,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (org_id, control_id)
);
comment on table control_assurance is 'the latest verdict on each control; whoever changes one, or links a risk to it, writes this row first and so waits for the other';
comment on column control_assurance.status is 'null: never judged, or the assessment that did is gone';
select protect_tenant_table('control_assurance');

create table risk_counter (
  org_id uuid primary key references org (id),
  last int not null
);
select protect_tenant_table('risk_counter');

create table risk (
  org_id uuid not null references org (id),
  id uuid not null,
  number int not null,
  title text not null,
  description text not null,
  category text not null check (category in
    ('operational', 'financial', 'compliance', 'strategic', 'third_party', 'cyber', 'reputational')),
  status text not null default 'open' check (status in ('open', 'mitigated', 'accepted', 'transferred')),
  treatment text not null check (treatment in ('accept', 'mitigate', 'transfer', 'avoid')),
  likelihood smallint not null check (likelihood between 1 and 5),
  impact smallint not null check (impact between 1 and 5),
  residual_likelihood smallint check (residual_likelihood between 1 and 5),
  residual_impact smallint check (residual_impact between 1 and 5),
  owner_id uuid,
  assurance_halves int not null default 0,
  assurance_of int not null default 0,
  inherent_score int not null generated always as (likelihood * impact * 5) stored,
  effectiveness double precision not null generated always as
    (round(assurance_halves / (2.0 * greatest(assurance_of, 1)), 4)::double precision) stored,
  residual_score double precision not null generated always as (coalesce(
    (residual_likelihood * residual_impact * 5)::double precision,
    round((likelihood * impact * (5 * greatest(assurance_of, 1) - 2 * assurance_halves))::numeric
      / greatest(assurance_of, 1), 2)::double precision)) stored,
  cell_likelihood smallint not null generated always as (coalesce(residual_likelihood,
    (likelihood * (5 * greatest(assurance_of, 1) - 2 * assurance_halves) + 5 * greatest(assurance_of, 1) - 1)
      / (5 * greatest(assurance_of, 1)))) stored,
  cell_impact smallint not null generated always as (coalesce(residual_impact, impact)) stored,
  revision int not null default 0,
  created_by uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  unique (org_id, number),
  foreign key (org_id, owner_id) references membership (org_id, user_id),
  foreign key (org_id, created_by) references membership (org_id, user_id),
  check ((residual_likelihood is null) = (residual_impact is null)),
  check (assurance_halves between 0 and 2 * assurance_of)
);
comment on column risk.assurance_halves is 'of the latest findings of its controls: two for a pass, one for a partial';
comment on column risk.assurance_of is 'how many of its controls have a latest finding that counts; not_applicable does not';
comment on column risk.cell_likelihood is 'where it lies in the residual heatmap: the inherent likelihood scaled by what the controls leave, rounded up';
comment on column risk.revision is 'of its latest change; the number of that change in risk_history';
create index risk_status on risk (org_id, status, id desc);
create index risk_owner on risk (org_id, owner_id, id desc);
create index risk_category on risk (org_id, category, id desc);
create index risk_score on risk (org_id, residual_score desc, id desc);
create index risk_inherent_cell on risk (org_id, likelihood, impact, status);
create index risk_residual_cell on risk (org_id, cell_likelihood, cell_impact, status);
create trigger risk_touch before update on risk for each row execute function touch_updated_at();
select protect_tenant_table('risk');

create table risk_control (
  org_id uuid not null,
  risk_id uuid not null,
  control_id uuid not null references control (id),
  created_at timestamptz not null default clock_timestamp(),
  primary key (org_id, risk_id, control_id),
  foreign key (org_id, risk_id) references risk (org_id, id) on delete cascade
);
create index risk_control_of on risk_control (org_id, control_id, risk_id);
select protect_tenant_table('risk_control');

-- A foreign key cannot say "global or mine", and foreign keys do not see policies.
create function refuse_foreign_control() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  if not exists (select from control c where c.id = new.control_id and (c.org_id is null or c.org_id = new.org_id)) then
    raise exception 'control % is not visible to the organization', new.control_id
      using errcode = 'foreign_key_violation', constraint = 'risk_control_visible';
  end if;
  return new;
end $$;
create trigger risk_control_visible before insert on risk_control
  for each row execute function refuse_foreign_control();

create table risk_acceptance (
  org_id uuid not null,
  id uuid not null,
  risk_id uuid not null,
  reason text not null,
  expires_at timestamptz,
  accepted_by uuid not null,
  accepted_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  ending text check (ending in ('expired', 'replaced', 'withdrawn')),
  primary key (org_id, id),
  foreign key (org_id, risk_id) references risk (org_id, id) on delete cascade,
  foreign key (org_id, accepted_by) references membership (org_id, user_id),
  check ((ended_at is null) = (ending is null))
);
create unique index risk_acceptance_live on risk_acceptance (org_id, risk_id) where ended_at is null;
create index risk_acceptance_due on risk_acceptance (org_id, expires_at) where ended_at is null and expires_at is not null;
create index risk_acceptance_of on risk_acceptance (org_id, risk_id, id desc);
select protect_tenant_table('risk_acceptance');
create policy reconcile on risk_acceptance for select to grc_reconcile using (true);
grant select (org_id, id, accepted_at, expires_at, ended_at) on risk_acceptance to grc_reconcile;

create table risk_history (
  org_id uuid not null,
  risk_id uuid not null,
  revision int not null,
  at timestamptz not null default clock_timestamp(),
  actor_id uuid,
  cause text not null check (cause in ('created', 'updated', 'finding_changed', 'recomputed', 'acceptance_expired')),
  control_refs text[] not null default '{}',
  changes jsonb not null,
  status text not null,
  inherent_score int not null,
  residual_score double precision not null,
  primary key (org_id, risk_id, revision),
  foreign key (org_id, risk_id) references risk (org_id, id) on delete cascade
);
comment on column risk_history.actor_id is 'null: the clock';
comment on column risk_history.control_refs is 'whose findings moved it';
select protect_tenant_table('risk_history');
revoke update on risk_history from grc_app;

alter table notification add column risk_id uuid;
alter table notification add constraint notification_risk_fk
  foreign key (org_id, risk_id) references risk (org_id, id) on delete cascade;
create index notification_risk on notification (org_id, risk_id, id) where risk_id is not null;
`;
