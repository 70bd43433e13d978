"""Another community's HMIS: its CSV exchange over SFTP, or HUD's draft HMIS API.

The CSV exchange is the one format that every HMIS has. The API is HUD's draft (`client.DRAFT`), which knows
stays without where they led, and projects without whom they are for: those the hub learns from its export.
"""
