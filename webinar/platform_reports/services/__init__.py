"""What is done with platforms' reports, one use case a module."""
