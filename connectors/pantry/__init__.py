"""A food bank that speaks REST JSON. A reference profile: no product's interface is claimed.

`connector.toml` is all the hub needs; `standin.py` is the partner itself, for the demo and for tests.
"""
