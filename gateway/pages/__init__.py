"""What people open in a browser.

A page is one GraphQL document and one template, run as whoever is signed in.
"""
