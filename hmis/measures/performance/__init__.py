"""HUD's system performance measures, FY2026: 1a, 1b, 2, 3.2, 4, 5 and 7, one file a measure."""
