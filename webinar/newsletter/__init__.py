"""The newsletter: asking for it, confirming that by mail, and who gets it."""
