"""What is done with mailings and invitations."""

from webinar.invitations.services.write_due import write_due

__all__ = ["write_due"]
