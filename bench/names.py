"""Ten thousand typed names matched with 300 members, in other letters than the members have them in."""

from __future__ import annotations

import random
import time

from webinar.members.matching import Found, MemberNames, Names

TYPED = 10_000
MEMBERS = 300
# How people write what they mean: capitals, full width, Arabic letters for Persian ones, a long stroke, a joiner.
_OTHER_FORMS = (
    str.upper,
    lambda name: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in name),
    lambda name: name.replace("ک", "ك").replace("ی", "ي"),
    lambda name: name.replace("ر", "رـ"),
    lambda name: f"\u200f{name}\u200c",
    lambda name: name.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")),
)


def members() -> list[Names]:
    """Return members as a large network has them: four names each, in two scripts."""
    return [
        Names(
            f"city-{n}",
            f"Región número {n}",
            f"Municipalidad de la región {n}",
            (f"شهرداری کرج {n}", f"City {n} North"),
        )
        for n in range(MEMBERS)
    ]


def typed(chosen: list[Names]) -> list[str]:
    """Return names as people would type them, always the same ones."""
    dice = random.Random(1)
    return [dice.choice(_OTHER_FORMS)(dice.choice(dice.choice(chosen).all())) for _ in range(TYPED)]


def main() -> None:
    """Print the figures."""
    network = members()
    began = time.perf_counter()
    names = MemberNames(network)
    indexed = time.perf_counter() - began
    written = typed(network)
    began = time.perf_counter()
    found = sum(isinstance(names.find(name), Found) for name in written)
    took = time.perf_counter() - began
    print(f"{TYPED:,} names matched    {took:8.3f} s   {found:,} of them found; all names indexed in {indexed:.3f} s")


if __name__ == "__main__":
    main()
