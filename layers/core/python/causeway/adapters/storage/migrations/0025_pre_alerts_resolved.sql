-- When what an alert told of was over by itself, such as a gap that history filled.
ALTER TABLE alerts ADD COLUMN resolved_at timestamptz;
