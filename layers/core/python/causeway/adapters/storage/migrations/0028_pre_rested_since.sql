-- The market time since which an order of the paper venue waits at its own price: a halt in between ends that, whether or
-- not anybody looked at the order during it.
ALTER TABLE paper_orders ADD COLUMN rested_at timestamptz;
