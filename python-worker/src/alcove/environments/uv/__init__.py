"""Environments from package indexes."""
