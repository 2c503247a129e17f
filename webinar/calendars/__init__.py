"""Calendar entries: one person's copy of one session, and what is written into calendars about it (RFC 5545, 5546)."""
