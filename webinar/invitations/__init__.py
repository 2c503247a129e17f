"""Whom the network writes to about its webinars: mailings, their audiences, and what was answered."""
