"""`python -m gateway`: the same as `hmis-hub`."""

from gateway.cli import main

main()
