-- Live market data into tables, and the tickets that open a stream.

-- name: live_validity
-- Which instrument each of these symbols meant, and when, in microseconds; every current symbol's past where null.
SELECT symbol, instrument_id,
       CASE WHEN valid_from = '-infinity' THEN -9223372036854775808
            ELSE (extract(epoch FROM valid_from) * 1000000)::bigint END AS from_us,
       CASE WHEN valid_to = 'infinity' THEN 9223372036854775807
            ELSE (extract(epoch FROM valid_to) * 1000000)::bigint END AS to_us
FROM symbols s
WHERE CASE WHEN %(symbols)s::text[] IS NULL
           THEN EXISTS (SELECT FROM symbols c WHERE c.symbol = s.symbol AND c.valid_to = 'infinity')
           ELSE s.symbol = ANY(%(symbols)s) END
ORDER BY symbol, valid_from

-- name: live_store_quotes
-- Replace last quotes by newer ones, one array per column; an older one changes nothing, so a replay does no harm.
INSERT INTO latest_quotes AS held (instrument_id, symbol, bid, ask, last, bid_size, ask_size, volume, market_time,
                                   received_at, source)
SELECT * FROM unnest(%(instrument_id)s::integer[], %(symbol)s::text[], %(bid)s::numeric[], %(ask)s::numeric[],
                     %(last)s::numeric[], %(bid_size)s::numeric[], %(ask_size)s::numeric[], %(volume)s::numeric[],
                     %(market_time)s::timestamptz[], %(received_at)s::timestamptz[], %(source)s::text[])
ON CONFLICT (instrument_id) DO UPDATE SET
    symbol = excluded.symbol, bid = excluded.bid, ask = excluded.ask, last = excluded.last, bid_size = excluded.bid_size,
    ask_size = excluded.ask_size, volume = excluded.volume, market_time = excluded.market_time,
    received_at = excluded.received_at, source = excluded.source
WHERE held.received_at < excluded.received_at

-- name: live_withdraw_bars
-- A bust left no trade in these bars.
DELETE FROM market_data USING unnest(%(instrument_id)s::integer[], %(time)s::timestamptz[]) AS gone (instrument_id, time)
WHERE market_data.instrument_id = gone.instrument_id AND market_data.bar_size = %(bar_size)s
  AND market_data.time = gone.time

-- name: live_recount
-- Count the bars of some years again.
SELECT series.recount(%(bar_size)s, %(first_year)s, %(last_year)s, %(ids)s::integer[])

-- name: tickets_insert
-- A ticket for one stream; tickets that nobody used in time go.
WITH old AS (DELETE FROM stream_tickets WHERE expires_at < clock_timestamp())
INSERT INTO stream_tickets (ticket_hash, user_id, role, session_expires_at, expires_at)
VALUES (%(ticket_hash)s, %(user_id)s, %(role)s, %(session_expires_at)s,
        clock_timestamp() + make_interval(secs => %(ttl_s)s))
RETURNING expires_at

-- name: tickets_take
-- Use a ticket up; no row where it is unknown, used or too old, or its user is no longer active.
WITH taken AS (
    DELETE FROM stream_tickets WHERE ticket_hash = %(ticket_hash)s
    RETURNING user_id, role, session_expires_at, expires_at
)
SELECT t.user_id, u.email, t.role, t.session_expires_at FROM taken t JOIN users u ON u.id = t.user_id
WHERE t.expires_at > clock_timestamp() AND u.is_active

-- name: live_states
-- The last known state of trading of these symbols, of the feed that drives the market's clock; no row where nothing was
-- heard. A halt of last week, or of another provider, means nothing to a replay.
SELECT t.symbol, t.instrument_id, t.halted, t.code, t.reason, t.status_time, t.lower, t.upper, t.bands_time,
       t.received_at, t.source, t.known_at
