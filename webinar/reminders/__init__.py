"""Mails before a session to everybody who has a place in it, so long before the start as its organisers choose."""
