-- Retention that no writer deadlocks with, and that forgets no bar which was stored meanwhile.
--
-- Everybody takes a lock on market_data before those on what is derived from it. Retention takes the strongest that it
-- will need at once: one that is raised later waits for those who have read and now wait to write.

CREATE OR REPLACE FUNCTION series.drop_before(name text, moment timestamptz, sizes text[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    part text;
    dropped bigint;
    others bigint;
    removed bigint := 0;
    has_others boolean;
    gone text[] := coalesce(sizes, ARRAY(SELECT DISTINCT bar_size FROM bar_coverage));
BEGIN
    IF name <> 'market_data' THEN
        RAISE EXCEPTION 'expected market_data, the one series that has a retention; found %', name;
    END IF;
    -- Not the lock of ensure_partitions: who stores bars may ask for that one while holding the table's.
    PERFORM pg_advisory_xact_lock(hashtext('retention.' || name));
    FOR part IN SELECT series.whole_parts_before(name, moment) LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE bar_size <> ALL($1))', part) INTO has_others USING gone;
        CONTINUE WHEN has_others;
        -- Dropping a part locks the table for readers too. No bar comes between counting and dropping.
        LOCK TABLE ONLY market_data IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('SELECT count(*), count(*) FILTER (WHERE bar_size <> ALL($1)) FROM %s', part)
            INTO dropped, others USING gone;
        CONTINUE WHEN others > 0;
        EXECUTE format('DROP TABLE %s', part);
        removed := removed + dropped;
    END LOOP;
    -- Writers wait, readers do not: a bar that was being stored is removed and counted with the others.
    LOCK TABLE ONLY market_data IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM market_data m WHERE m.time < moment AND (sizes IS NULL OR m.bar_size = ANY(sizes));
    GET DIAGNOSTICS dropped = ROW_COUNT;
    removed := removed + dropped;
    IF removed > 0 THEN
        PERFORM series.forget_before(moment, sizes);
        INSERT INTO bars_dropped AS held (bar_size, before) SELECT size, moment FROM unnest(gone) AS size
        ON CONFLICT (bar_size) DO UPDATE SET before = greatest(held.before, excluded.before);
    END IF;
    RETURN removed;
END $$;

CREATE OR REPLACE FUNCTION series.refresh_rollups(most integer DEFAULT 100) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stale_id integer;
    spans tstzmultirange;
BEGIN
    -- Retention removes rows of the same tables; the two take turns, and both lock market_data before anything else.
    PERFORM pg_advisory_xact_lock(hashtext('retention.market_data'));
    IF series.has_continuous_aggregates() THEN
        DELETE FROM rollup_stale s WHERE s.marked_at < (
            SELECT max(t.last_run_started_at) - interval '5 minutes' FROM timescaledb_information.job_stats t
            JOIN timescaledb_information.jobs j USING (job_id)
            WHERE j.proc_name = 'policy_refresh_continuous_aggregate' AND t.last_run_status = 'Success');
        RETURN 0;
    END IF;
    LOCK TABLE ONLY market_data IN ACCESS SHARE MODE;
    FOR stale_id IN SELECT DISTINCT s.instrument_id FROM rollup_stale s ORDER BY 1 LIMIT most LOOP
        PERFORM FROM instruments i WHERE i.id = stale_id FOR NO KEY UPDATE;
        WITH taken AS (DELETE FROM rollup_stale s WHERE s.instrument_id = stale_id RETURNING s.since, s.until)
        SELECT range_agg(tstzrange(since, until)) INTO spans FROM taken;
        CONTINUE WHEN spans IS NULL;
        DELETE FROM market_data_1h h WHERE h.instrument_id = stale_id AND spans @> h.time;
        INSERT INTO market_data_1h SELECT f.* FROM unnest(spans) AS span (span)
        CROSS JOIN LATERAL series.hours_of_minutes(stale_id, lower(span.span), upper(span.span)) f;
    END LOOP;
    RETURN (SELECT count(DISTINCT s.instrument_id) FROM rollup_stale s);
END $$;
