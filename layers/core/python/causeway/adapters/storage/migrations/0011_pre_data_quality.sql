-- What was known of a corporate action, and when: every version that was stored, by whatever writes the table itself.
-- value null: taken back.
CREATE TABLE corporate_action_versions (
    instrument_id integer NOT NULL REFERENCES instruments,
    kind text NOT NULL CHECK (kind IN ('split', 'dividend')),
    ex_date date NOT NULL,
    known_at timestamptz NOT NULL,
    value numeric CHECK (value > 0),
    source text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
CREATE INDEX ON corporate_action_versions (instrument_id, ex_date);
INSERT INTO corporate_action_versions (instrument_id, kind, ex_date, known_at, value, source)
SELECT instrument_id, kind, ex_date, known_at, value, source FROM corporate_actions;

CREATE FUNCTION note_corporate_action() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO corporate_action_versions (instrument_id, kind, ex_date, known_at, value, source)
        VALUES (OLD.instrument_id, OLD.kind, OLD.ex_date, now(), NULL, OLD.source);
        RETURN OLD;
    END IF;
    -- Given to another instrument: its past goes with it, so that what was known then stays known.
    IF TG_OP = 'UPDATE' AND NEW.instrument_id <> OLD.instrument_id THEN
        UPDATE corporate_action_versions SET instrument_id = NEW.instrument_id
        WHERE instrument_id = OLD.instrument_id AND kind = OLD.kind AND ex_date = OLD.ex_date;
    END IF;
    IF TG_OP = 'INSERT' OR NEW.value <> OLD.value THEN
        INSERT INTO corporate_action_versions (instrument_id, kind, ex_date, known_at, value, source)
        VALUES (NEW.instrument_id, NEW.kind, NEW.ex_date, NEW.known_at, NEW.value, NEW.source);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER versions AFTER INSERT OR UPDATE OR DELETE ON corporate_actions
    FOR EACH ROW EXECUTE FUNCTION note_corporate_action();

-- Repairs that were proposed. Nothing is changed until a user accepts one; the bar then says source 'repair:<code>'.
CREATE TABLE repair_proposals (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    instrument_id integer NOT NULL REFERENCES instruments,
    bar_size text NOT NULL CHECK (bar_size IN ('1s', '5s', '1m', '5m', '15m', '1h', '1d')),
    time timestamptz NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    found jsonb NOT NULL,               -- the bar as it was stored: open, high, low, close, volume
    proposed jsonb NOT NULL,
    state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'accepted', 'rejected')),
    remark text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    CHECK ((state = 'proposed') = (decided_at IS NULL))
);
-- One open proposal for a bar and a flaw.
CREATE UNIQUE INDEX repair_proposals_open ON repair_proposals (user_id, instrument_id, bar_size, time, code)
    WHERE state = 'proposed';
CREATE INDEX ON repair_proposals (user_id, created_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON corporate_action_versions, repair_proposals TO causeway_service;
GRANT SELECT ON corporate_action_versions, repair_proposals TO causeway_app;
GRANT INSERT (user_id, instrument_id, bar_size, time, code, reason, found, proposed) ON repair_proposals TO causeway_app;
GRANT UPDATE (state, remark, decided_at) ON repair_proposals TO causeway_app;
REVOKE EXECUTE ON FUNCTION note_corporate_action() FROM PUBLIC;

ALTER TABLE repair_proposals ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON repair_proposals TO causeway_app USING (user_id = current_user_id())
    WITH CHECK (user_id = current_user_id());
CREATE POLICY service ON repair_proposals TO causeway_service USING (true) WITH CHECK (true);
