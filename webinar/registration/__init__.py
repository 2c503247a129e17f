"""Registering: places, the waiting list, a person's own page, and the public programme that shows seats."""
