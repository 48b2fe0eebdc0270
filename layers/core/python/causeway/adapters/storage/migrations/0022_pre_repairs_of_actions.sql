-- Repairs of corporate actions beside those of bars: a recorded split or dividend gets another value, or is taken out.

-- kind: what is repaired. Of an action, found and proposed hold its value as text (null: taken out), time is midnight of
-- its ex-date in UTC, and there is no bar size.
ALTER TABLE repair_proposals
    ADD COLUMN kind text NOT NULL DEFAULT 'bar' CHECK (kind IN ('bar', 'split', 'dividend')),
    ALTER COLUMN bar_size DROP NOT NULL,
    ADD CONSTRAINT bars_have_a_size CHECK ((kind = 'bar') = (bar_size IS NOT NULL));
-- One open proposal for an action and a flaw.
CREATE UNIQUE INDEX repair_proposals_open_actions ON repair_proposals (user_id, instrument_id, kind, time, code)
    WHERE state = 'proposed' AND kind <> 'bar';
GRANT INSERT (kind) ON repair_proposals TO causeway_app;

-- A dividend that stands twice is taken out once; corporate_action_versions keeps that it was there.
GRANT DELETE ON corporate_actions TO causeway_app;
