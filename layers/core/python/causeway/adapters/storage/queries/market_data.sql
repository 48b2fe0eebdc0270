-- Instruments, bars, corporate actions, quotes and the market's clock.

-- name: market_data_resolve
-- The instruments that symbols meant at a moment.
SELECT s.symbol, i.id, i.name, i.exchange, i.asset_class, i.currency, i.calendar
FROM symbols s JOIN instruments i ON i.id = s.instrument_id
WHERE s.symbol = ANY(%(symbols)s) AND s.valid_from <= %(at)s AND %(at)s < s.valid_to;

-- name: market_data_symbol_names
-- Symbols that are current, for suggestions.
SELECT symbol FROM symbols WHERE valid_to = 'infinity' ORDER BY symbol LIMIT 20000;

-- name: market_data_past_validity
-- When a symbol meant something, latest first.
SELECT CASE WHEN valid_from > '-infinity' THEN (valid_from AT TIME ZONE 'UTC')::date END AS first,
       CASE WHEN valid_to < 'infinity' THEN (valid_to AT TIME ZONE 'UTC')::date END AS last
FROM symbols WHERE symbol = %(symbol)s ORDER BY valid_from DESC LIMIT 5;

-- name: market_data_symbols
-- A page of current symbols with the bar sizes that are stored, by rank: 0 the symbol itself, 1 it starts so, 2 the name
-- or a word of it starts so, 3 the name or the symbol holds it.
SELECT ranked.rank, ranked.symbol, i.id AS instrument_id, i.name, i.exchange, i.asset_class, i.currency, i.calendar,
       ARRAY(SELECT size FROM unnest(ARRAY['1s', '5s', '1m', '5m', '15m', '1h', '1d']) AS size
             WHERE EXISTS (SELECT FROM bar_coverage c WHERE c.instrument_id = i.id AND c.bar_size = size)) AS bar_sizes
FROM (SELECT s.symbol, s.instrument_id,
             CASE WHEN %(query)s = '' THEN 1
                  WHEN s.symbol = upper(%(query)s) THEN 0
                  WHEN starts_with(s.symbol, upper(%(query)s)) THEN 1
                  WHEN position(' ' || lower(%(query)s) IN ' ' || lower(named.name)) > 0 THEN 2
                  WHEN position(lower(%(query)s) IN lower(named.name)) > 0
                       OR position(upper(%(query)s) IN s.symbol) > 0 THEN 3 END AS rank
      FROM symbols s JOIN instruments named ON named.id = s.instrument_id
      WHERE s.valid_to = 'infinity') ranked
JOIN instruments i ON i.id = ranked.instrument_id
WHERE ranked.rank IS NOT NULL AND (ranked.rank, ranked.symbol) > (%(after_rank)s::integer, %(after)s::text)
ORDER BY ranked.rank, ranked.symbol LIMIT %(limit)s;

-- name: market_data_validity
-- Which instrument each symbol meant, and when, in microseconds since 1970.
SELECT symbol, instrument_id,
       CASE WHEN valid_from = '-infinity' THEN -9223372036854775808
            ELSE (extract(epoch FROM valid_from) * 1000000)::bigint END AS from_us,
       CASE WHEN valid_to = 'infinity' THEN 9223372036854775807
            ELSE (extract(epoch FROM valid_to) * 1000000)::bigint END AS to_us
FROM symbols WHERE symbol = ANY(%(symbols)s)
ORDER BY symbol, valid_from;

-- name: market_data_lock_symbols
-- One process at a time makes instruments; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtext('causeway.symbols'));

-- name: market_data_new_instruments
-- One new instrument for each symbol, valid at all times.
WITH made AS (
    INSERT INTO instruments (name, exchange, asset_class, currency, calendar)
    SELECT '', %(exchange)s, %(asset_class)s, %(currency)s, %(calendar)s FROM unnest(%(symbols)s::text[])
    RETURNING id
), numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made)
INSERT INTO symbols (symbol, instrument_id)
SELECT named.symbol, numbered.id FROM unnest(%(symbols)s::text[]) WITH ORDINALITY AS named (symbol, n)
JOIN numbered USING (n);

