-- Quarantined rows as bars: for repairs, and as neighbours of bars that are judged.

-- name: quarantine_repairable
-- A user's rows with one of these flaws that are not repaired, oldest first; at most 10,000, the newest.
SELECT * FROM (
    SELECT q.id, q.raw, i.column_mapping FROM quarantine q JOIN ingestions i ON i.id = q.ingestion_id
    WHERE q.user_id = %(user_id)s AND q.symbol = %(symbol)s AND q.bar_size = %(bar_size)s AND q.repaired_at IS NULL
      AND EXISTS (SELECT FROM jsonb_array_elements(q.reasons) r WHERE r->>'code' = ANY(%(codes)s))
    ORDER BY q.id DESC LIMIT 10000) newest
ORDER BY id;

-- name: quarantine_fetched
-- Rows that fetches brought, within a range of times as they are written (ISO 8601 with Z), without foreign ones.
SELECT q.id, q.raw, i.column_mapping FROM quarantine q JOIN ingestions i ON i.id = q.ingestion_id
WHERE q.user_id = %(user_id)s AND q.symbol = %(symbol)s AND q.bar_size = %(bar_size)s AND q.repaired_at IS NULL
  AND i.column_mapping = '{}' AND q.row_time BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT FROM jsonb_array_elements(q.reasons) r WHERE r->>'code' = ANY(%(foreign)s))
ORDER BY q.id LIMIT 2000;

-- name: quarantine_known
-- Which of these rows a user has in quarantine.
SELECT row_hash FROM quarantine WHERE user_id = %(user_id)s AND row_hash = ANY(%(hashes)s);

-- name: quarantine_lock
-- A row that a repair is of, held to the end of the transaction.
SELECT id, repaired_at FROM quarantine WHERE id = %(id)s AND user_id = %(user_id)s FOR UPDATE;

-- name: quarantine_repaired
-- A repair brought the row into the table.
UPDATE quarantine SET repaired_at = now() WHERE id = %(id)s AND user_id = %(user_id)s;
