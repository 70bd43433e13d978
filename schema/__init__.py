"""What may be asked: Strawberry types only, one file a noun."""
