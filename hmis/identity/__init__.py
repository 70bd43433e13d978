"""Who a record is about: normalised names, usable SSNs, and the links that two agreeing facts make."""
