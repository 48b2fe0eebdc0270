-- Code of before 0008 stored bars without counting them while it was being replaced.
SELECT series.recount();
