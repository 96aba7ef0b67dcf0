"""Environments as one file, for computers without network."""