-- name: market_data_bars
-- Raw bars of instruments, each from its own start, ascending, packed: see packed_bars.py.
SELECT wanted.id AS instrument_id, packed.bars
FROM unnest(%(ids)s::integer[], %(starts)s::timestamptz[]) AS wanted (id, start)
CROSS JOIN LATERAL (
    SELECT string_agg(timestamptz_send(bar.time) || float8send(bar.open) || float8send(bar.high) || float8send(bar.low)
                      || float8send(bar.close) || float8send(bar.volume), ''::bytea) AS bars
    FROM (SELECT m.time, m.open, m.high, m.low, m.close, m.volume FROM market_data m
          WHERE m.instrument_id = wanted.id AND m.bar_size = %(bar_size)s AND m.time >= wanted.start
            AND m.time >= %(start)s AND m.time < %(end)s
          ORDER BY m.time LIMIT %(most)s) bar
) packed;

-- name: market_data_hours
-- Hourly bars that are kept from minutes, packed in the same way.
SELECT wanted.id AS instrument_id, packed.bars
FROM unnest(%(ids)s::integer[], %(starts)s::timestamptz[]) AS wanted (id, start)
CROSS JOIN LATERAL (
    SELECT string_agg(timestamptz_send(bar.time) || float8send(bar.open) || float8send(bar.high) || float8send(bar.low)
                      || float8send(bar.close) || float8send(bar.volume), ''::bytea) AS bars
    FROM (SELECT h.* FROM series.hours(wanted.id, wanted.start, %(end)s) h ORDER BY h.time LIMIT %(most)s) bar
) packed;

-- name: market_data_years
-- The years that are stored of an instrument at one bar size, with the bars of each day.
SELECT year, bars FROM bar_coverage
WHERE instrument_id = %(instrument_id)s AND bar_size = %(bar_size)s AND year BETWEEN %(first_year)s AND %(last_year)s
ORDER BY year;

-- name: market_data_sizes
-- Bar sizes that are stored of an instrument.
SELECT DISTINCT bar_size FROM bar_coverage WHERE instrument_id = %(instrument_id)s;

-- name: market_data_dropped
-- Up to when bars of a size were removed.
SELECT before FROM bars_dropped WHERE bar_size = %(bar_size)s;

-- name: market_data_coverage
-- What is stored of each instrument at one bar size, and how many rows of the user's went to quarantine.
SELECT s.symbol, i.calendar, held.first, held.last, coalesce(held.bars, 0) AS bars,
       (SELECT count(*) FROM quarantine q WHERE q.symbol = s.symbol AND q.bar_size = %(bar_size)s
          AND q.repaired_at IS NULL) AS quarantined
FROM symbols s JOIN instruments i ON i.id = s.instrument_id
CROSS JOIN LATERAL (SELECT min(c.first) AS first, max(c.last) AS last, sum(c.total) AS bars FROM bar_coverage c
                    WHERE c.instrument_id = i.id AND c.bar_size = %(bar_size)s) held
WHERE s.valid_to = 'infinity' AND s.symbol = ANY(%(symbols)s)
ORDER BY s.symbol;

-- name: market_data_coverage_map
-- The years that are stored of each symbol and bar size, with the bars of each day.
SELECT s.symbol, i.calendar, c.bar_size, c.year, c.bars, c.total, c.first, c.last
FROM symbols s JOIN instruments i ON i.id = s.instrument_id JOIN bar_coverage c ON c.instrument_id = i.id
WHERE s.valid_to = 'infinity' AND s.symbol = ANY(%(symbols)s)
  AND (%(bar_size)s::text IS NULL OR c.bar_size = %(bar_size)s)
ORDER BY s.symbol, c.bar_size, c.year;

-- name: market_data_stand_ins
-- Spans of a symbol at one bar size for which other bars stand in, as long as no bar of this size is stored in them.
SELECT g.first, g.until, g.of_size, g.reason
FROM symbols s JOIN stand_ins g ON g.instrument_id = s.instrument_id
WHERE s.valid_to = 'infinity' AND s.symbol = %(symbol)s AND g.bar_size = %(bar_size)s
  AND NOT EXISTS (SELECT FROM market_data m WHERE m.instrument_id = g.instrument_id AND m.bar_size = g.bar_size
                    AND m.time >= g.first AND m.time < g.until)
