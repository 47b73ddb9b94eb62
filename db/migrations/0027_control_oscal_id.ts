// The id by which OSCAL documents name a control: profiles choose by it, results are exported under it.
export const name = '0027_control_oscal_id';

export const up = `
alter table control add column oscal_id text;
comment on column control.oscal_id is 'null: the catalogue does not come from OSCAL';
create unique index control_oscal_id on control (org_id, framework_id, oscal_id) nulls not distinct
  where oscal_id is not null;
`;
