"""Safe to publish: which figures of a table may be shown, so that nobody can be counted out of it."""
