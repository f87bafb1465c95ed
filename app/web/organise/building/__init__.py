"""The pages on which staff write campaigns."""
