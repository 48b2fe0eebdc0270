-- The market time since which an order of the paper venue waits at its own price: a halt in between ends that, whether or
-- not anybody looked at the order during it.
ALTER TABLE paper_orders ADD COLUMN rested_at timestamptz;

-- As before, with a bound on bars as well: twenty instruments that trade all day have 1.7 million seconds, more than one
-- statement moves in its time, and writers of them would wait for every failed try.
CREATE OR REPLACE FUNCTION series.put_in_order(most integer DEFAULT 20) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    most_bars CONSTANT integer := 100000;  -- of several instruments; one alone may have more
    taken bars_as_they_came;
    next integer[];
BEGIN
    -- As retention and rollups: they take turns, and lock market_data before anything else.
    PERFORM pg_advisory_xact_lock(hashtext('retention.market_data'));
    LOCK TABLE ONLY market_data IN ROW EXCLUSIVE MODE;
    SELECT * INTO taken FROM bars_as_they_came b WHERE b.day < now()::date ORDER BY b.day, b.bar_size LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT array_agg(few.instrument_id ORDER BY few.instrument_id) INTO next FROM (
        SELECT held.instrument_id, held.bars, sum(held.bars) OVER (ORDER BY held.instrument_id) AS so_far FROM (
            SELECT c.instrument_id, c.bars[extract(doy FROM taken.day)::integer] AS bars FROM bar_coverage c
            WHERE c.bar_size = taken.bar_size AND c.year = extract(year FROM taken.day)
              AND c.bars[extract(doy FROM taken.day)::integer] > 0 AND c.instrument_id > taken.done
            ORDER BY c.instrument_id LIMIT most) held) few
    WHERE few.so_far <= most_bars OR few.so_far = few.bars;
    IF next IS NULL THEN
        DELETE FROM bars_as_they_came b WHERE (b.bar_size, b.day) = (taken.bar_size, taken.day);
    ELSE
        PERFORM FROM instruments i WHERE i.id = ANY(next) ORDER BY i.id FOR NO KEY UPDATE;
        WITH moved AS (
            DELETE FROM market_data m WHERE m.instrument_id = ANY(next) AND m.bar_size = taken.bar_size
                AND m.time >= taken.day::timestamptz AND m.time < (taken.day + 1)::timestamptz
            RETURNING m.*)
        INSERT INTO market_data SELECT * FROM moved ORDER BY instrument_id, time;
        UPDATE bars_as_they_came b SET done = next[cardinality(next)]
            WHERE (b.bar_size, b.day) = (taken.bar_size, taken.day);
    END IF;
    RETURN (SELECT count(*) FROM bars_as_they_came b WHERE b.day < now()::date);
END $$;

-- A load that makes a year's part locks the default part against all readers, while it holds its instruments, and goes on
-- to bar_coverage. So counting again locks every part before bar_coverage, and rollups all their instruments before the
-- first part: what was locked one after the other met such a load in the middle.
CREATE OR REPLACE FUNCTION series.recount(size text DEFAULT NULL, first_year integer DEFAULT 1,
                                          last_year integer DEFAULT 9998, ids integer[] DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    counted integer;
BEGIN
    LOCK TABLE market_data IN ACCESS SHARE MODE;
    LOCK TABLE bar_coverage IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM bar_coverage c WHERE c.year BETWEEN first_year AND last_year
        AND (size IS NULL OR c.bar_size = size) AND (ids IS NULL OR c.instrument_id = ANY(ids));
    INSERT INTO bar_coverage (instrument_id, bar_size, year, bars, total, first, last)
    SELECT instrument_id, bar_size, extract(year FROM day)::integer,
           series.year_of_days(array_agg(extract(doy FROM day)::integer), array_agg(n)), sum(n), min(first), max(last)
    FROM (SELECT m.instrument_id, m.bar_size, m.time::date AS day, count(*)::integer AS n, min(m.time) AS first,
                 max(m.time) AS last
          FROM market_data m
          WHERE (size IS NULL OR m.bar_size = size) AND (ids IS NULL OR m.instrument_id = ANY(ids))
            AND m.time >= make_timestamptz(first_year, 1, 1, 0, 0, 0) AND m.time < make_timestamptz(last_year + 1, 1, 1, 0, 0, 0)
          GROUP BY 1, 2, 3) days
    GROUP BY 1, 2, 3;
    GET DIAGNOSTICS counted = ROW_COUNT;
    RETURN counted;
END $$;

CREATE OR REPLACE FUNCTION series.refresh_rollups(most integer DEFAULT 100) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stale integer[];
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
    SELECT array_agg(few.instrument_id) INTO stale FROM (
        SELECT DISTINCT s.instrument_id FROM rollup_stale s ORDER BY 1 LIMIT most) few;
    PERFORM FROM instruments i WHERE i.id = ANY(stale) ORDER BY i.id FOR NO KEY UPDATE;
    FOREACH stale_id IN ARRAY coalesce(stale, '{}') LOOP
        WITH taken AS (DELETE FROM rollup_stale s WHERE s.instrument_id = stale_id RETURNING s.since, s.until)
        SELECT range_agg(tstzrange(since, until)) INTO spans FROM taken;
        CONTINUE WHEN spans IS NULL;
        DELETE FROM market_data_1h h WHERE h.instrument_id = stale_id AND spans @> h.time;
        INSERT INTO market_data_1h SELECT f.* FROM unnest(spans) AS span (span)
        CROSS JOIN LATERAL series.hours_of_minutes(stale_id, lower(span.span), upper(span.span)) f;
    END LOOP;
    RETURN (SELECT count(DISTINCT s.instrument_id) FROM rollup_stale s);
END $$;
