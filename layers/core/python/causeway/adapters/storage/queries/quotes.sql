-- name: quotes_latest
-- Last quotes of symbols that are current now; every one of them where symbols is null.
SELECT q.instrument_id, q.symbol, q.bid, q.ask, q.last, q.bid_size, q.ask_size, q.volume, q.market_time, q.received_at,
       q.source
FROM latest_quotes q
WHERE %(symbols)s::text[] IS NULL OR q.symbol = ANY(%(symbols)s)
ORDER BY q.symbol

-- name: quotes_known_symbols
-- Which of these symbols are current now.
SELECT symbol FROM symbols WHERE valid_to = 'infinity' AND symbol = ANY(%(symbols)s)

-- name: quotes_upsert
-- Replace last quotes, one array per column.
INSERT INTO latest_quotes (instrument_id, symbol, bid, ask, last, bid_size, ask_size, volume, market_time, received_at, source)
SELECT * FROM unnest(%(instrument_id)s::integer[], %(symbol)s::text[], %(bid)s::numeric[], %(ask)s::numeric[],
                     %(last)s::numeric[], %(bid_size)s::numeric[], %(ask_size)s::numeric[], %(volume)s::numeric[],
                     %(market_time)s::timestamptz[], %(received_at)s::timestamptz[], %(source)s::text[])
ON CONFLICT (instrument_id) DO UPDATE SET
    symbol = excluded.symbol, bid = excluded.bid, ask = excluded.ask, last = excluded.last, bid_size = excluded.bid_size,
    ask_size = excluded.ask_size, volume = excluded.volume, market_time = excluded.market_time,
    received_at = excluded.received_at, source = excluded.source

-- name: quotes_forget_later
-- Drop quotes from beyond a moment: a replay that goes back must not show its own future.
DELETE FROM latest_quotes WHERE market_time > %(market_time)s RETURNING symbol

-- name: replay_clock
-- The market's clock, who drives it, and what was asked of the replay last.
SELECT mode, market_time, speed, updated_at, replay, requested FROM market_clock

-- name: replay_set_clock
-- Move the clock, if nobody else drives it: another holder counts as gone after five seconds without a step.
UPDATE market_clock
SET mode = %(mode)s, market_time = %(market_time)s, speed = %(speed)s, replay = %(replay)s, updated_at = clock_timestamp()
WHERE replay ->> 'holder' IS NULL OR replay ->> 'holder' = %(holder)s
   OR updated_at < clock_timestamp() - interval '5 seconds'
RETURNING requested ->> 'id' AS request_id

-- name: replay_request
-- Ask something of the replay. The feed obeys within a second.
UPDATE market_clock SET requested = %(requested)s RETURNING mode, market_time, speed, updated_at

-- name: audit_note_replay
-- A user's request belongs into his audit chain.
SELECT audit_append(%(chain)s, %(user_id)s, 'user', 'replay.request', 'market_clock', %(detail)s)

-- name: replay_next_day
-- First day at or after a day that has bars to replay; null when there is none.
SELECT min((bar.time AT TIME ZONE 'UTC')::date) AS day
FROM symbols s
CROSS JOIN (VALUES ('1d'), ('1m')) AS size (name)
CROSS JOIN LATERAL (SELECT m.time FROM market_data m
                    WHERE m.instrument_id = s.instrument_id AND m.bar_size = size.name
                      AND m.time >= (%(day)s::date)::timestamp AT TIME ZONE 'UTC'
                    ORDER BY m.time LIMIT 1) bar
WHERE s.valid_to = 'infinity' AND (%(symbols)s::text[] IS NULL OR s.symbol = ANY(%(symbols)s))

-- name: replay_first_and_last_day
-- First and last day that have bars to replay; nulls when there is none.
SELECT min((bar.first AT TIME ZONE 'UTC')::date) AS first, max((bar.last AT TIME ZONE 'UTC')::date) AS last
FROM symbols s
CROSS JOIN (VALUES ('1d'), ('1m')) AS size (name)
CROSS JOIN LATERAL (SELECT min(m.time) AS first, max(m.time) AS last FROM market_data m
                    WHERE m.instrument_id = s.instrument_id AND m.bar_size = size.name) bar
WHERE s.valid_to = 'infinity' AND (%(symbols)s::text[] IS NULL OR s.symbol = ANY(%(symbols)s))

-- name: replay_bars
-- Bars of one session: the daily bar (stamped 00:00 UTC of its day) and the minutes between open and close.
SELECT s.symbol, s.instrument_id, i.tick_size, m.bar_size, m.time, m.open, m.high, m.low, m.close, m.volume
FROM symbols s
JOIN instruments i ON i.id = s.instrument_id
JOIN market_data m ON m.instrument_id = s.instrument_id
WHERE s.valid_to = 'infinity' AND (%(symbols)s::text[] IS NULL OR s.symbol = ANY(%(symbols)s))
  AND ((m.bar_size = '1d' AND m.time = (%(day)s::date)::timestamp AT TIME ZONE 'UTC')
       OR (m.bar_size = '1m' AND m.time >= %(open)s AND m.time < %(close)s))
ORDER BY s.symbol, m.bar_size, m.time
