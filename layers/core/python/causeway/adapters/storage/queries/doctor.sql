-- name: doctor_login_role
-- What the role of this connection may do beyond what it should.
SELECT current_user AS name, r.rolsuper AS is_superuser, r.rolbypassrls AS bypasses_rls,
       EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relname = 'orders') AS owns_tables
FROM pg_roles r WHERE r.rolname = current_user

-- name: doctor_clock
-- The database's clock, to compare with this machine's.
SELECT clock_timestamp() AS now

-- name: doctor_leases
-- Accounts, and whether a gateway holds each now.
SELECT a.name AS account, l.holder, l.expires_at > clock_timestamp() AS alive
FROM accounts a LEFT JOIN gateway_leases l ON l.account_id = a.id
ORDER BY a.name

-- name: doctor_market
-- The market's clock, and how long ago it last moved.
SELECT mode, market_time, extract(epoch FROM clock_timestamp() - updated_at)::float8 AS age_s FROM market_clock

-- name: doctor_audit
-- Audit chains whose hashes do not follow.
SELECT chain, broken FROM (SELECT chain, audit_first_broken(chain) AS broken FROM audit_chains) c WHERE broken IS NOT NULL
