"""Invented people: every name here was put together for this project and belongs to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FIRST = {
    "female": [
        "Alma",
        "Bryony",
        "Cora",
        "Delphine",
        "Effie",
        "Flora",
        "Greta",
        "Hesper",
        "Isolde",
        "Juna",
        "Kestrel",
        "Linnea",
        "Marlow",
        "Nerys",
        "Odette",
        "Petra",
        "Quilla",
        "Rowan",
        "Saffi",
        "Tamsin",
        "Una",
        "Verity",
        "Willa",
        "Yara",
        "Zelda",
    ],
    "male": [
        "Arlo",
        "Bram",
        "Caspian",
        "Dorian",
        "Edric",
        "Fenn",
        "Garrick",
        "Hale",
        "Idris",
        "Jory",
        "Kit",
        "Lorcan",
        "Merrick",
        "Ned",
        "Orson",
        "Piers",
        "Quill",
        "Rafe",
        "Soren",
        "Tobin",
        "Ulric",
        "Vance",
        "Wystan",
        "Yorick",
        "Zeke",
    ],
}
LAST = [
    "Ambersley",
    "Birchmoor",
    "Coldwater",
    "Dunfield",
    "Elmsworth",
    "Fairbrook",
    "Greenhithe",
    "Hollowell",
    "Ironbridge",
    "Juniper",
    "Kestleton",
    "Larkhill",
    "Marshgate",
    "Netherby",
    "Oakhanger",
    "Pennywell",
    "Quarrendon",
    "Ravensworth",
    "Silverdale",
    "Thornbury",
    "Underhill",
    "Vellacott",
    "Westerleigh",
    "Yarrowby",
    "Zennor",
    "Applegarth",
    "Brackenby",
    "Copperwheat",
    "Dovedale",
    "Everdene",
]
ETHNICITIES = [
    ("White British", 62),
    ("White other", 6),
    ("Mixed or multiple", 8),
    ("Asian or Asian British", 11),
    ("Black or Black British", 6),
    ("Other ethnic group", 2),
    ("Not stated", 5),
]


@dataclass
class Person:
    """Somebody invented: `sex` is the contract's word, `born` may be unknown."""

    person_id: str
    name: str
    sex: str
    born: date | None
    ethnicity: str
    disability: str

    @property
    def email(self) -> str:
        """An address in a domain that is reserved for examples."""
        return self.name.lower().replace(" and ", ".").replace(" ", ".") + "@example.com"


class People:
    """Makes people, each with the next number of a series."""

    def __init__(self, random: Random, prefix: str) -> None:
        self._random = random
        self._prefix = prefix
        self._last = 0

    def person(self, sex: str, ages: tuple[int, int] | None, on: date) -> Person:
        """Somebody of `sex` whose age on day `on` lies within `ages` (None: not recorded)."""
        random = self._random
        self._last += 1
        surname = random.choice(LAST)
        if sex == "joint":
            name = f"{random.choice(FIRST['female'])} and {random.choice(FIRST['male'])} {surname}"
        else:
            name = f"{random.choice(FIRST.get(sex, FIRST['female']))} {surname}"
        born = None
        if ages is not None:
            born = on - timedelta(days=random.randint(ages[0] * 365 + 10, ages[1] * 365))
        return Person(
            person_id=f"{self._prefix}{self._last:05d}",
            name=name,
            sex=sex,
            born=born,
            ethnicity=random.choices([e for e, _ in ETHNICITIES], [w for _, w in ETHNICITIES])[0],
            disability=random.choices(["no", "yes", "not_known"], [78, 14, 8])[0],
        )
