"""A rent fund that speaks GraphQL, as a subgraph of a federation. A reference profile.

`connector.toml` is all the hub needs; `standin.py` is the partner itself, for the demo and for tests.
"""
