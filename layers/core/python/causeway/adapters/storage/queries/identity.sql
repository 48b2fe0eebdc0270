-- Users, passwords, sessions, API keys and sign-in throttling. Run by the auth function as causeway_service, so each
-- query names the user itself.

-- name: identity_find_by_email
-- Whoever has this e-mail address, active or not.
SELECT id, email, role, password_hash, is_active FROM users WHERE email = %(email)s;

-- name: identity_insert_user
-- A new user; no row when the e-mail address is taken.
INSERT INTO users (email, password_hash, role) VALUES (%(email)s, %(password_hash)s, %(role)s)
ON CONFLICT (email) DO NOTHING RETURNING id;

-- name: identity_insert_account
-- A trading account.
INSERT INTO accounts (user_id, broker, name, currency) VALUES (%(user_id)s, %(broker)s, %(name)s, %(currency)s)
RETURNING id;

-- name: identity_insert_deposit
-- The first cash of an account.
INSERT INTO ledger (account_id, user_id, kind, amount, reference, at)
VALUES (%(account_id)s, %(user_id)s, 'deposit', %(amount)s, 'opening', now());

-- name: identity_set_password
-- Another password hash. password_changed_at moves only with the password itself, not with a rehash.
UPDATE users SET password_hash = %(password_hash)s,
       password_changed_at = CASE WHEN %(changed)s THEN now() ELSE password_changed_at END
WHERE id = %(user_id)s;

-- name: identity_audit
-- Append to the user's audit chain.
SELECT audit_append('user:' || %(user_id)s::uuid, %(user_id)s::uuid, %(actor)s::text, %(action)s::text,
                    %(subject)s::text, %(detail)s::jsonb);

-- name: identity_audit_account
-- Append to an account's audit chain.
SELECT audit_append('account:' || %(account_id)s::uuid, %(user_id)s::uuid, %(actor)s::text, %(action)s::text,
                    %(subject)s::text, %(detail)s::jsonb);

-- name: identity_lock_subject
-- Sign-ins of one subject (e-mail or address) take turns until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('login:' || %(subject)s, 0));

-- name: identity_recent_attempts
-- Attempts of one subject within the window, and how long ago the last one was.
SELECT count(*) AS attempts, coalesce(extract(epoch FROM clock_timestamp() - max(at)), 0)::float8 AS since_last_s
FROM login_attempts WHERE subject = %(subject)s AND at > clock_timestamp() - make_interval(secs => %(window_s)s);

-- name: identity_add_attempt
-- One more attempt of a subject.
INSERT INTO login_attempts (subject, at) VALUES (%(subject)s, clock_timestamp()) RETURNING id;

-- name: identity_drop_old_attempts
-- Attempts of a subject that no longer count.
DELETE FROM login_attempts WHERE subject = %(subject)s AND at < clock_timestamp() - make_interval(secs => %(window_s)s);

-- name: identity_forget_attempts
-- After a success: every attempt of one subject, and single ones of others.
DELETE FROM login_attempts WHERE subject = %(subject)s OR id = ANY(%(ids)s);

-- name: identity_insert_session
-- A refresh token of a family.
INSERT INTO sessions (user_id, family_id, refresh_hash, expires_at, client)
VALUES (%(user_id)s, %(family_id)s, %(refresh_hash)s, now() + make_interval(secs => %(ttl_s)s), %(client)s);

-- name: identity_lock_session
-- A refresh token with its owner as he is now.
SELECT s.id, s.user_id, s.family_id, s.client, s.rotated_at IS NOT NULL AS rotated, s.revoked_at IS NOT NULL AS revoked,
       s.expires_at <= now() AS expired, u.email, u.role, u.is_active
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.refresh_hash = %(refresh_hash)s FOR UPDATE OF s;

-- name: identity_rotate_session
-- This token was used.
UPDATE sessions SET rotated_at = now() WHERE id = %(session_id)s;

-- name: identity_revoke_family
-- End one sign-in.
UPDATE sessions SET revoked_at = now()
WHERE family_id = %(family_id)s AND user_id = %(user_id)s AND revoked_at IS NULL;

-- name: identity_revoke_sessions
-- End every sign-in of a user.
UPDATE sessions SET revoked_at = now() WHERE user_id = %(user_id)s AND revoked_at IS NULL;

-- name: identity_find_api_key
-- Who owns an API key; no row when it is unknown, expired or revoked.
SELECT user_id, email, role FROM find_api_key(%(key_hash)s);

-- name: identity_insert_api_key
-- A new API key.
INSERT INTO api_keys (user_id, name, prefix, key_hash, role, expires_at)
VALUES (%(user_id)s, %(name)s, %(prefix)s, %(key_hash)s, %(role)s, %(expires_at)s)
RETURNING id, name, prefix, role, created_at, expires_at, last_used_at;

-- name: identity_api_keys
-- The user's keys that were not revoked.
SELECT id, name, prefix, role, created_at, expires_at, last_used_at FROM api_keys
WHERE user_id = %(user_id)s AND revoked_at IS NULL ORDER BY created_at, id;

-- name: identity_revoke_api_key
-- End one key.
UPDATE api_keys SET revoked_at = now() WHERE id = %(key_id)s AND user_id = %(user_id)s AND revoked_at IS NULL;

-- name: identity_revoke_api_keys
-- End every key of a user.
UPDATE api_keys SET revoked_at = now() WHERE user_id = %(user_id)s AND revoked_at IS NULL;
