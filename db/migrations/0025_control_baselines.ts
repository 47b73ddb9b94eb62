// Which baselines of its framework hold a control: a scope that people choose from.
export const name = '0025_control_baselines';

export const up = `
alter table control add column baselines text[] not null default '{}';
comment on column control.baselines is 'for NIST SP 800-53: LOW, MODERATE, HIGH, PRIVACY';
`;
