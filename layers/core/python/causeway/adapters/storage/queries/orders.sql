-- name: accounts_of_user
-- Identifiers of the accounts that the user may see, oldest first.
SELECT id FROM accounts ORDER BY created_at, id

-- name: account_lock
-- One account, locked until the transaction ends: its orders, events and cash cannot change meanwhile.
SELECT id, user_id, state, state_reason, currency FROM accounts WHERE id = %(account_id)s FOR UPDATE

-- name: account_set_state
UPDATE accounts SET state = %(state)s, state_reason = %(reason)s WHERE id = %(account_id)s

-- name: account_cash
SELECT coalesce(sum(amount), 0) AS cash FROM ledger WHERE account_id = %(account_id)s

-- name: account_holdings
-- Open positions, valued at the mid of the last quote, or at cost where there is none.
SELECT p.instrument_id, p.quantity,
       coalesce(CASE WHEN q.bid > 0 AND q.ask > 0 AND q.ask < 'Infinity' THEN (q.bid + q.ask) / 2 END,
                p.average_cost) AS mark
FROM positions p LEFT JOIN latest_quotes q USING (instrument_id)
WHERE p.account_id = %(account_id)s AND p.quantity <> 0

-- name: account_open_orders
SELECT o.id, o.instrument_id, o.side, o.quantity, o.filled_quantity, o.status, o.reserved_cash,
       coalesce(o.limit_price, CASE WHEN q.bid > 0 AND q.ask > 0 AND q.ask < 'Infinity' THEN (q.bid + q.ask) / 2 END, 0)
           AS price
FROM orders o LEFT JOIN latest_quotes q USING (instrument_id)
WHERE o.account_id = %(account_id)s AND o.status IN ('pending_new', 'new', 'partially_filled', 'pending_cancel')
ORDER BY o.submitted_at, o.id

-- name: tradable_by_symbol
-- The instrument that a ticker names now.
SELECT i.id AS instrument_id, s.symbol, i.asset_class, i.lot_size, i.tick_size
FROM symbols s JOIN instruments i ON i.id = s.instrument_id
WHERE s.symbol = %(symbol)s AND s.valid_to = 'infinity'

-- name: quote_of_instrument
SELECT instrument_id, symbol, bid, ask, last, bid_size, ask_size, volume, market_time, received_at, source
FROM latest_quotes WHERE instrument_id = %(instrument_id)s

-- name: clock_read
-- halts: {"since": time or null} where the live feed tells of halts.
SELECT mode, market_time, speed, updated_at, replay ? 'halts' AS tells_halts,
       (replay -> 'halts' ->> 'since')::timestamptz AS halts_since
FROM market_clock

-- name: last_heard_of_instrument
-- What was heard last of trading in it; no row where nothing was.
SELECT halted, reason AS halt_reason, known_at, source AS halt_source FROM trading_states WHERE instrument_id = %(instrument_id)s

-- name: last_heard_of_symbols
-- What was heard last of trading in each current symbol; null where nothing was.
SELECT s.symbol, t.halted, t.reason AS halt_reason, t.known_at, t.source AS halt_source
FROM symbols s LEFT JOIN trading_states t ON t.instrument_id = s.instrument_id
WHERE s.symbol = ANY(%(symbols)s) AND s.valid_to = 'infinity'
ORDER BY s.symbol

-- name: job_visible
SELECT 1 AS found FROM jobs WHERE id = %(job_id)s

-- name: order_insert
INSERT INTO orders (id, user_id, account_id, client_order_id, instrument_id, symbol, side, quantity, order_type,
                    time_in_force, limit_price, job_id, status, reserved_cash, risk_decision, reason,
                    submitted_at, submitted_market_time, updated_at)
VALUES (%(id)s, %(user_id)s, %(account_id)s, %(client_order_id)s, %(instrument_id)s, %(symbol)s, %(side)s, %(quantity)s,
        %(order_type)s, %(time_in_force)s, %(limit_price)s, %(job_id)s, %(status)s, %(reserved_cash)s,
        %(risk_decision)s, %(reason)s, %(wall_time)s, %(market_time)s, %(wall_time)s)

-- name: order_set_state
-- What follows from an order's facts.
UPDATE orders SET status = %(status)s, filled_quantity = %(filled_quantity)s,
       average_fill_price = %(average_fill_price)s, reserved_cash = %(reserved_cash)s,
       reason = CASE WHEN %(reason)s = '' THEN reason ELSE %(reason)s END, updated_at = %(wall_time)s
WHERE id = %(order_id)s

-- name: order_by_client_id
SELECT * FROM orders WHERE account_id = %(account_id)s AND client_order_id = %(client_order_id)s

-- name: order_by_id
SELECT * FROM orders WHERE id = %(order_id)s

-- name: order_page
-- Orders of every account of the user, newest first, after a place in that order.
SELECT * FROM orders
WHERE (NOT %(open_only)s OR status IN ('pending_new', 'new', 'partially_filled', 'pending_cancel'))
  AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
  AND (%(before_time)s::timestamptz IS NULL OR (submitted_at, id) < (%(before_time)s, %(before_id)s::uuid))
ORDER BY submitted_at DESC, id DESC
LIMIT %(limit)s

-- name: order_events_of
-- Everything that happened to an order, in order.
SELECT seq, order_id, kind, source, source_event_id, status_after, payload, wall_time, market_time
FROM order_events WHERE order_id = %(order_id)s ORDER BY seq

-- name: order_event_append
-- The account's next event. Taking the number locks the account row: events commit in order, without gaps.
WITH next AS (UPDATE accounts SET event_seq = event_seq + 1 WHERE id = %(account_id)s RETURNING event_seq)
INSERT INTO order_events (account_id, seq, user_id, order_id, kind, source, source_event_id, status_after, payload,
                          wall_time, market_time)
SELECT %(account_id)s, event_seq, %(user_id)s, %(order_id)s, %(kind)s, %(source)s, %(source_event_id)s,
       %(status_after)s, %(payload)s, %(wall_time)s, %(market_time)s
FROM next
RETURNING seq

-- name: outbox_insert
-- A command for the gateway; the trigger wakes it when this transaction commits.
INSERT INTO outbox (account_id, user_id, order_id, command)
VALUES (%(account_id)s, %(user_id)s, %(order_id)s, %(command)s)
RETURNING id

-- name: audit_write
SELECT audit_append(%(chain)s, %(user_id)s, %(actor)s, %(action)s, %(subject)s, %(detail)s) AS seq

-- name: signal_of_job
-- The answer behind a job of this user, with its evaluation; result columns are null until it succeeded.
SELECT j.state, j.result_id, r.evaluation FROM jobs j LEFT JOIN analysis_results r USING (result_id)
WHERE j.id = %(job_id)s

-- name: signal_latest_weights
-- The signal's last wish for each symbol that was known at the market's time: under a replay, later ones are the future.
SELECT DISTINCT ON (symbol) symbol, time, weight, forecast FROM signals
WHERE result_id = %(result_id)s AND time <= coalesce(%(market_time)s, 'infinity'::timestamptz)
ORDER BY symbol, time DESC
