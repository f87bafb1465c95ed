"""Solidarity Post: supporters write to those in power."""
