// The helper that every tenant table ends with, so that none can forget its wall.
export const name = '0001_ground';

export const up = `
create function protect_tenant_table(tbl regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  -- (select …) makes it one evaluation a query, nullif because a custom setting is '' after its transaction
  execute format(
    'create policy tenant on %s for all to public
       using (org_id = (select nullif(current_setting(''app.org_id'', true), '''')::uuid))
       with check (org_id = (select nullif(current_setting(''app.org_id'', true), '''')::uuid))', tbl);
  execute format('grant select, insert, update, delete on %s to grc_app', tbl);
end $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end $$;
`;
