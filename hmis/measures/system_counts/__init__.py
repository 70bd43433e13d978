"""Annual system counts: people, households and nights of a year by HUD's Longitudinal System Analysis (LSA).

Rules are named by their section of HUD's LSA Programming Specifications, version 8.
`docs/measures/system-counts.md` has them in plain words, and what we took where HUD's texts differ.
"""
