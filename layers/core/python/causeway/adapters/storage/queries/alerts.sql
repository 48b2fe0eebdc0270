-- Alerts: raised once per quiet time, numbered without gaps per user.

-- name: alerts_raise
-- One more alert of a user, unless the same kind and subject was raised within the quiet time; its sequence number.
-- Two that raise the same at once meet at the row of its subject.
WITH due AS (
    INSERT INTO alert_subjects AS s (user_id, kind, subject, raised_at)
    VALUES (%(user_id)s, %(kind)s, %(subject)s, clock_timestamp())
    ON CONFLICT (user_id, kind, subject) DO UPDATE SET raised_at = excluded.raised_at
    WHERE s.raised_at <= excluded.raised_at - make_interval(secs => %(quiet_s)s)
    RETURNING user_id
), head AS (
    INSERT INTO alert_heads AS h (user_id, seq) SELECT user_id, 1 FROM due
    ON CONFLICT (user_id) DO UPDATE SET seq = h.seq + 1
    RETURNING user_id, seq
)
INSERT INTO alerts (user_id, seq, kind, subject, severity, text)
SELECT user_id, seq, %(kind)s, %(subject)s, %(severity)s, %(text)s FROM head
RETURNING seq

-- name: alerts_recipients
-- Active users; of one role where it is given.
SELECT id FROM users WHERE is_active AND (%(role)s::text IS NULL OR role = %(role)s) ORDER BY id

-- name: alerts_head
-- Sequence number of a user's last alert; no row where there is none.
SELECT seq FROM alert_heads WHERE user_id = %(user_id)s

-- name: alerts_after
-- Alerts of a user after a sequence number, ascending.
SELECT seq, kind, subject, severity, text, created_at, acknowledged, resolved_at FROM alerts
WHERE user_id = %(user_id)s AND seq > %(after)s ORDER BY seq LIMIT %(most)s

-- name: alerts_page
-- Alerts of a user before a sequence number, newest first; of one severity and unseen ones alone where asked for.
SELECT seq, kind, subject, severity, text, created_at, acknowledged, resolved_at FROM alerts
WHERE user_id = %(user_id)s AND (%(before)s::bigint IS NULL OR seq < %(before)s)
  AND (%(severity)s::text IS NULL OR severity = %(severity)s) AND (NOT %(unseen)s OR NOT acknowledged AND resolved_at IS NULL)
ORDER BY seq DESC LIMIT %(most)s

-- name: alerts_unseen
-- How many alerts a user has not seen; what is over by itself needs not be seen.
SELECT count(*) AS unseen FROM alerts WHERE user_id = %(user_id)s AND NOT acknowledged AND resolved_at IS NULL

-- name: alerts_acknowledge
-- A user has seen his alerts up to a sequence number.
UPDATE alerts SET acknowledged = true WHERE user_id = %(user_id)s AND seq <= %(to_seq)s AND NOT acknowledged

-- name: alerts_acknowledge_one
-- A user has seen one alert; no row where he has none of this number.
UPDATE alerts SET acknowledged = true WHERE user_id = %(user_id)s AND seq = %(seq)s
RETURNING seq, kind, subject, severity, text, created_at, acknowledged, resolved_at

-- name: alerts_resolve
-- What these alerts told of is over, whoever was told. If it comes again it is told again, whatever its quiet time.
WITH told AS (DELETE FROM alert_subjects WHERE kind = %(kind)s AND subject = %(subject)s)
UPDATE alerts SET resolved_at = clock_timestamp() WHERE kind = %(kind)s AND subject = %(subject)s AND resolved_at IS NULL
RETURNING user_id, seq
