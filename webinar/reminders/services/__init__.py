"""What is done about reminders, one use case a module."""
