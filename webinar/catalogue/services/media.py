"""What a webinar has beside its texts: its picture, its materials and its co-hosts, each kept in order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask_babel import lazy_gettext as _l

from webinar.catalogue.models import CoHost, Material, MaterialText, Webinar
from webinar.catalogue.queries import lock_webinar_with_media
from webinar.catalogue.services.catalogue_file import Texts
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.parts import assign, by_language, next_position, set_texts
from webinar.catalogue.services.revisions import check_revision, record_edit
from webinar.catalogue.texts import text_in
from webinar.files.checked import CheckedFile
from webinar.files.models import StoredFile
from webinar.files.services import keep, let_go
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)

Part = TypeVar("Part", Material, CoHost)


class NoSuchPart(DomainError):
    """Somebody else has taken it away."""

    def __init__(self) -> None:
        super().__init__(_l("It is not here any more: somebody has taken it away."))


@dataclass(frozen=True)
class MaterialDraft:
    """A material as it is to be, by the languages that are said; without a new file, one that has one keeps it."""

    title: Texts
    language: str = ""
    url: str = ""
    file: CheckedFile | None = None


@dataclass(frozen=True)
class CoHostDraft:
    """A co-host as it is to be; without a new logo it keeps its own, unless that is to go."""

    name: str
    url: str = ""
    logo: CheckedFile | None = None
    without_logo: bool = False


def set_picture(slug: str, picture: CheckedFile | None, made_from: int | None = None) -> bool:
    """Give a webinar a picture, or take its own away, and tell whether that changed anything.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        ChangedMeanwhile: somebody has changed the picture since the revision that the page was made from.
    """
    with transaction():
        webinar = _locked(slug)
        check_revision(webinar, made_from, "picture")
        before = webinar.picture
        after = keep(picture) if picture else None
        if after is before:
            return False
        webinar.picture = after
        record_edit(webinar, {"picture": [_name_of(before), _name_of(after)]})
        let_go([before.id if before else None])
    logger.info("webinar %s: picture %s", slug, "set" if picture else "taken away")
    return True


def add_material(slug: str, draft: MaterialDraft) -> None:
    """Add a material behind the others.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
    """

    def add(webinar: Webinar) -> None:
        material = Material(position=next_position(webinar.materials), texts=[])
        _set_material(material, draft, webinar.original_language)
        webinar.materials.append(material)

    _edit_materials(slug, add)


def edit_material(slug: str, material_id: int, draft: MaterialDraft, made_from: int | None = None) -> bool:
    """Change a material, and tell whether anything changed.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchPart: the material is not there any more.
        ChangedMeanwhile: somebody has changed the materials since the revision that the page was made from.
    """

    def edit(webinar: Webinar) -> None:
        _set_material(_part(webinar.materials, material_id), draft, webinar.original_language)

    return _edit_materials(slug, edit, made_from)


def move_material(slug: str, material_id: int, *, up: bool) -> bool:
    """Let a material and its neighbour change places, and tell whether there is one.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchPart: the material is not there any more.
    """
    return _edit_materials(slug, lambda webinar: _move(webinar.materials, material_id, up))


def remove_material(slug: str, material_id: int) -> None:
    """Take a material away, and its file with it unless something else shows it.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchPart: the material is not there any more.
    """
    _edit_materials(slug, lambda webinar: webinar.materials.remove(_part(webinar.materials, material_id)))


def add_co_host(slug: str, draft: CoHostDraft) -> None:
    """Add a co-host behind the others.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
    """

    def add(webinar: Webinar) -> None:
        co_host = CoHost(position=next_position(webinar.co_hosts))
        _set_co_host(co_host, draft)
        webinar.co_hosts.append(co_host)

    _edit_co_hosts(slug, add)


def edit_co_host(slug: str, co_host_id: int, draft: CoHostDraft, made_from: int | None = None) -> bool:
    """Change a co-host, and tell whether anything changed.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchPart: the co-host is not there any more.
        ChangedMeanwhile: somebody has changed the co-hosts since the revision that the page was made from.
    """
    return _edit_co_hosts(slug, lambda webinar: _set_co_host(_part(webinar.co_hosts, co_host_id), draft), made_from)


def move_co_host(slug: str, co_host_id: int, *, up: bool) -> bool:
    """Let a co-host and its neighbour change places, and tell whether there is one.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchPart: the co-host is not there any more.
    """
    return _edit_co_hosts(slug, lambda webinar: _move(webinar.co_hosts, co_host_id, up))


def remove_co_host(slug: str, co_host_id: int) -> None:
    """Take a co-host away, and its logo with it unless something else shows it.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchPart: the co-host is not there any more.
    """
    _edit_co_hosts(slug, lambda webinar: webinar.co_hosts.remove(_part(webinar.co_hosts, co_host_id)))


def _edit_materials(slug: str, edit: Callable[[Webinar], None], made_from: int | None = None) -> bool:
    def told(webinar: Webinar) -> list[str]:
        original = webinar.original_language
        return [
            _told(text_in(one.texts, original).title, one.language, one.url, one.file)
            for one in _in_order(webinar.materials)
        ]

    return _edit(slug, edit, "materials", told, lambda webinar: [one.file for one in webinar.materials], made_from)


def _edit_co_hosts(slug: str, edit: Callable[[Webinar], None], made_from: int | None = None) -> bool:
    def told(webinar: Webinar) -> list[str]:
        return [_told(one.name, one.url, one.logo) for one in _in_order(webinar.co_hosts)]

    return _edit(slug, edit, "co_hosts", told, lambda webinar: [one.logo for one in webinar.co_hosts], made_from)


def _edit(
    slug: str,
    edit: Callable[[Webinar], None],
    name: str,
    told: Callable[[Webinar], list[str]],
    files: Callable[[Webinar], list[StoredFile | None]],
    made_from: int | None,
) -> bool:
    """Change one list of a webinar; what it was and is goes into the audit log, files no longer shown go."""
    with transaction():
        webinar = _locked(slug)
        check_revision(webinar, made_from, name, "original_language")
        before, files_before = told(webinar), files(webinar)
        edit(webinar)
        after, files_after = told(webinar), files(webinar)
        differs = before != after or files_before != files_after
        if differs:
            changes = Changes()
            changes[name] = ["; ".join(before), "; ".join(after)]
            record_edit(webinar, changes)
            let_go(file.id for file in files_before if file is not None and file not in files_after)
    logger.info("webinar %s: %s %s", slug, name, "changed" if differs else "as they were")
    return differs


def _locked(slug: str) -> Webinar:
    webinar = lock_webinar_with_media(slug)
    if webinar is None:
        raise NoSuchWebinar(slug)
    return webinar


def _part(parts: Sequence[Part], part_id: int) -> Part:
    for part in parts:
        if part.id == part_id:
            return part
    raise NoSuchPart


def _move(parts: Sequence[Part], part_id: int, up: bool) -> None:
    order = _in_order(parts)
    place = order.index(_part(parts, part_id))
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    for position, part in enumerate(order):
        part.position = position


def _in_order(parts: Sequence[Part]) -> list[Part]:
    # A list of its own: in that of the webinar, what leaves its place for a moment would be deleted.
    return sorted(parts, key=lambda part: part.position)


def _set_material(material: Material, draft: MaterialDraft, original: str) -> None:
    assign(material, language=draft.language, url=draft.url)
    set_texts(material.texts, MaterialText, by_language(title=draft.title), original)
    if draft.file is not None:
        material.file = keep(draft.file)
    elif draft.url:
        material.file = None


def _set_co_host(co_host: CoHost, draft: CoHostDraft) -> None:
    assign(co_host, name=draft.name, url=draft.url)
    if draft.logo is not None:
        co_host.logo = keep(draft.logo)
    elif draft.without_logo:
        co_host.logo = None


def _told(*parts: str | StoredFile | None) -> str:
    return " · ".join(_name_of(part) if isinstance(part, StoredFile) else part for part in parts if part)


def _name_of(file: StoredFile | None) -> str:
    return file.file_name if file else ""
