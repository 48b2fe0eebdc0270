-- name: gateway_accounts
-- Accounts at one broker, oldest first.
SELECT id FROM accounts WHERE broker = %(broker)s ORDER BY created_at, id

-- name: lease_take
-- Take a lease that nobody holds, or renew our own. The epoch grows only when the holder changes.
INSERT INTO gateway_leases AS held (account_id, holder, epoch, expires_at)
VALUES (%(account_id)s, %(holder)s, 1, clock_timestamp() + make_interval(secs => %(ttl_s)s))
ON CONFLICT (account_id) DO UPDATE
SET epoch = held.epoch + (held.holder <> excluded.holder)::int, holder = excluded.holder, expires_at = excluded.expires_at
WHERE held.holder = excluded.holder OR held.expires_at < clock_timestamp()
RETURNING epoch

-- name: lease_check
-- The row when we still hold the lease; locked, so that nobody takes it over before this transaction ends.
SELECT 1 AS held FROM gateway_leases
WHERE account_id = %(account_id)s AND holder = %(holder)s AND epoch = %(epoch)s AND expires_at > clock_timestamp()
FOR SHARE

-- name: lease_release
UPDATE gateway_leases SET expires_at = clock_timestamp()
WHERE account_id = %(account_id)s AND holder = %(holder)s AND epoch = %(epoch)s

-- name: outbox_claim
-- Claim what is ready, and what an earlier epoch claimed without recording the intent to send. Oldest first.
UPDATE outbox SET state = 'claimed', epoch = %(epoch)s, updated_at = now()
WHERE id IN (SELECT id FROM outbox
             WHERE account_id = %(account_id)s AND (state = 'ready' OR (state = 'claimed' AND epoch < %(epoch)s))
             ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, order_id, command

-- name: outbox_claimed
-- What this epoch claimed and has not sent yet, such as after the broker did not answer.
SELECT id, order_id, command FROM outbox
WHERE account_id = %(account_id)s AND state = 'claimed' AND epoch = %(epoch)s ORDER BY id

-- name: outbox_in_doubt
-- What may have been sent: the intent is recorded, the answer is not.
SELECT id, order_id, command FROM outbox
WHERE account_id = %(account_id)s AND state = 'sending' ORDER BY id

-- name: outbox_intend
-- Record the intent to send. Nothing where the row moved on.
UPDATE outbox SET state = 'sending', epoch = %(epoch)s, attempts = attempts + 1, updated_at = now()
WHERE id = %(id)s AND ((state = 'claimed' AND epoch = %(epoch)s) OR state = 'sending')
RETURNING attempts

-- name: outbox_settle
UPDATE outbox SET state = %(state)s, error = %(error)s, updated_at = now()
WHERE id = %(id)s AND state IN ('claimed', 'sending')

-- name: outbox_not_sent
-- The broker certainly did not get it: this epoch may try again.
UPDATE outbox SET state = 'claimed', epoch = %(epoch)s, error = %(error)s, updated_at = now()
WHERE id = %(id)s AND state = 'sending'

-- name: order_by_client_id_locked
-- An order with its account's events to be written; the account row must be locked before.
SELECT * FROM orders WHERE account_id = %(account_id)s AND client_order_id = %(client_order_id)s FOR UPDATE

-- name: execution_insert
INSERT INTO executions (broker, account_id, execution_id, order_id, user_id, instrument_id, side, quantity, price, fee,
                        market_time, wall_time)
VALUES (%(broker)s, %(account_id)s, %(execution_id)s, %(order_id)s, %(user_id)s, %(instrument_id)s, %(side)s,
        %(quantity)s, %(price)s, %(fee)s, %(market_time)s, %(wall_time)s)

-- name: executions_of_instrument
SELECT broker, account_id, execution_id, order_id, instrument_id, side, quantity, price, fee, market_time, wall_time
FROM executions WHERE account_id = %(account_id)s AND instrument_id = %(instrument_id)s

-- name: executions_later_than
-- Whether an execution was booked that happened after this one: by wall time and execution id.
SELECT EXISTS (SELECT FROM executions WHERE account_id = %(account_id)s AND instrument_id = %(instrument_id)s
               AND (wall_time, execution_id COLLATE "C") > (%(wall_time)s, %(execution_id)s)) AS later

-- name: position_read
SELECT account_id, instrument_id, quantity, average_cost, realised_pnl FROM positions
WHERE account_id = %(account_id)s AND instrument_id = %(instrument_id)s

-- name: position_write
INSERT INTO positions AS held (account_id, instrument_id, user_id, quantity, average_cost, realised_pnl, fees, updated_at)
VALUES (%(account_id)s, %(instrument_id)s, %(user_id)s, %(quantity)s, %(average_cost)s, %(realised_pnl)s, %(fee)s,
        %(wall_time)s)
ON CONFLICT (account_id, instrument_id) DO UPDATE
SET quantity = excluded.quantity, average_cost = excluded.average_cost, realised_pnl = excluded.realised_pnl,
    fees = held.fees + excluded.fees, updated_at = excluded.updated_at

-- name: ledger_insert
-- A movement of cash, once per account, kind and reference.
INSERT INTO ledger (account_id, user_id, kind, amount, reference, at, market_time)
VALUES (%(account_id)s, %(user_id)s, %(kind)s, %(amount)s, %(reference)s, now(), %(market_time)s)

-- name: equity_record
-- Account value at market time: cash plus positions at the mid of the last quote, at cost where there is none.
INSERT INTO equity_history (account_id, user_id, market_time, wall_time, cash, positions_value, equity)
SELECT a.id, a.user_id, %(market_time)s, clock_timestamp(), c.cash, p.held, c.cash + p.held
FROM accounts a,
     LATERAL (SELECT coalesce(sum(amount), 0) AS cash FROM ledger WHERE account_id = a.id) c,
     LATERAL (SELECT coalesce(sum(x.quantity * coalesce(
                  CASE WHEN q.bid > 0 AND q.ask > 0 AND q.ask < 'Infinity' THEN (q.bid + q.ask) / 2 END,
                  x.average_cost)), 0) AS held
              FROM positions x LEFT JOIN latest_quotes q USING (instrument_id)
              WHERE x.account_id = a.id AND x.quantity <> 0) p
WHERE a.id = %(account_id)s
ON CONFLICT (account_id, market_time) DO UPDATE
SET wall_time = excluded.wall_time, cash = excluded.cash, positions_value = excluded.positions_value,
    equity = excluded.equity

-- name: cursor_read
SELECT cursor FROM gateway_cursors WHERE account_id = %(account_id)s

-- name: cursor_write
INSERT INTO gateway_cursors (account_id, cursor, updated_at) VALUES (%(account_id)s, %(cursor)s, now())
ON CONFLICT (account_id) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at
