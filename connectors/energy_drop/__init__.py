"""Energy assistance as CSV files over SFTP. A reference profile after the data that LIHEAP grantees report.

The partner lays out households and benefits with a manifest and, last, a trigger file; the hub fetches them
into landing tables, answers from there and writes back which rows it could not take.
"""
