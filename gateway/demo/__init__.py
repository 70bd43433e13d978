"""The demo: a database, a seeded community, four partners as servers of their own, and something to try."""
