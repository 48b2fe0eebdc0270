-- Repairs of bars that are stored or in quarantine, and of corporate actions: proposed, then accepted or rejected by a
-- user.

-- name: repairs_propose
-- Keep proposals. None for a bar that has an open one, whatever its flaw, while the bar is what it was. One that the user
-- rejected is not kept again while the bar and the proposal are what they were. found null: nothing is stored.
INSERT INTO repair_proposals (user_id, instrument_id, bar_size, time, code, reason, found, proposed, quarantine_id)
SELECT %(user_id)s, %(instrument_id)s, %(bar_size)s, one.time, one.code, one.reason, one.found, one.proposed,
       one.quarantine_id
FROM jsonb_to_recordset(%(proposals)s) AS one (time timestamptz, code text, reason text, found jsonb, proposed jsonb,
                                               quarantine_id bigint)
WHERE NOT EXISTS (SELECT FROM repair_proposals r
                  WHERE r.user_id = %(user_id)s AND r.instrument_id = %(instrument_id)s AND r.bar_size = %(bar_size)s
                    AND r.time = one.time AND r.found IS NOT DISTINCT FROM one.found
                    AND (r.state = 'proposed'
                         OR r.state = 'rejected' AND r.code = one.code AND r.proposed = one.proposed))
ON CONFLICT (user_id, instrument_id, bar_size, time, code) WHERE state = 'proposed' DO NOTHING
RETURNING id;

-- name: repairs_propose_actions
-- Keep proposals for corporate actions, by the same rules. What is no longer recorded as it was found is left out.
INSERT INTO repair_proposals (user_id, instrument_id, kind, time, code, reason, found, proposed)
SELECT %(user_id)s, %(instrument_id)s, one.kind, one.time, one.code, one.reason, one.found, one.proposed
FROM jsonb_to_recordset(%(proposals)s) AS one (kind text, time timestamptz, code text, reason text, found jsonb,
                                               proposed jsonb)
JOIN corporate_actions a ON a.instrument_id = %(instrument_id)s AND a.kind = one.kind
    AND a.ex_date = (one.time AT TIME ZONE 'UTC')::date AND a.value = (one.found->>'value')::numeric
WHERE NOT EXISTS (SELECT FROM repair_proposals r
                  WHERE r.user_id = %(user_id)s AND r.instrument_id = %(instrument_id)s AND r.kind = one.kind
                    AND r.time = one.time AND r.found = one.found
                    AND (r.state = 'proposed'
                         OR r.state = 'rejected' AND r.code = one.code AND r.proposed = one.proposed))
ON CONFLICT (user_id, instrument_id, kind, time, code) WHERE state = 'proposed' AND kind <> 'bar' DO NOTHING
RETURNING id;

-- name: repairs_list
-- A page of a user's proposals, newest first, those of one look by the time of what they are about; a bar's symbol is that
-- of its time, an action's the present one.
SELECT r.id, r.instrument_id, s.symbol, r.kind, r.bar_size, r.time, r.code, r.reason, r.found, r.proposed, r.state, r.remark,
       r.created_at, r.decided_at, r.quarantine_id IS NOT NULL AS in_quarantine
FROM repair_proposals r
LEFT JOIN symbols s ON s.instrument_id = r.instrument_id
    AND tstzrange(s.valid_from, s.valid_to) @> CASE r.kind WHEN 'bar' THEN r.time ELSE now() END
WHERE r.user_id = %(user_id)s
  AND (%(state)s::text IS NULL OR r.state = %(state)s)
  AND (%(symbol)s::text IS NULL OR s.symbol = %(symbol)s)
  AND (%(before)s::timestamptz IS NULL OR (r.created_at, r.time, r.id) < (
        %(before)s,
        coalesce((SELECT time FROM repair_proposals WHERE id = %(before_id)s::uuid), 'infinity'),
        %(before_id)s::uuid))
ORDER BY r.created_at DESC, r.time DESC, r.id DESC LIMIT %(limit)s;

-- name: repairs_lock
-- One proposal, held to the end of the transaction.
SELECT id, instrument_id, kind, bar_size, time, code, reason, found, proposed, state, quarantine_id FROM repair_proposals
WHERE id = %(id)s AND user_id = %(user_id)s FOR UPDATE;

-- name: repairs_bars_at
-- Stored bars of what a symbol meant at these times, ascending.
SELECT b.time, b.open, b.high, b.low, b.close, b.volume
FROM symbols s JOIN market_data b ON b.instrument_id = s.instrument_id AND b.time >= s.valid_from AND b.time < s.valid_to
WHERE s.symbol = %(symbol)s AND b.bar_size = %(bar_size)s AND b.time BETWEEN %(first)s AND %(last)s
  AND b.time = ANY(%(times)s::timestamptz[])
ORDER BY b.time;

-- name: repairs_stored_bar
-- The bar as it is stored now.
SELECT open, high, low, close, volume FROM market_data
WHERE instrument_id = %(instrument_id)s AND bar_size = %(bar_size)s AND time = %(time)s;

-- name: repairs_write_bar
-- The accepted values, with the repair as their source.
UPDATE market_data SET open = %(open)s, high = %(high)s, low = %(low)s, close = %(close)s, volume = %(volume)s,
    source = %(source)s, known_at = now()
WHERE instrument_id = %(instrument_id)s AND bar_size = %(bar_size)s AND time = %(time)s;

-- name: repairs_recorded_action
-- The action as it is recorded now, held to the end of the transaction.
SELECT value FROM corporate_actions
WHERE instrument_id = %(instrument_id)s AND kind = %(kind)s AND ex_date = %(ex_date)s FOR UPDATE;

-- name: repairs_write_action
-- The accepted value, with the repair as its source.
UPDATE corporate_actions SET value = coalesce(%(value)s, value), source = %(source)s, known_at = now()
WHERE instrument_id = %(instrument_id)s AND kind = %(kind)s AND ex_date = %(ex_date)s;

-- name: repairs_take_out_action
-- The action is recorded no longer; its versions keep it, and say with the source of the row who took it out.
DELETE FROM corporate_actions
WHERE instrument_id = %(instrument_id)s AND kind = %(kind)s AND ex_date = %(ex_date)s;

-- name: repairs_decide
-- Accepted or rejected, once.
UPDATE repair_proposals SET state = %(state)s, remark = %(remark)s, decided_at = now()
WHERE id = %(id)s AND user_id = %(user_id)s;

-- name: repairs_audit
-- A row in the user's audit chain.
SELECT audit_append('user:' || %(user_id)s::uuid, %(user_id)s::uuid, 'user', %(action)s::text, %(id)s::text, %(detail)s);
