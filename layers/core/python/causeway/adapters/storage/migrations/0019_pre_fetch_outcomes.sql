-- A fetch can end partly, or wait until a provider's plan allows more.
ALTER TABLE fetch_jobs DROP CONSTRAINT fetch_jobs_state_check;
ALTER TABLE fetch_jobs ADD CONSTRAINT fetch_jobs_state_check
    CHECK (state IN ('queued', 'running', 'waiting', 'succeeded', 'partly', 'failed', 'cancelled'));
ALTER TABLE fetch_jobs ADD COLUMN waits_until timestamptz;
ALTER TABLE fetch_jobs ADD CONSTRAINT fetch_jobs_waits CHECK ((state = 'waiting') = (waits_until IS NOT NULL));
CREATE INDEX fetch_jobs_waiting ON fetch_jobs (waits_until) WHERE state = 'waiting';

-- What became of a symbol, and the first and last bar that a provider gave for it.
ALTER TABLE fetch_symbols ADD COLUMN outcome text NOT NULL DEFAULT ''
    CHECK (outcome IN ('', 'stored', 'already_stored', 'nothing', 'unknown', 'refused', 'failed'));
ALTER TABLE fetch_symbols ADD COLUMN first_bar timestamptz;
ALTER TABLE fetch_symbols ADD COLUMN last_bar timestamptz;
-- A provider that had nothing is not asked again for a while, as one that had something.
CREATE INDEX fetch_symbols_nothing ON fetch_symbols (symbol, finished_at) WHERE outcome = 'nothing';
GRANT UPDATE (waits_until) ON fetch_jobs TO causeway_app;
