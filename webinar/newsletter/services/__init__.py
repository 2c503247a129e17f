"""Getting the newsletter and no longer getting it, one use case a module."""
