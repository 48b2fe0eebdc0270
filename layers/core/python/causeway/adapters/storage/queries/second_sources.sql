-- Bars of providers that fetches were checked against, and the bars around those that are judged.

-- name: second_source_put
-- Keep bars of another provider, of whatever the symbol meant at each bar's time.
INSERT INTO second_source_bars AS held (instrument_id, bar_size, source, time, open, high, low, close, volume)
SELECT s.instrument_id, %(bar_size)s, %(source)s, bar.time, bar.open, bar.high, bar.low, bar.close, bar.volume
FROM unnest(%(time)s::timestamptz[], %(open)s::float8[], %(high)s::float8[], %(low)s::float8[], %(close)s::float8[],
            %(volume)s::float8[]) AS bar (time, open, high, low, close, volume)
JOIN symbols s ON s.symbol = %(symbol)s AND s.valid_from <= bar.time AND bar.time < s.valid_to
ON CONFLICT (instrument_id, bar_size, source, time) DO UPDATE
    SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, known_at = now()
    WHERE (held.open, held.high, held.low, held.close, held.volume)
          IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume);

-- name: second_source_read
-- Kept bars of other providers, packed (see packed_bars.py); without those of which the stored bar is theirs.
SELECT b.source,
       string_agg(timestamptz_send(b.time) || float8send(b.open) || float8send(b.high) || float8send(b.low)
                  || float8send(b.close) || float8send(b.volume), ''::bytea ORDER BY b.time) AS bars
FROM second_source_bars b
LEFT JOIN market_data m ON m.instrument_id = b.instrument_id AND m.bar_size = b.bar_size AND m.time = b.time
WHERE b.instrument_id = %(instrument_id)s AND b.bar_size = %(bar_size)s AND b.time >= %(start)s AND b.time < %(end)s
  AND m.source IS DISTINCT FROM b.source
GROUP BY b.source ORDER BY b.source;

-- name: second_source_unchecked
-- The last stored bars before a moment that a provider neither brought nor was asked about, latest first.
SELECT m.time, m.open, m.high, m.low, m.close, m.volume FROM market_data m JOIN symbols s USING (instrument_id)
WHERE s.symbol = %(symbol)s AND m.time >= s.valid_from AND m.time < s.valid_to AND m.bar_size = %(bar_size)s
  AND m.time >= %(start)s AND m.time < %(before)s AND m.source <> %(source)s
  AND NOT EXISTS (SELECT FROM second_source_bars b WHERE b.instrument_id = m.instrument_id AND b.bar_size = m.bar_size
                    AND b.source = %(source)s AND b.time = m.time)
ORDER BY m.time DESC LIMIT %(most)s;

-- name: second_source_own
-- How many stored bars came from a provider.
SELECT count(*) AS bars FROM market_data m JOIN symbols s USING (instrument_id)
WHERE s.symbol = %(symbol)s AND m.time >= s.valid_from AND m.time < s.valid_to AND m.bar_size = %(bar_size)s
  AND m.time >= %(start)s AND m.time < %(end)s AND m.source = %(source)s;

-- name: neighbours_before
-- The last stored bars before a moment, latest first.
SELECT m.time, m.open, m.high, m.low, m.close, m.volume FROM market_data m
WHERE m.instrument_id = %(instrument_id)s AND m.bar_size = %(bar_size)s AND m.time < %(time)s
  AND m.time >= %(earliest)s
ORDER BY m.time DESC LIMIT %(most)s;

-- name: neighbours_after
-- The first stored bars after a moment, ascending.
SELECT m.time, m.open, m.high, m.low, m.close, m.volume FROM market_data m
WHERE m.instrument_id = %(instrument_id)s AND m.bar_size = %(bar_size)s AND m.time > %(time)s
  AND m.time <= %(latest)s
ORDER BY m.time LIMIT %(most)s;
