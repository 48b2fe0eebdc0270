-- Who cancels a fetch that waits has its ingestions say so; only those of the user, as row-level security has it.
GRANT UPDATE (state, finished_at, error) ON ingestions TO causeway_app;
