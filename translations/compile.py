"""Make the catalogue that the program reads (.mo) of one that people write (.po); ``make translations`` calls it.

    python translations/compile.py translations/fr/LC_MESSAGES/messages.po

``pybabel compile`` would take a translation that drops ``%(name)s`` or asks for a ``%(nmae)s`` that nobody gives: a
page or a mail in that language would then fail, or lose a name. Here such a catalogue is refused as a whole, with the
line and what is wrong with it. What is not translated yet, or only guessed ("fuzzy"), is shown in English.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

# Babel takes a line without its last quotation mark, and a letter of the text with it.
LINE = re.compile(r'(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) )?"(?:[^"\\]|\\.)*"')
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
COUNTS = {"%(num)s", "%(num)d"}
"""In words for none, one or two, the number itself may be missing: "one person", "شخصان"."""


class Refused(ValueError):
    """A catalogue cannot be used; the message has a line for each fault, with file and line."""


def compiled(source: Path) -> bytes:
    """Return the compiled form of a catalogue in ``<language>/LC_MESSAGES/``.

    Raises:
        Refused: it cannot be read, or a translation does not fit its source.
    """
    catalogue = _read(source)
    faults = [f"{source}:{message.lineno}: {fault}" for message in catalogue for fault in _faults(message)]
    if faults:
        raise Refused("\n".join(faults))
    for message in catalogue:
        if not any(_forms(message.string)):
            message.string = ""  # of a plural Babel would write its empty forms, and the page would show nothing
    made = BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def _read(source: Path) -> Catalog:
    language = source.parent.parent.name
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        raise Refused(f"{source}: “{language}” is no language that Babel knows") from None
    try:
        text = source.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise Refused(f"{source}: it is not UTF-8 ({fault.reason})") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#") and not LINE.fullmatch(line.rstrip()):
            raise Refused(f"{source}:{number}: a quotation mark is missing or one too many: {line.strip()}")
    try:
        return read_po(StringIO(text), locale=locale, abort_invalid=True)
    except PoFileError as fault:
        raise Refused(f"{source}:{fault.lineno + 1}: {fault}") from None


def _faults(message: Message) -> Iterator[str]:
    sources, forms = _forms(message.id), _forms(message.string)
    if not message.id or message.fuzzy or not any(forms):
        return
    if not all(forms):
        yield f"“{sources[0]}” lacks {forms.count('')} of the {len(forms)} forms that the language has for plurals"
    known = {found for source in sources for found in PLACEHOLDER.findall(source)}
    for form in filter(None, forms):
        found = set(PLACEHOLDER.findall(form))
        for one in sorted(found - known - {"%%"}):
            yield f"“{form}” has {one}, which “{sources[0]}” has not"
        for one in sorted(known - found - {"%%"}):
            if one not in COUNTS or not any(one in other for other in forms):
                yield f"“{form}” lacks {one}, which “{sources[0]}” has"
        if "%" in PLACEHOLDER.sub("", form):
            yield f"“{form}” has a % that begins no whole placeholder; a percent sign is written %%"


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (str(text or ""),)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        try:
            made = compiled(Path(name))
        except Refused as refusal:
            sys.exit(f"{refusal}\nThe catalogue is not compiled; mend this first.")
        Path(name).with_suffix(".mo").write_bytes(made)
