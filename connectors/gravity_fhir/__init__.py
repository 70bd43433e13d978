"""A clinic's FHIR R4 server after the HL7 guide SDOH Clinical Care (Gravity). A reference profile.

The hub reads conditions, goals, referrals and screenings of people it is linked to, and sends referrals. What
tells of violence at home carries the label DV, whichever resource it stands in.
"""
