"""Need: what people were found to need, what they were sent to, what they got, and what is missing."""
