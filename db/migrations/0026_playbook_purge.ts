// Playbooks that an organization imported go with it: the purge sees them, as it sees its own rows in other catalogues.
export const name = '0026_playbook_purge';

export const up = `
drop policy if exists purge on playbook;
create policy purge on playbook for all to grc_owner
  using (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid))
  with check (org_id = (select nullif(current_setting('app.org_id', true), '')::uuid));
`;
