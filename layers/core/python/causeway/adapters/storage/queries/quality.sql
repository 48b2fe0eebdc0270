-- What a quality report is made of.

-- name: quality_extent
-- First and last bar of an instrument at one bar size, in a range.
SELECT min(time) AS first, max(time) AS last, count(*) AS bars FROM market_data
WHERE instrument_id = %(instrument_id)s AND bar_size = %(bar_size)s AND time >= %(start)s AND time < %(end)s;

-- name: quality_stored
-- The same of everything that is stored, from the bars of each year; null and 0 where nothing is.
SELECT min(first) AS first, max(last) AS last, coalesce(sum(total), 0) AS bars FROM bar_coverage
WHERE instrument_id = %(instrument_id)s AND bar_size = %(bar_size)s;

-- name: quality_sources
-- Bars by source.
SELECT source, count(*) AS bars FROM market_data
WHERE instrument_id = %(instrument_id)s AND bar_size = %(bar_size)s AND time >= %(start)s AND time < %(end)s
GROUP BY source ORDER BY bars DESC, source;

-- name: quality_quarantined
-- The user's quarantined rows of a symbol that were not repaired, by code; a row with several codes counts for each.
SELECT reason->>'code' AS code, count(DISTINCT q.id) AS rows
FROM quarantine q CROSS JOIN LATERAL jsonb_array_elements(q.reasons) AS reason
WHERE q.user_id = %(user_id)s AND q.symbol = %(symbol)s AND q.bar_size = %(bar_size)s AND q.repaired_at IS NULL
GROUP BY 1 ORDER BY rows DESC, code;

-- name: quality_quarantined_rows
-- The same rows, each counted once.
SELECT count(*) AS rows FROM quarantine
WHERE user_id = %(user_id)s AND symbol = %(symbol)s AND bar_size = %(bar_size)s AND repaired_at IS NULL;

-- name: quality_calendar
-- The exchange calendar of an instrument.
SELECT calendar FROM instruments WHERE id = %(instrument_id)s;
