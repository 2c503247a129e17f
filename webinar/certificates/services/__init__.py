"""What is done about certificates, one use case a module."""
