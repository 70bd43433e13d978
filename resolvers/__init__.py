"""How it is answered: functions from a row and its arguments to rows. Never GraphQL types."""
