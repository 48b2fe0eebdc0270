-- When the state of trading was true without doubt: the last status that said so, or the first trade after the feed
-- connected. Before that, what happened while it was away is not known.
ALTER TABLE trading_states ADD COLUMN known_at timestamptz;
