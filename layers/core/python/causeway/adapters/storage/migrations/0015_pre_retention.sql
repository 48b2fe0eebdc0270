-- Retention that loses nothing else and leaves no half of a coarse bar to be read as a whole one.

-- Up to when bars of a size were removed. A coarser bar around that moment is not made from what is left.
CREATE TABLE bars_dropped (bar_size text PRIMARY KEY, before timestamptz NOT NULL);
GRANT SELECT ON bars_dropped TO causeway_app, causeway_service;

-- Remove what starts before a moment: bars of these sizes, of all where sizes is null; how many rows. Partitions and chunks
-- that hold nothing else go whole. Hours of removed minutes go too.
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
    PERFORM pg_advisory_xact_lock(hashtext('series.' || name));
    FOR part IN SELECT series.whole_parts_before(name, moment) LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE bar_size <> ALL($1))', part) INTO has_others USING gone;
        CONTINUE WHEN has_others;
        -- Writers wait, readers do not, so that no bar comes between counting and dropping.
        LOCK TABLE ONLY market_data IN SHARE ROW EXCLUSIVE MODE;
        EXECUTE format('SELECT count(*), count(*) FILTER (WHERE bar_size <> ALL($1)) FROM %s', part)
            INTO dropped, others USING gone;
        CONTINUE WHEN others > 0;
        EXECUTE format('DROP TABLE %s', part);
        removed := removed + dropped;
    END LOOP;
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
