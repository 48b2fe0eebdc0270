-- What a quality report is made of.

-- name: quality_extent
-- First and last bar of an instrument at one bar size, in a range.
SELECT min(time) AS first, max(time) AS last, count(*) AS bars FROM market_data
WHERE instrument_id = %(instrument_id)s AND bar_size = %(bar_size)s AND time >= %(start)s AND time < %(end)s;

-- name: quality_sources
-- Bars by source.
SELECT source, count(*) AS bars FROM market_data
WHERE instrument_id = %(instrument_id)s AND bar_size = %(bar_size)s AND time >= %(start)s AND time < %(end)s
GROUP BY source ORDER BY bars DESC, source;

-- name: quality_quarantined
-- The user's quarantined rows of a symbol by code; a row with several codes counts for each.
SELECT reason->>'code' AS code, count(DISTINCT q.id) AS rows
FROM quarantine q CROSS JOIN LATERAL jsonb_array_elements(q.reasons) AS reason
WHERE q.user_id = %(user_id)s AND q.symbol = %(symbol)s AND q.bar_size = %(bar_size)s
GROUP BY 1 ORDER BY rows DESC, code;

-- name: quality_calendar
-- The exchange calendar of an instrument.
SELECT calendar FROM instruments WHERE id = %(instrument_id)s;
