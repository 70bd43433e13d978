"""The conformance kit: a connector is proved here before anybody relies on it. Offline, in seconds.

`checks` lists what is proved; `bench` sets a connector up for it; `running` goes through all of it.
"""
