"""The way in and out: environment, process, HTTP. What may be asked is in `schema`."""
