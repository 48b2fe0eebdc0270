CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'analyst', 'trader', 'admin')),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    password_changed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (email)
);

-- One row per refresh token. A family is one sign-in; using a token that was already rotated revokes its family.
CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    family_id uuid NOT NULL,
    refresh_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz,
    revoked_at timestamptz,
    client text NOT NULL DEFAULT ''
);
CREATE INDEX ON sessions (user_id);
CREATE INDEX ON sessions (family_id);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    name text NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('viewer', 'analyst', 'trader', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
CREATE INDEX ON api_keys (user_id);

-- Failed sign-ins, for throttling by e-mail and by address.
CREATE TABLE login_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON login_attempts (subject, at);

-- A trading account at a broker. state: active, reducing (only orders that shrink a position), halted.
-- event_seq counts order_events; taking it locks the row, so an account's events commit in order and without gaps.
CREATE TABLE accounts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    broker text NOT NULL CHECK (broker IN ('paper', 'alpaca', 'ibkr')),
    name text NOT NULL,
    currency text NOT NULL DEFAULT 'USD',
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'reducing', 'halted')),
    state_reason text NOT NULL DEFAULT '',
    event_seq bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, name)
);

-- Audit: a chain per account (or per user, for sign-ins). Each row's hash covers the row before it.
CREATE TABLE audit_chains (
    chain text PRIMARY KEY,
    user_id uuid REFERENCES users,
    seq bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT '\x'
);
CREATE TABLE audit_log (
    chain text NOT NULL REFERENCES audit_chains,
    seq bigint NOT NULL,
    user_id uuid REFERENCES users,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (chain, seq)
);

-- What the hash covers, as bytes.
CREATE FUNCTION audit_digest(previous bytea, chain text, seq bigint, at timestamptz, actor text, action text,
                             subject text, detail jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(previous || convert_to(
        jsonb_build_array(chain, seq, extract(epoch FROM at), actor, action, subject, detail)::text, 'UTF8'))
$$;

-- Append to a chain: user:<uuid> or account:<uuid>. The application may append to its user's own chains only; other
-- chains are the service role's. session_user, because current_user is the owner here.
CREATE FUNCTION audit_append(in_chain text, in_user uuid, in_actor text, in_action text, in_subject text, in_detail jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_chains;
    stamp timestamptz := clock_timestamp();
    digest bytea;
BEGIN
    IF NOT pg_has_role(session_user, 'causeway_service', 'MEMBER')
       AND (in_user IS DISTINCT FROM current_user_id() OR in_user IS NULL
            OR NOT (in_chain = 'user:' || in_user OR EXISTS (
                SELECT FROM accounts a WHERE in_chain = 'account:' || a.id AND a.user_id = in_user))) THEN
        RAISE EXCEPTION 'audit chain % is not yours', in_chain USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_chains (chain, user_id) VALUES (in_chain, in_user) ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM audit_chains c WHERE c.chain = in_chain FOR UPDATE;
    IF head.user_id IS DISTINCT FROM in_user THEN
        RAISE EXCEPTION 'audit chain % belongs to another user', in_chain USING ERRCODE = 'insufficient_privilege';
    END IF;
    digest := audit_digest(head.hash, in_chain, head.seq + 1, stamp, in_actor, in_action, in_subject, in_detail);
    INSERT INTO audit_log VALUES (in_chain, head.seq + 1, in_user, stamp, in_actor, in_action, in_subject, in_detail,
                                  head.hash, digest);
    UPDATE audit_chains c SET seq = head.seq + 1, hash = digest WHERE c.chain = in_chain;
    RETURN head.seq + 1;
END $$;

-- First row of a chain whose hash does not follow, or null when the chain is whole.
CREATE FUNCTION audit_first_broken(in_chain text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT min(seq) FROM (
        SELECT seq, hash, previous_hash,
               lag(hash, 1, '\x'::bytea) OVER (ORDER BY seq) AS expected_previous,
               row_number() OVER (ORDER BY seq) AS expected_seq,
               audit_digest(previous_hash, chain, seq, at, actor, action, subject, detail) AS expected
        FROM audit_log WHERE chain = in_chain) r
    WHERE hash <> expected OR previous_hash <> expected_previous OR seq <> expected_seq
$$;

-- Who owns an API key, before a user is known. No row when it is unknown, expired or revoked. The role is the lesser
-- of the key's and its owner's of today.
CREATE FUNCTION find_api_key(in_hash bytea) RETURNS TABLE (key_id uuid, user_id uuid, email text, role text)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE api_keys k SET last_used_at = now() FROM users u
    WHERE k.key_hash = in_hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
      AND u.id = k.user_id AND u.is_active
    RETURNING k.id, u.id, u.email,
              (ARRAY['viewer', 'analyst', 'trader', 'admin'])[least(
                  array_position(ARRAY['viewer', 'analyst', 'trader', 'admin'], k.role),
                  array_position(ARRAY['viewer', 'analyst', 'trader', 'admin'], u.role))]
$$;
