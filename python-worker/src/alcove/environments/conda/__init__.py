"""Environments from conda channels."""