FROM trading_states t JOIN market_clock c ON c.mode = 'live' AND c.replay ->> 'live_feed' = t.source
WHERE t.symbol = ANY(%(symbols)s) ORDER BY t.symbol

-- name: live_store_states
-- Replace states of trading by newer ones, one array per column; an older one changes nothing. One that was received at the
-- same time does: it came later in the same message, or says that the state is no longer known.
INSERT INTO trading_states AS held (symbol, instrument_id, halted, code, reason, status_time, lower, upper, bands_time,
                                    received_at, source, known_at)
SELECT * FROM unnest(%(symbol)s::text[], %(instrument_id)s::integer[], %(halted)s::boolean[], %(code)s::text[],
                     %(reason)s::text[], %(status_time)s::timestamptz[], %(lower)s::numeric[], %(upper)s::numeric[],
                     %(bands_time)s::timestamptz[], %(received_at)s::timestamptz[], %(source)s::text[],
                     %(known_at)s::timestamptz[])
ON CONFLICT (instrument_id) DO UPDATE SET
    symbol = excluded.symbol, halted = excluded.halted, code = excluded.code, reason = excluded.reason,
    status_time = excluded.status_time, lower = excluded.lower, upper = excluded.upper, bands_time = excluded.bands_time,
    received_at = excluded.received_at, source = excluded.source, known_at = excluded.known_at
WHERE held.received_at <= excluded.received_at

-- name: live_last_bar
-- When the last bar of a symbol in [start, end) starts, of whatever instrument it means at the end; null without one.
SELECT max(m.time) AS last FROM symbols s JOIN market_data m ON m.instrument_id = s.instrument_id
WHERE s.symbol = %(symbol)s AND s.valid_from <= %(end)s AND %(end)s < s.valid_to
  AND m.bar_size = %(bar_size)s AND m.time >= %(start)s AND m.time < %(end)s

-- name: live_note_days
-- Days whose bars lie as they came, with other instruments' between them.
INSERT INTO bars_as_they_came (bar_size, day) SELECT * FROM unnest(%(bar_size)s::text[], %(day)s::date[])
ON CONFLICT DO NOTHING;

-- name: live_quarantine_owner
-- In whose quarantine what the live feed's history got wrong lies: the first admin's; no row where there is none.
SELECT id FROM users WHERE is_active AND role = 'admin' ORDER BY created_at, id LIMIT 1

-- name: live_quarantine_findings
-- What was found so far in one day's history of a provider.
SELECT findings FROM ingestions WHERE id = %(id)s FOR UPDATE

-- name: live_quarantine_ingestion
-- The ingestion of flawed bars of one day, provider and bar size.
INSERT INTO ingestions (id, user_id, source, filename, bar_size, state, findings, finished_at)
VALUES (%(id)s, %(user_id)s, %(source)s, 'live backfill', %(bar_size)s, 'done', %(findings)s, clock_timestamp())
ON CONFLICT (id) DO UPDATE SET findings = excluded.findings, finished_at = excluded.finished_at

-- name: live_quarantine_count
-- Its numbers, from what lies in quarantine.
UPDATE ingestions SET rows_read = held.rows, rows_quarantined = held.rows, symbols_count = held.symbols
FROM (SELECT count(*) AS rows, count(DISTINCT symbol) AS symbols FROM quarantine WHERE ingestion_id = %(id)s) held
WHERE id = %(id)s

-- name: live_note_stand_in
-- A span for which bars of another size stand in, of the instrument that the symbol means at its end.
INSERT INTO stand_ins AS held (instrument_id, bar_size, first, until, of_size, reason)
SELECT s.instrument_id, %(bar_size)s, %(first)s, %(until)s, %(of_size)s, %(reason)s FROM symbols s
WHERE s.symbol = %(symbol)s AND s.valid_from < %(until)s AND %(until)s <= s.valid_to
ON CONFLICT (instrument_id, bar_size, first) DO UPDATE
    SET until = greatest(held.until, excluded.until), of_size = excluded.of_size, reason = excluded.reason
