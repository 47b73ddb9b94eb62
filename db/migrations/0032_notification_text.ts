// What a playbook says to people, in its own words.
export const name = '0032_notification_text';

export const up = `
alter table notification add column text text check (length(text) between 1 and 4000);
comment on column notification.text is 'of the author of a playbook; null where the event says everything';
`;
