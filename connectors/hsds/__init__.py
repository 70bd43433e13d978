"""A directory of services (211) that speaks Open Referral HSDS 3.0, openreferral.org. It names no clients.

`sync` reads the directory page by page into the hub's own tables; questions are answered from there.
"""
