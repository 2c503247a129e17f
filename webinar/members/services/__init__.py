"""What can be done with members, one use case a module."""
