"""What is held: series, webinars, their sessions and the languages these can be followed in."""
