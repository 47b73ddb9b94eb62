// How many changes an incident's workflow has written: it can tell by it whether it knows its own rows.
export const name = '0037_incident_revision';

export const up = `
alter table incident add column revision int not null default 0;
comment on column incident.revision is 'changes that its workflow has written';
`;
