"""The demo: a database, a seeded community, two partners as servers of their own, and something to try."""
