-- name: paper_lock
-- One writer per account's book at a time, so that its reports commit in the order of their ids.
SELECT pg_advisory_xact_lock(hashtextextended('paper:' || %(account_id)s::text, 0))

-- name: paper_accept
-- A new order in the venue's book; nothing where it has one of this client order id.
INSERT INTO paper_orders (account_id, client_order_id, symbol, side, quantity, order_type, time_in_force, limit_price,
                          status, accepted_market_time, updated_at)
VALUES (%(account_id)s, %(client_order_id)s, %(symbol)s, %(side)s, %(quantity)s, %(order_type)s, %(time_in_force)s,
        %(limit_price)s, %(status)s, %(market_time)s, clock_timestamp())
ON CONFLICT (account_id, client_order_id) DO NOTHING
RETURNING broker_order_id

-- name: paper_order
SELECT broker_order_id, client_order_id, status, filled_quantity FROM paper_orders
WHERE account_id = %(account_id)s AND client_order_id = %(client_order_id)s

-- name: paper_symbol_known
SELECT 1 AS known FROM symbols WHERE symbol = %(symbol)s AND valid_to = 'infinity'

-- name: paper_end
UPDATE paper_orders SET status = %(status)s, reason = %(reason)s, updated_at = clock_timestamp()
WHERE broker_order_id = %(broker_order_id)s

-- name: paper_rest
UPDATE paper_orders SET rested = %(rested)s, rested_at = %(since)s WHERE broker_order_id = %(broker_order_id)s

-- name: paper_fill
UPDATE paper_orders
SET filled_quantity = filled_quantity + %(quantity)s, filled_value = filled_value + %(quantity)s * %(price)s,
    status = CASE WHEN filled_quantity + %(quantity)s >= quantity THEN 'filled' ELSE 'partially_filled' END,
    updated_at = clock_timestamp()
WHERE broker_order_id = %(broker_order_id)s

-- name: paper_report
-- Stamped under the book's lock, so that wall times of an account ascend with the ids.
INSERT INTO paper_reports (account_id, broker_order_id, client_order_id, kind, quantity, price, fee, cancel_id,
                           quote_received_at, reason, market_time, wall_time)
SELECT account_id, broker_order_id, client_order_id, %(kind)s, %(quantity)s, %(price)s, %(fee)s, %(cancel_id)s,
       %(quote_received_at)s, %(reason)s, %(market_time)s, clock_timestamp()
FROM paper_orders WHERE broker_order_id = %(broker_order_id)s

-- name: paper_cancel_known
SELECT 1 AS known FROM paper_reports WHERE account_id = %(account_id)s AND cancel_id = %(cancel_id)s

-- name: paper_reports_after
SELECT id, kind, client_order_id, broker_order_id, quantity, price, fee, cancel_id, reason, market_time, wall_time
FROM paper_reports WHERE account_id = %(account_id)s AND id > %(after)s ORDER BY id LIMIT %(limit)s

-- name: paper_busy_accounts
SELECT DISTINCT account_id FROM paper_orders WHERE status IN ('new', 'partially_filled')

-- name: paper_working
-- Orders that may fill, in time priority, each with its market now and what was taken of that very quote already.
SELECT o.broker_order_id, o.symbol, o.side, o.quantity, o.filled_quantity, o.filled_value, o.limit_price, o.rested,
       o.rested_at, o.time_in_force, o.accepted_market_time, t.halted, t.reason AS halt_reason, t.known_at,
       t.source AS halt_source,
       q.instrument_id, q.bid, q.ask, q.last, q.bid_size, q.ask_size, q.volume, q.market_time, q.received_at, q.source,
       (SELECT coalesce(sum(r.quantity), 0) FROM paper_reports r JOIN paper_orders p USING (broker_order_id)
        WHERE r.account_id = o.account_id AND r.kind = 'fill' AND p.symbol = o.symbol AND p.side = o.side
          AND r.quote_received_at = q.received_at) AS taken
FROM paper_orders o
LEFT JOIN symbols s ON s.symbol = o.symbol AND s.valid_to = 'infinity'
LEFT JOIN latest_quotes q ON q.instrument_id = s.instrument_id
LEFT JOIN trading_states t ON t.instrument_id = s.instrument_id
WHERE o.account_id = %(account_id)s AND o.status IN ('new', 'partially_filled')
ORDER BY o.accepted_seq
