CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    name text NOT NULL DEFAULT '',
    spec jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    stage text NOT NULL DEFAULT 'validate'
        CHECK (stage IN ('validate', 'prepare', 'shards', 'aggregate', 'signals', 'evaluation', 'store')),
    progress double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    message text NOT NULL DEFAULT '',
    result_id text,
    attempt integer NOT NULL DEFAULT 0,
    cancel_requested_at timestamptz,
    runner text NOT NULL DEFAULT '',
    heartbeat_at timestamptz,
    error jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX ON jobs (user_id, created_at DESC);
CREATE INDEX ON jobs (created_at) WHERE state IN ('queued', 'running');
CREATE INDEX ON jobs (result_id);

CREATE TABLE job_shards (
    job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
    target text NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
    attempt integer NOT NULL DEFAULT 0,
    error jsonb,
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (job_id, target)
);

-- Answers, shared by equal questions and never changed.
CREATE TABLE analysis_results (
    result_id text PRIMARY KEY,
    analysis_type text NOT NULL,
    spec jsonb NOT NULL,
    seed bigint NOT NULL,
    data_hash text NOT NULL,
    code_version text NOT NULL,
    engine_version text NOT NULL,
    summary jsonb NOT NULL,
    evaluation jsonb NOT NULL,
    processing_time_ms integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- Every link that the inference kept, significant after correction or not; q decides.
CREATE TABLE links (
    result_id text NOT NULL REFERENCES analysis_results,
    source text NOT NULL,
    target text NOT NULL,
    lag_bars integer NOT NULL,
    lags integer[] NOT NULL,
    te_nats double precision NOT NULL,
    p double precision NOT NULL,
    q double precision NOT NULL,
    coefficient double precision,
    PRIMARY KEY (result_id, source, target)
);
-- Weights of the signal over the evaluation range; a weight is known at its time, the end of a bar.
CREATE TABLE signals (
    result_id text NOT NULL REFERENCES analysis_results,
    symbol text NOT NULL,
    time timestamptz NOT NULL,
    forecast double precision NOT NULL,
    weight double precision NOT NULL,
    PRIMARY KEY (result_id, symbol, time)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER immutable BEFORE UPDATE ON analysis_results FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE ON links FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE ON signals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
