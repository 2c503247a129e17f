"""What everybody who comes is told when organisers move a session, cancel it or change what is said of it."""
