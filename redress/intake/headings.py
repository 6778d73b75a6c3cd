"""What a column is about, by its heading (people, bodies such as a team, kinds such as one of contact), and ordinary words.

A column that the mapping does not use may hold names. Read as names, the words of a column of teams or kinds would keep a
council's ordinary words from being published.
"""

from __future__ import annotations

import re
from functools import cache

_PERSON = re.compile(
    r"name|customer|client|child|pupil|student|young person|complainant|enquirer|parent|carer|caller|contact|person|"
    r"subject|manager|officer|worker|investigat|author|advocate|practitioner|staff|employee|handler|allocated|"
    r"assigned|entered by|logged by|created by|thanked|owner|e-?mail",
    re.IGNORECASE,
)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


BODIES = _words(
    "team service site school academy college nursery setting centre department directorate division unit section",
    "organisation organization agency company provider office hub facility building",
)
"""What a heading of bodies speaks of: a body may be called after a person."""
KINDS = _words(
    "type category subcategory kind class reason cause theme topic issue method channel mode medium status state outcome",
    "decision finding stage priority severity rating rag ethnicity ethnic gender sex religion language nationality",
    "disability role relationship grade level source origin",
    "borough district ward city town county country region area locality constituency postcode street road avenue",
    "neighbourhood patch cluster location place",
)
"""What a heading of kinds or places speaks of: no person is called so."""
_OF_A_NAME = _words(
    "name names title description desc label text value code number no id ref old new previous current other"
)
"""Words of a heading that say of what stands beside them only that it is named or numbered."""
ORDINARY = _words(
    "access accessibility accommodation action actions activity admin administration administrative admission admissions",
    "adolescent adoption adult adults advice after age agencies agency aid allocation allowance allowances and apology",
    "appeal appeals application appointment appointments approach area assessment assessments assessor at attendance",
    "attitude autism background bad barriers bedroom behaviour benefit benefits better body boarding breach breakdown broken",
    "budget building bullying bus by calls cancelled care carers caring case cases centre change changes charges charging",
    "charity child childcare children childrens choice claim claims clinical closed closure college comment comments",
    "commissioned commissioning communication communications community compensation complaint complaints conduct",
    "confidentiality conference consent consultation contact contacts contract contracts core corporate cost costs council",
    "counselling court crisis criminal cross customer damage damaged data day decision decisions delay delayed delays delivery",
    "department design destroyed dinner direct directorate disability disabled disagreement disagree discharge",
    "discrimination dispute district document documents domestic duty early education educational edge eligibility email",
    "emergency emotional employment enforcement engagement enquiries enquiry environment equality equipment error errors",
    "exclusion exclusions expenses experience external face facilities failed failure families family fees file finance",
    "financial first foster fostering foul free from full funding further general good group guidance handling harassment",
    "health hearing help holiday home homes hospital house housing hub identity in inaccurate inadequate inappropriate",
    "incorrect independent inclusion information initial inspection insufficient intake intensive internal internet",
    "intervention investigation invoice issues kinship lack late leaving leave legal letter level liaison licensing listening",
    "live local locality long looked loss low maintenance management manner meals mediation medical meeting meetings",
    "mental missing mobile money multi need needs neglect negligence neighbour network new night no noise none north not",
    "nursery of office officer old on online open other out outcome outreach parent parenting parents parking partnership",
    "payment payments people performance permanence permanency person personal phone placement placements plan planning",
    "plans policies policy poor post practice pre preparation prevention primary privacy problem problems procedure",
    "procedures process processes professional professionalism property protection provision psychology public quality",
    "query question questions racism reception record recording records recovery recruitment referral referrals refund",
    "refusal refused region registration regulation relationship relationships release removal repair repairs report",
    "reports request requests residence residential resolution resource resources respite response responses restraint",
    "return reunification review reviews rights risk road rude rudeness safeguarding safety school schools screening second",
    "secondary section security self send senior service services session short sibling site social south east west",
    "central special specialist staff stage standard standards statement statements statutory street student subject",
    "support supported supervision supplied supply targeted tax team teams telephone temporary tenancy text therapy",
    "through time timeliness timescale timescales training transfer transition transport travel treatment trust under",
    "unacceptable unaccompanied unclear unfair unhappy unhelpful unit unknown unspecified unsuitable visit visiting voice",
    "vulnerable wait waiting ward waste water web webchat website welfare wellbeing with work worker workers wrong year",
    "young youth",
    "white black asian mixed multiple british english welsh scottish irish northern caribbean african indian pakistani",
    "bangladeshi chinese arab gypsy traveller european background any ethnic ethnicity heritage or form forms",
)
"""Words of the work, of kinds of complaint, contact and ethnicity. No first name is among them: they alone make no whole name."""
ETHNICITIES = _words(
    "white black asian mixed multiple british english welsh scottish irish northern caribbean african indian pakistani",
    "bangladeshi chinese arab gypsy roma traveller european background any other ethnic group groups heritage or and",
)
"""Words of the census's ethnic groups."""


@cache
def about(heading: str) -> str:
    """Return `person`, `body`, `kind` or, for what cannot be said, nothing.

    A heading is of bodies or kinds where each part of it ends in such a word, as Site Name, Parent Team and Contact Type do, and
    Team Manager does not.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", heading)
    parts = [
        part for part in re.split(r"[()\[\]/,;|&-]| and | or ", spaced, flags=re.IGNORECASE) if part.strip()
    ]
    heads = {_head(part) for part in parts}
    if heads and heads <= KINDS:
        return "kind"
    if heads and heads <= BODIES | KINDS:
        return "body"
    return "person" if _PERSON.search(heading) else ""


def _head(part: str) -> str:
    """Return the word of a part of a heading that says what it is of, in the singular; blank where there is none."""
    words = re.findall(r"[^\W\d_]+", part.casefold())
    if "of" in words[1:-1]:
        before, after = words[: words.index("of")], words[words.index("of") + 1 :]
        words = after if set(before) <= _OF_A_NAME else before
    while words and words[-1] in _OF_A_NAME:
        words.pop()
    word = words[-1] if words else ""
    singular = word.removesuffix("s")
    if word.endswith("ies"):
        singular = word[:-3] + "y"
    return singular if singular in BODIES | KINDS else word
