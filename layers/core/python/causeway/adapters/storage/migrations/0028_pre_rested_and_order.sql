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

-- As before, for two who come first to a year at once: the lock on the table shows the second one that the part is there
-- now, which the advisory lock does not; and nothing comes into the default part between moving its rows and attaching.
CREATE OR REPLACE FUNCTION series.ensure_partitions(name text, since timestamptz, until timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    year integer;
    part text;
    starts timestamptz;
    ends timestamptz;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM series.registered r WHERE r.name = ensure_partitions.name) THEN
        RAISE EXCEPTION 'not a series: %', name;
    END IF;
    IF series.has_timescale() THEN
        RETURN 0;
    END IF;
    -- whoever may call this cannot fill the catalogue: other years stay in the default partition
    since := greatest(since, timestamptz '1900-01-01 00:00:00+00');
    until := least(until, now() + interval '2 years');
    FOR year IN extract(year FROM since AT TIME ZONE 'UTC')::int .. extract(year FROM until AT TIME ZONE 'UTC')::int LOOP
        part := name || '_' || year;
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('series.' || name));
        EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', name);
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        starts := make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC');
        ends := make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC');
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, name);
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', name || '_default');
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE time >= %L AND time < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
            name || '_default', starts, ends, part);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, part, starts, ends);
        EXECUTE format('CREATE INDEX ON %I USING brin (time)', part);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