ORDER BY g.first;

-- name: market_data_actions
-- Corporate actions of one instrument, ascending.
SELECT kind, ex_date, value, source FROM corporate_actions WHERE instrument_id = %(instrument_id)s
ORDER BY ex_date, kind;

-- name: market_data_action_versions
-- Every version of the corporate actions of one instrument, as they became known.
SELECT kind, ex_date, coalesce(value, 0) AS value, known_at FROM corporate_action_versions
WHERE instrument_id = %(instrument_id)s ORDER BY known_at, id;

-- name: market_data_end_idle_read
-- End this transaction where nothing is asked of it for a minute.
SET LOCAL idle_in_transaction_session_timeout = '60s';

-- name: market_data_taken_out
-- Actions that a repair took out last, with the value that they had.
SELECT kind, ex_date, value FROM (
    SELECT kind, ex_date, value IS NULL AND source LIKE 'repair:%%' AS gone,
           lag(value) OVER one AS value, lead(id) OVER one IS NULL AS latest
    FROM corporate_action_versions WHERE instrument_id = %(instrument_id)s
    WINDOW one AS (PARTITION BY kind, ex_date ORDER BY known_at, id)) versions
WHERE gone AND latest;

-- name: market_data_ex_closes
-- Raw closes around each dividend: of the first daily bar from its ex-date on, and of the bar before the ex-date.
-- A dividend whose first bar is later than a moment has none.
SELECT a.ex_date, bar.close, before.close AS previous
FROM (SELECT DISTINCT ex_date FROM corporate_action_versions
      WHERE instrument_id = %(instrument_id)s AND kind = 'dividend') a
CROSS JOIN LATERAL (SELECT close FROM market_data m
                    WHERE m.instrument_id = %(instrument_id)s AND m.bar_size = '1d' AND m.time <= %(latest)s
                      AND m.time >= a.ex_date::timestamp AT TIME ZONE 'UTC' ORDER BY m.time LIMIT 1) bar
LEFT JOIN LATERAL (SELECT close FROM market_data m
                   WHERE m.instrument_id = %(instrument_id)s AND m.bar_size = '1d'
                     AND m.time < a.ex_date::timestamp AT TIME ZONE 'UTC' ORDER BY m.time DESC LIMIT 1) before ON true;

-- name: market_data_put_action
-- Store one corporate action; a row comes back where something changed.
INSERT INTO corporate_actions AS held (instrument_id, kind, ex_date, value, source)
VALUES (%(instrument_id)s, %(kind)s, %(ex_date)s, %(value)s, %(source)s)
ON CONFLICT (instrument_id, kind, ex_date) DO UPDATE
    SET value = excluded.value, source = excluded.source, known_at = now()
    WHERE held.value <> excluded.value
RETURNING instrument_id;

-- name: market_data_audit_actions
-- A row in the user's audit chain.
SELECT audit_append('user:' || %(user_id)s::uuid, %(user_id)s::uuid, 'user', 'corporate_actions.store', %(source)s,
                    %(detail)s);

-- name: market_data_symbols_of
-- Every symbol, past ones too, of some instruments.
SELECT DISTINCT symbol FROM symbols WHERE instrument_id = ANY(%(ids)s);

-- name: market_data_last_minute
-- The last stored bar of a minute or less of what a symbol means now, null without one; no row for an unknown symbol.
SELECT i.calendar, nullif(s.valid_to, 'infinity') AS valid_to,
       (SELECT max(c.last) FROM bar_coverage c
        WHERE c.instrument_id = i.id AND c.bar_size IN ('1s', '5s', '1m')) AS last
FROM symbols s JOIN instruments i ON i.id = s.instrument_id
WHERE s.symbol = %(symbol)s AND s.valid_from <= %(now)s AND %(now)s < s.valid_to;

-- name: market_data_quotes
-- Last quotes by symbol.
SELECT symbol, bid, ask, last, volume, market_time, received_at, source FROM latest_quotes
WHERE symbol = ANY(%(symbols)s) ORDER BY symbol;

-- name: market_data_clock
-- The market's clock.
SELECT mode, market_time, speed, updated_at FROM market_clock;
