// The application makes an organization's key and may wrap it anew; destroying it is left to the purge.
export const name = '0010_org_key';

export const up = `
revoke update, delete on org_key from grc_app;
grant update (kid, wrapped) on org_key to grc_app;
comment on column org_key.kid is 'of the root key in PAYLOAD_KEYS that wraps it';
`;
