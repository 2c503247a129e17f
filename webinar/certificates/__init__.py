"""Certificates of attendance: made once a person and session, as PDF, each with a number that anybody can check."""
