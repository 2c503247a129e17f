"""Why a report is not taken over, or a decision about it not taken, in sentences."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.foundation.errors import DomainError


class NoSuchFile(DomainError):
    """The file is gone: it was applied, or it lay for longer than an hour."""

    def __init__(self) -> None:
        super().__init__(_l("This file has been applied already, or lay here for more than an hour. Bring it again."))


class NoSuchZone(DomainError):
    """There is no time zone of this name."""

    def __init__(self, zone: str) -> None:
        super().__init__(_l("There is no time zone “%(zone)s”. Choose one from the list.", zone=zone[:80]))


class NothingBelongs(DomainError):
    """No log-in of the report is in the time of the session."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "Nobody in this report was there at the time of the session: it is of another meeting or day, or its "
                "times are in another time zone."
            )
        )


class NobodyInIt(DomainError):
    """The report names nobody who was there."""

    def __init__(self) -> None:
        super().__init__(_l("This report names nobody who was there."))


class NoSuchReport(DomainError):
    """There is no such report of the session."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such report of this session."))


class NotActive(DomainError):
    """The report was undone, or another one has replaced it."""

    def __init__(self) -> None:
        super().__init__(_l("This report does not count any more: it was undone, or another one has replaced it."))


class NoSuchReported(DomainError):
    """Nobody of this number is in the report."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such person in this report."))


class NobodyRegistered(DomainError):
    """Nobody of this number is registered in the session."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such registration in this session. Choose one from the list."))


class AlreadyRegistered(DomainError):
    """Who is to be added is registered in the session already, with this address; ``turn`` says as which."""

    def __init__(self, turn: int) -> None:
        super().__init__(
            _l("Somebody with this address is registered in this session already. Link the log-ins to them.")
        )
        self.turn = turn
