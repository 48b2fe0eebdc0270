-- name: stream_accounts
-- Accounts of a user, each with the last sequence number of its order events.
SELECT id AS account_id, event_seq FROM accounts WHERE user_id = %(user_id)s

-- name: stream_order_events
-- Order events of a user's accounts after given sequence numbers, each with the order as it stands now.
SELECT e.account_id, e.seq, e.order_id, e.kind, e.status_after, e.payload, e.wall_time, e.market_time,
       o.client_order_id, o.symbol, o.side, o.quantity, o.order_type, o.time_in_force, o.limit_price, o.job_id, o.status,
       o.filled_quantity, o.average_fill_price, o.reason, o.risk_decision, o.submitted_at, o.submitted_market_time,
       o.updated_at
FROM unnest(%(account_ids)s::uuid[], %(after)s::bigint[]) AS cursor (account_id, seq)
JOIN order_events e ON e.account_id = cursor.account_id AND e.seq > cursor.seq
JOIN orders o ON o.id = e.order_id
WHERE e.user_id = %(user_id)s
ORDER BY e.account_id, e.seq
LIMIT %(most)s

-- name: stream_jobs
-- The newest fifty jobs of a user.
SELECT id, name, spec, state, stage, progress, message, result_id, error, created_at, started_at, finished_at
FROM jobs WHERE user_id = %(user_id)s
ORDER BY created_at DESC LIMIT 50
