"""Lists of people from files of addresses: bringing one, adding to it, renaming and deleting it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select

from webinar.accounts import audit
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.invitations.address_file import Addresses, Fault, read_addresses
from webinar.invitations.models import ListedPerson, PeopleList
from webinar.people.queries import people_of

logger = logging.getLogger(__name__)

AT_A_TIME = 500


class ListRefused(DomainError):
    """A list cannot be called so."""


class NoSuchList(DomainError):
    """There is no list of this number."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such list; it may have been deleted."))


class Brought(NamedTuple):
    """What became of a file of addresses: how many people are new on the list, how many were on it or double.

    ``unknown`` are the addresses of nobody we know; ``faults`` are the lines without an address.
    """

    list_id: int
    new: int
    again: int
    unknown: Sequence[str]
    faults: Sequence[Fault]


def bring_list(name: str, content: bytes) -> Brought:
    """Make a list of the people whose addresses stand in a file.

    Nobody becomes known by it: whose address nobody has is named, to be brought in as a contact.

    Raises:
        UnreadableTable, NotAddresses: the file is no list of addresses.
        ListRefused: the name is empty or taken.
    """
    read = read_addresses(content)
    with transaction():
        _check_name(name)
        people_list = PeopleList(name=name)
        db.session.add(people_list)
        db.session.flush()
        brought = _add(people_list.id, read)
        audit.record("added", _subject_of(people_list.id), name=name, people=brought.new)
    logger.info("list %s brought: %s people", brought.list_id, brought.new)
    return brought


def add_to_list(list_id: int, content: bytes) -> Brought:
    """Add the people of a file of addresses to a list, as ``bring_list`` does.

    Raises:
        UnreadableTable, NotAddresses: the file is no list of addresses.
        NoSuchList: there is none of this number.
    """
    read = read_addresses(content)
    with transaction():
        _held(list_id)
        brought = _add(list_id, read)
        if brought.new:
            audit.record("changed", _subject_of(list_id), people=brought.new)
    logger.info("list %s: %s people more", list_id, brought.new)
    return brought


def rename_list(list_id: int, name: str) -> None:
    """Give a list another name.

    Raises:
        NoSuchList: there is none of this number.
        ListRefused: the name is empty or taken.
    """
    with transaction():
        people_list = _held(list_id)
        if people_list.name == name:
            return
        _check_name(name)
        audit.record("changed", _subject_of(list_id), name=[people_list.name, name])
        people_list.name = name


def delete_list(list_id: int) -> None:
    """Delete a list; its people stay. A condition that names it says so, and its mailing cannot be confirmed.

    Raises:
        NoSuchList: there is none of this number.
    """
    with transaction():
        people_list = _held(list_id)
        audit.record("deleted", _subject_of(list_id), name=people_list.name)
        db.session.execute(delete(ListedPerson).where(ListedPerson.list_id == list_id))
        db.session.delete(people_list)
    logger.info("list %s deleted", list_id)


def _add(list_id: int, read: Addresses) -> Brought:
    known: dict[str, int] = {}
    for addresses in _lots(read.found):
        known |= people_of(addresses)
    wanted = set(known.values())
    present = set(db.session.scalars(select(ListedPerson.person_id).where(ListedPerson.list_id == list_id)))
    new = sorted(wanted - present)
    for person_ids in _lots(new):
        db.session.execute(
            insert(ListedPerson), [{"list_id": list_id, "person_id": person_id} for person_id in person_ids]
        )
    unknown = [address for address in read.found if address not in known]
    again = len(known) - len(new) + read.doubles
    return Brought(list_id, len(new), again, unknown, read.faults)


Item = TypeVar("Item")


def _lots(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), AT_A_TIME):
        yield items[start : start + AT_A_TIME]


def _held(list_id: int) -> PeopleList:
    people_list = None
    if list_id < 2**31:
        people_list = db.session.scalar(select(PeopleList).where(PeopleList.id == list_id).with_for_update())
    if people_list is None:
        raise NoSuchList
    return people_list


def _check_name(name: str) -> None:
    if not name:
        raise ListRefused(_l("Write a name by which you find it again."))
    if db.session.scalar(select(PeopleList.id).where(PeopleList.name == name)) is not None:
        raise ListRefused(_l("There is a list of this name already. Choose another, or add to that one."))


def _subject_of(list_id: int) -> str:
    return f"list {list_id}"
