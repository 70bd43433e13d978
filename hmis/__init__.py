"""The data itself: HUD's format, the core tables, import, identity. No HTTP, no GraphQL."""
