-- Counting again locks as loads and retention do: market_data first, then what is derived from it. Without that, one that
-- is called by hand holds bar_coverage and waits for market_data, while retention holds that and waits for bar_coverage.
CREATE OR REPLACE FUNCTION series.recount(size text DEFAULT NULL, first_year integer DEFAULT 1,
                                          last_year integer DEFAULT 9998, ids integer[] DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    counted integer;
BEGIN
    LOCK TABLE ONLY market_data IN ACCESS SHARE MODE;
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

-- What was raised last is looked up in alert_subjects; no query of alerts asks by kind, subject or time.
DROP INDEX IF EXISTS alerts_user_id_kind_subject_created_at_idx;

-- Spans of a series that its provider's history has not got as finely: bars of another size stand in for them.
CREATE TABLE stand_ins (
    instrument_id integer NOT NULL REFERENCES instruments,
    bar_size text NOT NULL,
    first timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > first),
    of_size text NOT NULL,
    reason text NOT NULL CHECK (length(reason) <= 500),
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (instrument_id, bar_size, first)
);
GRANT SELECT ON stand_ins TO causeway_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON stand_ins TO causeway_service;
