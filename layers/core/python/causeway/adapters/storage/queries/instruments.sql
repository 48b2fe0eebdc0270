-- Facts of instruments, and their correction.

-- name: instrument_facts
-- What is known of the instrument that a symbol means now.
SELECT s.symbol, i.id AS instrument_id, i.name, i.exchange, i.asset_class, i.currency, i.calendar, i.revision
FROM symbols s JOIN instruments i ON i.id = s.instrument_id
WHERE s.symbol = %(symbol)s AND s.valid_to = 'infinity';

-- name: instrument_lock
-- Corrections of one instrument take turns. What loads bars of it is not held up.
SELECT i.id FROM instruments i JOIN symbols s ON s.instrument_id = i.id
WHERE s.symbol = %(symbol)s AND s.valid_to = 'infinity' FOR NO KEY UPDATE OF i;

-- name: instrument_correct
-- New facts of an instrument.
UPDATE instruments SET name = %(name)s, exchange = %(exchange)s, calendar = %(calendar)s,
    asset_class = %(asset_class)s, currency = %(currency)s, revision = %(revision)s
WHERE id = %(id)s;

-- name: instrument_audit
-- A row in the user's audit chain.
SELECT audit_append('user:' || %(user_id)s::uuid, %(user_id)s::uuid, %(actor)s::text, 'instrument.correct',
                    %(subject)s::text, %(detail)s::jsonb);
