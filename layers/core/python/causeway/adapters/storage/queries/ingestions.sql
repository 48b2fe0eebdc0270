-- Files taken in: staging, comparison with what is stored, and what went to quarantine.

-- name: ingestions_known_bars
-- How many staged bars of each instrument are stored already, equal or not.
SELECT s.instrument_id, count(*) AS known FROM staged s JOIN market_data m
    ON m.instrument_id = s.instrument_id AND m.bar_size = %(bar_size)s AND m.time = s.time
WHERE m.time BETWEEN %(first)s AND %(last)s
GROUP BY s.instrument_id;

-- name: ingestions_differing_bars
-- Staged bars that are stored with other values.
SELECT s.row, s.instrument_id, m.open, m.high, m.low, m.close, m.volume FROM staged s JOIN market_data m
    ON m.instrument_id = s.instrument_id AND m.bar_size = %(bar_size)s AND m.time = s.time
WHERE m.time BETWEEN %(first)s AND %(last)s
  AND (m.open, m.high, m.low, m.close, m.volume) IS DISTINCT FROM (s.open, s.high, s.low, s.close, s.volume)
ORDER BY s.row;

-- name: ingestions_unstage
-- Take rows out of the staging table.
DELETE FROM staged WHERE row = ANY(%(rows)s);

-- name: ingestions_seams
-- Neighbouring daily bars, one of this file and one stored before it, whose closes are further apart than a jump (nats).
WITH series AS (
    SELECT m.instrument_id, m.time, m.close, s.row, lag(m.time) OVER neighbours AS before_time,
           lag(m.close) OVER neighbours AS before_close, lag(s.row) OVER neighbours AS before_row
    FROM market_data m LEFT JOIN staged s ON s.instrument_id = m.instrument_id AND s.time = m.time
    WHERE m.bar_size = '1d' AND m.instrument_id = ANY(%(ids)s)
      AND m.time BETWEEN %(first)s::timestamptz - interval '366 days' AND %(last)s::timestamptz + interval '366 days'
    WINDOW neighbours AS (PARTITION BY m.instrument_id ORDER BY m.time)
)
SELECT instrument_id, time, row, before_time, before_row FROM series
WHERE (row IS NULL) <> (before_row IS NULL) AND time - before_time <= interval '366 days'
  AND abs(ln(close / before_close)) > %(jump)s
ORDER BY instrument_id, time;

-- name: ingestions_closes_around
-- Daily closes around a bar: it, up to 31 before and 31 after, ascending.
SELECT time, close FROM (
    (SELECT time, close FROM market_data
     WHERE instrument_id = %(instrument_id)s AND bar_size = '1d' AND time < %(time)s ORDER BY time DESC LIMIT 31)
    UNION ALL
    (SELECT time, close FROM market_data
     WHERE instrument_id = %(instrument_id)s AND bar_size = '1d' AND time >= %(time)s ORDER BY time LIMIT 32)
) around ORDER BY time;

-- name: ingestions_insert
-- A finished ingestion with its counts.
INSERT INTO ingestions (id, user_id, source, filename, content_hash, bar_size, column_mapping, state, rows_read,
    rows_inserted, rows_updated, rows_unchanged, rows_quarantined, symbols_count, findings, notes, finished_at)
VALUES (%(id)s, %(user_id)s, %(source)s, %(filename)s, %(content_hash)s, %(bar_size)s, %(column_mapping)s, 'done',
    %(rows_read)s, %(rows_inserted)s, %(rows_updated)s, %(rows_unchanged)s, %(rows_quarantined)s,
    %(symbols_count)s, %(findings)s, %(notes)s, now());

-- name: ingestions_audit
-- A row in the user's audit chain.
SELECT audit_append('user:' || %(user_id)s::uuid, %(user_id)s::uuid, 'user', 'ingestion.store', %(id)s::text, %(detail)s);

-- name: ingestions_quarantine
-- Keep flawed rows, whole; one that is kept already is not kept twice.
INSERT INTO quarantine (user_id, ingestion_id, row_number, symbol, bar_size, row_time, raw, reasons, row_hash)
SELECT %(user_id)s, %(ingestion_id)s, flawed.row_number, flawed.symbol, %(bar_size)s, flawed.row_time, flawed.raw,
       flawed.reasons, flawed.row_hash
FROM jsonb_to_recordset(%(rows)s) AS flawed (row_number bigint, symbol text, row_time text, raw jsonb, reasons jsonb,
                                             row_hash text)
ON CONFLICT (user_id, row_hash) DO NOTHING;

-- name: ingestions_get
-- One ingestion.
SELECT id, source, filename, bar_size, column_mapping, state, rows_read, rows_inserted, rows_updated, rows_unchanged,
       rows_quarantined, symbols_count, findings, notes, error, created_at, finished_at
FROM ingestions WHERE id = %(id)s AND user_id = %(user_id)s;

-- name: ingestions_list
-- A page of a user's ingestions, newest first.
SELECT id, source, filename, bar_size, column_mapping, state, rows_read, rows_inserted, rows_updated, rows_unchanged,
       rows_quarantined, symbols_count, findings, notes, error, created_at, finished_at
FROM ingestions
WHERE user_id = %(user_id)s
  AND (%(before)s::timestamptz IS NULL OR (created_at, id) < (%(before)s, %(before_id)s::uuid))
ORDER BY created_at DESC, id DESC LIMIT %(limit)s;

-- name: ingestions_quarantined
-- A page of a user's quarantined rows, newest first.
SELECT id, ingestion_id, row_number, symbol, bar_size, row_time, raw, reasons, created_at, repaired_at FROM quarantine
WHERE user_id = %(user_id)s
  AND (%(before_id)s::bigint IS NULL OR id < %(before_id)s)
  AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s)
  AND (%(ingestion_id)s::uuid IS NULL OR ingestion_id = %(ingestion_id)s)
  AND (%(code)s::text IS NULL OR reasons @> jsonb_build_array(jsonb_build_object('code', %(code)s::text)))
ORDER BY id DESC LIMIT %(limit)s;
