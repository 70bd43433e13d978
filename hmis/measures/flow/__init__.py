"""Flow: who comes into homelessness, who leaves it, and how many are in it when each month ends."""
