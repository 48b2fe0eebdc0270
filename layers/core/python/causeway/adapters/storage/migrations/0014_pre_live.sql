-- What a user should know: feed outages, stale data, bursts of flagged data. seq has no gaps within a user, so that a
-- stream can resume; taking the next one locks the user's head.
CREATE TABLE alert_heads (
    user_id uuid PRIMARY KEY REFERENCES users,
    seq bigint NOT NULL CHECK (seq > 0)
);
CREATE TABLE alerts (
    user_id uuid NOT NULL REFERENCES users,
    seq bigint NOT NULL CHECK (seq > 0),
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,63}$'),
    subject text NOT NULL DEFAULT '' CHECK (length(subject) <= 200),
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged boolean NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, seq)
);
CREATE INDEX ON alerts (user_id, kind, subject, created_at DESC);

-- Tickets that open one WebSocket each: only a hash is stored. session_expires_at: when the sign-in behind it ends.
CREATE TABLE stream_tickets (
    ticket_hash bytea PRIMARY KEY CHECK (length(ticket_hash) = 32),
    user_id uuid NOT NULL REFERENCES users,
    role text NOT NULL,
    session_expires_at timestamptz,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON stream_tickets (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON alert_heads, alerts, stream_tickets TO causeway_service;
GRANT SELECT ON alert_heads, alerts TO causeway_app;
GRANT UPDATE (acknowledged) ON alerts TO causeway_app;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['alert_heads', 'alerts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I TO causeway_app USING (user_id = current_user_id()) '
                       'WITH CHECK (user_id = current_user_id())', name);
        EXECUTE format('CREATE POLICY service ON %I TO causeway_service USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
ALTER TABLE stream_tickets ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON stream_tickets TO causeway_service USING (true) WITH CHECK (true);
