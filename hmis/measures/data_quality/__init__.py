"""Data quality: what is missing, refused or cannot be true in the records of a period, cell by cell."""
