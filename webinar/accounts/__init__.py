"""The staff who may sign in, their roles, what they did, and the one guard in front of the staff area."""
