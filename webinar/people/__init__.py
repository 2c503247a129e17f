"""People: one mail address each, what they agreed to, and until when they are remembered."""
