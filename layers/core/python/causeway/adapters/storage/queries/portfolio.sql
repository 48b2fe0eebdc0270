-- Accounts, positions, cash and equity of one user. Row-level security limits every table to him, and each query
-- names him besides. A mark is the middle of the last quote.

-- name: portfolio_accounts
-- The user's accounts; the gateway lives while it holds a lease.
SELECT a.id, a.broker, a.name, a.currency, a.state, a.state_reason,
       EXISTS (SELECT FROM gateway_leases g WHERE g.account_id = a.id AND g.expires_at > now()) AS gateway_alive
FROM accounts a
WHERE a.user_id = %(user_id)s
ORDER BY a.created_at, a.id;

-- name: portfolio_summary
-- Cash, exposure and P&L of one account as of one moment. A position without a usable quote counts at its average
-- cost. Buying power is what the risk check of an order would find: a short keeps a part of its value in cash.
-- Day P&L is the change of equity since the last stored point before the market's day (UTC), without deposits;
-- drawdown is equity over the highest equity that was stored, minus one: zero or negative.
WITH held AS (
    SELECT p.quantity, p.average_cost, p.realised_pnl, p.fees,
           coalesce(CASE WHEN q.bid > 0 AND q.ask > 0 AND q.ask < 'Infinity' THEN (q.bid + q.ask) / 2 END,
                    p.average_cost) AS mark
    FROM positions p LEFT JOIN latest_quotes q USING (instrument_id)
    WHERE p.account_id = %(account_id)s AND p.user_id = %(user_id)s
), totals AS (
    SELECT coalesce(sum(quantity * mark), 0) AS net, coalesce(sum(abs(quantity * mark)), 0) AS gross,
           coalesce(sum(-quantity * mark) FILTER (WHERE quantity < 0), 0) AS short,
           coalesce(sum(quantity * (mark - average_cost)), 0) AS unrealised,
           coalesce(sum(realised_pnl), 0) AS realised, coalesce(sum(fees), 0) AS fees
    FROM held
), money AS (
    SELECT coalesce(sum(amount), 0) AS cash FROM ledger
    WHERE account_id = %(account_id)s AND user_id = %(user_id)s
), open_orders AS (
    SELECT coalesce(sum(reserved_cash), 0) AS reserved FROM orders
    WHERE account_id = %(account_id)s AND user_id = %(user_id)s
      AND status IN ('pending_new', 'new', 'partially_filled', 'pending_cancel')
), history AS (
    SELECT market_time, wall_time, equity FROM equity_history
    WHERE account_id = %(account_id)s AND user_id = %(user_id)s
), clock AS (
    SELECT coalesce((SELECT market_time FROM market_clock), (SELECT max(market_time) FROM history)) AS market_time
), day_start AS (
    SELECT equity, wall_time FROM history, clock
    WHERE history.market_time < date_trunc('day', clock.market_time, 'UTC')
    ORDER BY wall_time DESC LIMIT 1
), flows AS (
    SELECT coalesce(sum(amount), 0) AS amount FROM ledger
    WHERE account_id = %(account_id)s AND user_id = %(user_id)s AND kind IN ('deposit', 'adjustment')
      AND at > coalesce((SELECT wall_time FROM day_start), '-infinity')
), result AS (
    SELECT *, money.cash + totals.net AS equity FROM money, totals
)
SELECT r.cash, o.reserved, r.cash - %(short_requirement)s * r.short - o.reserved AS buying_power,
       r.net AS positions_value, r.equity, r.gross AS gross_exposure, r.net AS net_exposure,
       r.equity - coalesce((SELECT equity FROM day_start), 0) - f.amount AS day_pnl,
       r.unrealised AS unrealised_pnl, r.realised AS realised_pnl, r.fees,
       coalesce(r.equity / nullif(greatest(r.equity, (SELECT max(equity) FROM history), 0), 0) - 1, 0)::float8 AS drawdown,
       c.market_time
FROM result r, open_orders o, flows f, clock c;

-- name: portfolio_positions
-- Open positions by symbol. weight is the share of the account's equity; null when equity is not positive.
WITH held AS (
    SELECT p.*, s.symbol,
           CASE WHEN q.bid > 0 AND q.ask > 0 AND q.ask < 'Infinity' THEN (q.bid + q.ask) / 2 END AS mark
    FROM positions p
    JOIN LATERAL (SELECT symbol FROM symbols WHERE instrument_id = p.instrument_id
                  ORDER BY valid_to DESC LIMIT 1) s ON true
    LEFT JOIN latest_quotes q USING (instrument_id)
    WHERE p.account_id = %(account_id)s AND p.user_id = %(user_id)s AND p.quantity <> 0
), money AS (
    SELECT coalesce(sum(amount), 0) AS cash FROM ledger
    WHERE account_id = %(account_id)s AND user_id = %(user_id)s
), total AS (
    SELECT money.cash + coalesce((SELECT sum(quantity * coalesce(mark, average_cost)) FROM held), 0) AS equity FROM money
)
SELECT symbol, quantity, average_cost, mark, quantity * mark AS market_value,
       quantity * (mark - average_cost) AS unrealised_pnl, realised_pnl, fees,
       CASE WHEN total.equity > 0 THEN (quantity * mark / total.equity)::float8 END AS weight, updated_at
FROM held, total
ORDER BY symbol;

-- name: portfolio_equity
-- The newest points of the equity curve, oldest first.
SELECT * FROM (
    SELECT market_time, wall_time, cash, positions_value, equity FROM equity_history
    WHERE account_id = %(account_id)s AND user_id = %(user_id)s
    ORDER BY market_time DESC LIMIT %(limit)s) newest
ORDER BY market_time;

-- name: portfolio_executions
-- Executions, newest first, after the cursor where one is given.
SELECT e.execution_id, e.order_id, s.symbol, e.side, e.quantity, e.price, e.fee, e.market_time, e.wall_time
FROM executions e
JOIN LATERAL (SELECT symbol FROM symbols WHERE instrument_id = e.instrument_id ORDER BY valid_to DESC LIMIT 1) s ON true
WHERE e.account_id = %(account_id)s AND e.user_id = %(user_id)s
  AND (%(after_time)s::timestamptz IS NULL
       OR (e.wall_time, e.execution_id) < (%(after_time)s::timestamptz, %(after_id)s::text))
ORDER BY e.wall_time DESC, e.execution_id DESC
LIMIT %(limit)s;
