// How often steps have disrupted lately: each decision of the policy counts the last hour's.
export const name = '0036_playbook_rate';

export const up = `
create index playbook_step_recent on playbook_step (org_id, started_at);
`;
