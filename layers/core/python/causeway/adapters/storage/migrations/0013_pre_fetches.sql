-- Fetches from providers: a job of a user, and where each of its symbols stands.
CREATE TABLE fetch_jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    name text NOT NULL DEFAULT '',
    spec jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    message text NOT NULL DEFAULT '',
    schedule text NOT NULL DEFAULT '',                  -- which schedule asked for it, and for which session
    session date,
    retry_of uuid REFERENCES fetch_jobs ON DELETE SET NULL,
    cancel_requested_at timestamptz,
    runner text NOT NULL DEFAULT '',
    heartbeat_at timestamptz,
    attempt integer NOT NULL DEFAULT 0,                 -- claims since it last got further
    progress double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    rows_per_s double precision,
    eta_s double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    CHECK ((schedule = '') = (session IS NULL))
);
CREATE INDEX ON fetch_jobs (user_id, created_at DESC, id DESC);
CREATE INDEX ON fetch_jobs (created_at) WHERE state IN ('queued', 'running');
-- A schedule runs once for a session.
CREATE UNIQUE INDEX fetch_jobs_scheduled ON fetch_jobs (schedule, session) WHERE schedule <> '';

-- ranges: what is asked for, planned when the symbol's turn comes: [[start, end], ...].
-- resume: every bar of them that starts before it is stored; it moves with the bars, in their transaction.
CREATE TABLE fetch_symbols (
    job_id uuid NOT NULL REFERENCES fetch_jobs ON DELETE CASCADE,
    symbol text NOT NULL CHECK (symbol = upper(symbol) AND length(symbol) BETWEEN 1 AND 32),
    position integer NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    ranges jsonb,
    resume timestamptz,
    pages integer NOT NULL DEFAULT 0,
    rows_read bigint NOT NULL DEFAULT 0,
    rows_inserted bigint NOT NULL DEFAULT 0,
    rows_updated bigint NOT NULL DEFAULT 0,
    rows_unchanged bigint NOT NULL DEFAULT 0,
    rows_quarantined bigint NOT NULL DEFAULT 0,
    holes bigint NOT NULL DEFAULT 0,
    actions integer NOT NULL DEFAULT 0,                 -- splits and dividends that were new
    sources text[] NOT NULL DEFAULT '{}',               -- which providers answered
    message text NOT NULL DEFAULT '',
    error jsonb,
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (job_id, symbol)
);
CREATE INDEX ON fetch_symbols (symbol, finished_at) WHERE state = 'succeeded';

GRANT SELECT, INSERT, UPDATE, DELETE ON fetch_jobs, fetch_symbols TO causeway_service;
GRANT SELECT ON fetch_jobs, fetch_symbols TO causeway_app;
GRANT INSERT (id, user_id, name, spec, message, retry_of) ON fetch_jobs TO causeway_app;
GRANT UPDATE (state, message, cancel_requested_at, finished_at) ON fetch_jobs TO causeway_app;
GRANT INSERT (job_id, symbol, position) ON fetch_symbols TO causeway_app;
GRANT UPDATE (state, finished_at) ON fetch_symbols TO causeway_app;

ALTER TABLE fetch_jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON fetch_jobs TO causeway_app USING (user_id = current_user_id())
    WITH CHECK (user_id = current_user_id());
CREATE POLICY service ON fetch_jobs TO causeway_service USING (true) WITH CHECK (true);
ALTER TABLE fetch_symbols ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON fetch_symbols TO causeway_app
    USING (EXISTS (SELECT FROM fetch_jobs j WHERE j.id = job_id AND j.user_id = current_user_id()))
    WITH CHECK (EXISTS (SELECT FROM fetch_jobs j WHERE j.id = job_id AND j.user_id = current_user_id()));
CREATE POLICY service ON fetch_symbols TO causeway_service USING (true) WITH CHECK (true);
