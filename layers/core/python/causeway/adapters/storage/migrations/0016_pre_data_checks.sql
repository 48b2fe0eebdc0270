-- What the checks of market data reach: bars of a second source, repairs of rows in quarantine, and tickers over time
-- given by an admin over HTTP.

-- Bars of a provider that a fetch was checked against, beside those that are stored. Raw, stamped with their start.
CREATE TABLE second_source_bars (
    instrument_id integer NOT NULL REFERENCES instruments,
    bar_size text NOT NULL CHECK (bar_size IN ('1s', '5s', '1m', '5m', '15m', '1h', '1d')),
    source text NOT NULL,
    time timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision NOT NULL,
    known_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, bar_size, source, time)
);
GRANT SELECT ON second_source_bars TO causeway_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON second_source_bars TO causeway_service;

-- A row that an accepted repair brought into the table. It stays, so that what came is known.
ALTER TABLE quarantine ADD COLUMN repaired_at timestamptz;
GRANT UPDATE (repaired_at) ON quarantine TO causeway_app;

-- quarantine_id: the repair is of that row; nothing is stored in its place.
ALTER TABLE repair_proposals ADD COLUMN quarantine_id bigint REFERENCES quarantine ON DELETE SET NULL;
GRANT INSERT (quarantine_id) ON repair_proposals TO causeway_app;

-- Tickers are the installation's: who gives bars from one instrument to another is the service, or an admin.
CREATE FUNCTION require_operator() RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT pg_has_role(session_user, 'causeway_service', 'MEMBER')
       AND NOT EXISTS (SELECT FROM users WHERE id = current_user_id() AND role = 'admin' AND is_active) THEN
        RAISE EXCEPTION 'tickers over time are changed by an admin' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Forget the validity of symbols; it is written anew in the same transaction.
CREATE FUNCTION forget_symbols(in_symbols text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_operator();
    DELETE FROM symbols WHERE symbol = ANY(in_symbols);
END $$;

-- Give bars in [since, until) and actions from first to last to another instrument; how many. What the other one holds
-- already is dropped.
CREATE FUNCTION give_history(in_source integer, in_target integer, in_first date, in_last date,
                             in_since timestamptz, in_until timestamptz)
RETURNS TABLE (bars bigint, actions bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_operator();
    DELETE FROM market_data s USING market_data t
    WHERE s.instrument_id = in_source AND s.time >= in_since AND s.time < in_until
      AND t.instrument_id = in_target AND t.bar_size = s.bar_size AND t.time = s.time;
    DELETE FROM corporate_actions s USING corporate_actions t
    WHERE s.instrument_id = in_source AND s.ex_date BETWEEN in_first AND in_last
      AND t.instrument_id = in_target AND t.kind = s.kind AND t.ex_date = s.ex_date;
    DELETE FROM second_source_bars s USING second_source_bars t
    WHERE s.instrument_id = in_source AND s.time >= in_since AND s.time < in_until
      AND t.instrument_id = in_target AND t.bar_size = s.bar_size AND t.source = s.source AND t.time = s.time;
    UPDATE second_source_bars b SET instrument_id = in_target
    WHERE b.instrument_id = in_source AND b.time >= in_since AND b.time < in_until;
    UPDATE market_data b SET instrument_id = in_target
    WHERE b.instrument_id = in_source AND b.time >= in_since AND b.time < in_until;
    GET DIAGNOSTICS bars = ROW_COUNT;
    UPDATE corporate_actions a SET instrument_id = in_target
    WHERE a.instrument_id = in_source AND a.ex_date BETWEEN in_first AND in_last;
    GET DIAGNOSTICS actions = ROW_COUNT;
    RETURN NEXT;
END $$;
-- Count the bars of instruments again.
CREATE FUNCTION recount_given(in_ids integer[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_operator();
    RETURN series.recount(ids => in_ids);
END $$;

REVOKE EXECUTE ON FUNCTION require_operator(), forget_symbols(text[]), recount_given(integer[]),
    give_history(integer, integer, date, date, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_symbols(text[]), recount_given(integer[]),
    give_history(integer, integer, date, date, timestamptz, timestamptz) TO causeway_app, causeway_service;
