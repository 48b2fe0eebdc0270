-- What is known of an answer beyond p and q, and how far each shard of a running job is.
ALTER TABLE job_shards ADD COLUMN progress double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1);

-- Start of every training bar of an answer; rows of target_details count from 0 into it.
CREATE TABLE result_times (
    result_id text PRIMARY KEY REFERENCES analysis_results,
    times timestamptz[] NOT NULL
);
CREATE TABLE target_details (
    result_id text NOT NULL REFERENCES analysis_results,
    target text NOT NULL,
    detail jsonb NOT NULL,
    rows integer[] NOT NULL,
    PRIMARY KEY (result_id, target)
);
-- local_te holds one value per row of the target's detail, in nats.
CREATE TABLE link_details (
    result_id text NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    detail jsonb NOT NULL,
    local_te real[] NOT NULL,
    PRIMARY KEY (result_id, source, target),
    FOREIGN KEY (result_id, source, target) REFERENCES links,
    FOREIGN KEY (result_id, target) REFERENCES target_details
);
-- The network window by window, where that was asked for.
CREATE TABLE result_windows (
    result_id text PRIMARY KEY REFERENCES analysis_results,
    windows jsonb NOT NULL
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['result_times', 'target_details', 'link_details', 'result_windows'] LOOP
        EXECUTE format('CREATE TRIGGER immutable BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO causeway_service', name);
        EXECUTE format('GRANT SELECT ON %I TO causeway_app', name);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY service ON %I TO causeway_service USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY own ON %I TO causeway_app USING (EXISTS (SELECT FROM jobs j '
                       'WHERE j.result_id = %I.result_id AND j.user_id = current_user_id()))', name, name);
    END LOOP;
END $$;
