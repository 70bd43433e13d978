"""Measures for whoever runs the hub: true counts, whom they count, files and pictures of them. Audited."""
