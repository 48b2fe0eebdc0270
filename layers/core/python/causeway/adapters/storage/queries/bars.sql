-- Storing bars. Whoever stores holds the locks on the instruments' rows, so what is found stored stays as it is.

-- name: bars_stage
-- Holds bars until they are compared and stored; it stays with the connection, and a commit empties it.
CREATE TEMPORARY TABLE IF NOT EXISTS staged (
    row integer, instrument_id integer, time timestamptz,
    open double precision, high double precision, low double precision, close double precision,
    volume double precision
) ON COMMIT DELETE ROWS;

-- name: bars_stage_copy
-- Fill the staging table.
COPY staged FROM STDIN (FORMAT binary)

-- name: bars_unstage_all
-- Empty the staging table for the next part.
TRUNCATE staged;

-- name: bars_lock_instruments
-- Two writers of the same instruments go one after the other.
SELECT id FROM instruments WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE;

-- name: bars_ensure_partitions
-- Partitions for the years of the bars.
SELECT series.ensure_partitions('market_data', %(first)s, %(last)s);

-- name: bars_first_held
-- A stored bar within one of the ranges (both ends included), if there is any.
SELECT wanted.id FROM unnest(%(ids)s::integer[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
                      AS wanted (id, first, last)
CROSS JOIN LATERAL (SELECT FROM market_data m WHERE m.instrument_id = wanted.id AND m.bar_size = %(bar_size)s
                      AND m.time BETWEEN wanted.first AND wanted.last LIMIT 1) held
LIMIT 1;

-- name: bars_copy
-- Straight into the table, where nothing is stored in the range yet.
COPY market_data (bar_size, source, instrument_id, time, open, high, low, close, volume) FROM STDIN (FORMAT binary)

-- name: bars_copy_of_ingestion
-- The same for bars of an ingestion.
COPY market_data (bar_size, source, ingestion_id, instrument_id, time, open, high, low, close, volume)
FROM STDIN (FORMAT binary)

-- name: bars_put_staged
-- Store what is staged and count it; equal bars are left alone. How many were new, and how many changed.
WITH compared AS MATERIALIZED (
    SELECT s.instrument_id, s.time, s.open, s.high, s.low, s.close, s.volume, m.time IS NULL AS fresh
    FROM staged s LEFT JOIN market_data m
        ON m.instrument_id = s.instrument_id AND m.bar_size = %(bar_size)s AND m.time = s.time
       AND m.instrument_id = ANY(%(ids)s) AND m.time BETWEEN %(first)s AND %(last)s
    WHERE m.time IS NULL
       OR (m.open, m.high, m.low, m.close, m.volume) IS DISTINCT FROM (s.open, s.high, s.low, s.close, s.volume)
), put AS (
    INSERT INTO market_data AS held
        (instrument_id, bar_size, time, open, high, low, close, volume, source, ingestion_id)
    SELECT instrument_id, %(bar_size)s, time, open, high, low, close, volume, %(source)s, %(ingestion_id)s FROM compared
    ON CONFLICT (instrument_id, bar_size, time) DO UPDATE
        SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
            volume = excluded.volume, source = excluded.source, ingestion_id = excluded.ingestion_id, known_at = now()
), days AS (
    SELECT instrument_id, (time AT TIME ZONE 'UTC')::date AS day, count(*)::integer AS n, min(time) AS first,
           max(time) AS last
    FROM compared WHERE fresh GROUP BY 1, 2
), covered AS (
    INSERT INTO bar_coverage AS held (instrument_id, bar_size, year, bars, total, first, last)
    SELECT instrument_id, %(bar_size)s, extract(year FROM day)::integer,
           series.year_of_days(array_agg(extract(doy FROM day)::integer), array_agg(n)), sum(n), min(first), max(last)
    FROM days GROUP BY 1, 3
    ON CONFLICT (instrument_id, bar_size, year) DO UPDATE
        SET bars = series.sum_of_years(held.bars, excluded.bars), total = held.total + excluded.total,
            first = least(held.first, excluded.first), last = greatest(held.last, excluded.last)
), stale AS (
    INSERT INTO rollup_stale (instrument_id, since, until)
    SELECT instrument_id, series.bucket('1 hour', min(time)), series.bucket('1 hour', max(time)) + interval '1 hour'
    FROM compared WHERE %(bar_size)s = '1m' GROUP BY 1
)
SELECT count(*) FILTER (WHERE fresh) AS inserted, count(*) FILTER (WHERE NOT fresh) AS updated FROM compared;

-- name: bars_stage_years
-- Holds what a load adds to the coverage.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_years (
    instrument_id integer, year integer, total integer, first timestamptz, last timestamptz, bars integer[]
) ON COMMIT DELETE ROWS;

-- name: bars_unstage_years
-- Empty it for the next load of the transaction.
TRUNCATE staged_years;

-- name: bars_stage_years_copy
-- Fill it.
COPY staged_years FROM STDIN (FORMAT binary)

-- name: bars_add_coverage
-- Add staged counts to those stored.
INSERT INTO bar_coverage AS held (instrument_id, bar_size, year, bars, total, first, last)
SELECT instrument_id, %(bar_size)s, year, bars, total, first, last FROM staged_years
ON CONFLICT (instrument_id, bar_size, year) DO UPDATE
    SET bars = series.sum_of_years(held.bars, excluded.bars), total = held.total + excluded.total,
        first = least(held.first, excluded.first), last = greatest(held.last, excluded.last);

-- name: bars_mark_stale
-- Hours that are to be rolled up again, because minutes were stored in them.
INSERT INTO rollup_stale (instrument_id, since, until)
SELECT id, series.bucket('1 hour', first), series.bucket('1 hour', last) + interval '1 hour'
FROM unnest(%(ids)s::integer[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[]) AS wanted (id, first, last);

-- name: bars_ensure_ahead
-- Partitions of the year to come.
SELECT series.ensure_ahead() AS made;

-- name: bars_instruments_of
-- Instruments with bars of one size.
SELECT DISTINCT instrument_id FROM bar_coverage WHERE bar_size = %(bar_size)s;

-- name: bars_drop_before
-- Remove bars of one size that start before a moment, and those that they were checked against.
WITH others AS (DELETE FROM second_source_bars WHERE bar_size = %(bar_size)s AND time < %(moment)s)
SELECT series.drop_before('market_data', %(moment)s, ARRAY[%(bar_size)s]) AS removed;

-- name: bars_put_in_order
-- Put bars that came with time in the order of their instruments, of so many at once; how many days are left.
SELECT series.put_in_order(%(most)s) AS remaining;

-- name: bars_refresh_rollups
-- Roll hours up again, of so many instruments; how many are left.
SELECT series.refresh_rollups(%(most)s) AS remaining;
