-- When something was raised last, one row for each user, kind and subject: whoever raises the same at the same moment
-- waits for the row and then finds it raised.
CREATE TABLE alert_subjects (
    user_id uuid NOT NULL REFERENCES users,
    kind text NOT NULL,
    subject text NOT NULL,
    raised_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, kind, subject)
);
INSERT INTO alert_subjects SELECT user_id, kind, subject, max(created_at) FROM alerts GROUP BY user_id, kind, subject;
CREATE INDEX ON alerts (user_id, seq DESC) WHERE NOT acknowledged;

-- A function that works for a user may raise an alert for that user alone.
GRANT SELECT, INSERT, UPDATE, DELETE ON alert_subjects TO causeway_service;
GRANT SELECT, INSERT, UPDATE (raised_at) ON alert_subjects TO causeway_app;
GRANT INSERT, UPDATE (seq) ON alert_heads TO causeway_app;
GRANT INSERT (user_id, seq, kind, subject, severity, text) ON alerts TO causeway_app;

ALTER TABLE alert_subjects ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON alert_subjects TO causeway_app USING (user_id = current_user_id())
    WITH CHECK (user_id = current_user_id());
CREATE POLICY service ON alert_subjects TO causeway_service USING (true) WITH CHECK (true);
