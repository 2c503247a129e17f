"""What is done about who came, one use case a module."""
