"""Where data lives outside: the contract a partner keeps, our care with partners, one folder a partner."""
