"""What organisers do with a session that people are coming to, one use case a module."""

from webinar.updates.services.cancel_session import cancel_session
from webinar.updates.services.move_session import move_session
from webinar.updates.services.tell_session import tell_session
from webinar.updates.services.write_due import write_due

__all__ = ["cancel_session", "move_session", "tell_session", "write_due"]
