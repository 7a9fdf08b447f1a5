"""Pages of sync runs and of the journal."""
