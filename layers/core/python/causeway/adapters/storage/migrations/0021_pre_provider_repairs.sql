-- Repairs that a provider's own software proposes, asked for by a fetch.

-- found null: nothing is stored at that time, and the repair adds the bar.
ALTER TABLE repair_proposals ALTER COLUMN found DROP NOT NULL;

-- How many new repairs a fetch proposed for a symbol.
ALTER TABLE fetch_symbols ADD COLUMN repairs integer NOT NULL DEFAULT 0;
