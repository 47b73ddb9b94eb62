// Who was told to sign in anew is bound again by a token of later, not by one that is still about.
export const name = '0035_rebind';

export const up = `
comment on column app_user.access_sub is 'bound at the first sign-in; another one is refused until the operator rebinds';
comment on column app_user.sessions_revoked_at is 'tokens issued before are refused, and bind nobody';

drop function identify(uuid, text, text, text, uuid);
-- As before, but for p_issued_at; whoever leaves it out has made sure that the token is a new one.
create function identify(p_new_id uuid, p_email text, p_sub text, p_common_name text, p_org uuid,
  p_issued_at timestamptz default null)
returns table (user_id uuid, email text, service_token_id text, access_sub text, sessions_revoked_at timestamptz, role text)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
begin
  for attempt in 1..2 loop
    return query select u.id, u.email, u.service_token_id, u.access_sub, u.sessions_revoked_at, m.role
      from app_user u
      left join (membership m join org o on o.id = m.org_id and o.deleted_at is null)
        on m.user_id = u.id and m.org_id = p_org and m.ended_at is null
      where (u.email = p_email and u.access_sub is not null) or u.service_token_id = p_common_name;
    if found or p_email is null then return; end if;
    insert into app_user (id, email, access_sub) values (p_new_id, p_email, p_sub)
      on conflict (email) do update set access_sub = coalesce(app_user.access_sub, excluded.access_sub)
      where app_user.sessions_revoked_at is null or p_issued_at is null
        or app_user.sessions_revoked_at <= p_issued_at;
  end loop;
end $$;
revoke all on function identify from public;
grant execute on function identify to grc_app;
`;
