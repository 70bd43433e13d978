"""HMIS CSV: reading HUD's exports into the core tables, and writing them."""
