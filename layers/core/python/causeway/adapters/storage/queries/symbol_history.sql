-- Tickers over time: import of a symbol history. Days are dates; a span's last day is included.

-- name: symbol_history_stored
-- Validity of these symbols as days. A span that ends within a day counts that day to the next one.
SELECT symbol, instrument_id,
       CASE WHEN valid_from = '-infinity' THEN NULL ELSE (valid_from AT TIME ZONE 'UTC')::date END AS first,
       CASE WHEN valid_to = 'infinity' THEN NULL ELSE (valid_to AT TIME ZONE 'UTC')::date - 1 END AS last
FROM symbols WHERE symbol = ANY(%(symbols)s)
ORDER BY symbol, valid_from;

-- name: symbol_history_around
-- Every span of the instruments that these symbols mean or meant; null where it has no beginning or no end.
SELECT symbol, instrument_id, nullif(valid_from, '-infinity') AS valid_from, nullif(valid_to, 'infinity') AS valid_to
FROM symbols s
WHERE instrument_id IN (SELECT o.instrument_id FROM symbols o WHERE o.symbol = ANY(%(symbols)s))
ORDER BY instrument_id, s.valid_from, symbol;

-- name: symbol_history_has_bars
-- Whether an instrument has bars in a span.
SELECT EXISTS (SELECT FROM market_data WHERE instrument_id = %(instrument_id)s AND time >= %(start)s AND time < %(end)s)
    AS found;

-- name: symbol_history_new_instrument
-- An instrument like the one whose facts it takes over, or an American equity.
INSERT INTO instruments (name, exchange, asset_class, currency, calendar)
SELECT name, exchange, asset_class, currency, calendar FROM (
    SELECT '' AS name, i.exchange, i.asset_class, i.currency, i.calendar, 0 AS choice FROM instruments i
    WHERE i.id = %(like)s
    UNION ALL SELECT '', '', 'equity', 'USD', 'XNYS', 1
) one ORDER BY choice LIMIT 1
RETURNING id;

-- name: symbol_history_clear
-- Forget the validity of these symbols; it is written anew in the same transaction.
SELECT forget_symbols(%(symbols)s);

-- name: symbol_history_put
-- One span.
INSERT INTO symbols (symbol, instrument_id, valid_from, valid_to)
VALUES (%(symbol)s, %(instrument_id)s,
        coalesce(%(first)s::date::timestamp AT TIME ZONE 'UTC', '-infinity'),
        coalesce((%(last)s::date + 1)::timestamp AT TIME ZONE 'UTC', 'infinity'));

-- name: symbol_history_differing_bars
-- Bars of one instrument that another holds with other values.
SELECT s.bar_size, s.time FROM market_data s JOIN market_data t
    ON t.instrument_id = %(target)s AND t.bar_size = s.bar_size AND t.time = s.time
WHERE s.instrument_id = %(source)s AND s.time >= %(start)s AND s.time < %(end)s
  AND (s.open, s.high, s.low, s.close, s.volume) IS DISTINCT FROM (t.open, t.high, t.low, t.close, t.volume)
ORDER BY s.bar_size, s.time LIMIT 5;

-- name: symbol_history_differing_actions
-- Corporate actions of one instrument that another holds with another value.
SELECT s.kind, s.ex_date, s.value AS dropped, s.source AS dropped_source, t.value AS kept, t.source AS kept_source
FROM corporate_actions s JOIN corporate_actions t
    ON t.instrument_id = %(target)s AND t.kind = s.kind AND t.ex_date = s.ex_date
WHERE s.instrument_id = %(source)s AND s.ex_date BETWEEN %(first)s AND %(last)s AND s.value <> t.value
ORDER BY s.ex_date, s.kind;

-- name: symbol_history_give
-- Give bars and corporate actions to another instrument; what it holds already stands, and the other record is dropped.
SELECT bars, actions FROM give_history(%(source)s, %(target)s, %(first)s, %(last)s, %(start)s, %(end)s);

-- name: symbol_history_recount
-- Count the bars of instruments again, and roll their hours up again: bars were given from one to another.
WITH stale AS (
    INSERT INTO rollup_stale (instrument_id, since, until)
    SELECT id, '1900-01-01Z', series.bucket('1 hour', now()) + interval '1 year' FROM unnest(%(ids)s::integer[]) AS id
)
SELECT recount_given(%(ids)s::integer[]);

-- name: symbol_history_audit
-- A row in the chain of the installation, or of the admin who asked.
SELECT audit_append(CASE WHEN %(user_id)s::uuid IS NULL THEN 'installation' ELSE 'user:' || %(user_id)s::uuid END,
                    %(user_id)s::uuid, %(actor)s::text, 'symbol_history.import', %(source)s::text, %(detail)s);
