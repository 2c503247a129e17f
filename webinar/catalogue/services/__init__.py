"""What one can do to the catalogue, one use case a module."""
