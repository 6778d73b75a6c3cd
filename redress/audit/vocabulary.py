"""The English words by which the audit tells what a row says, each list with what it is for.

What is known here is language; what follows from it is in the modules that use it.
"""

from __future__ import annotations


def _set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def _alternatives(text: str) -> tuple[frozenset[str], ...]:
    """Return the sets of words that bars separate."""
    return tuple(_set(words) for words in text.split("|"))


# How a row is read

# Keys whose values a case passes through one after the other.
PASSED = _set("stage status level step tier cohort phase state progress milestone requested")
STATISTICS = _set("statistic stat aggregate aggregation summary average_type")
CHANGE = _set(
    """
    change increase decrease rise fall growth difference reduction drop movement variance yoy changed
    increased decreased
    """
)
DOWN = _set("decrease fall reduction drop decreased down lower fewer less")
AVERAGE = _set("average mean avg")
LEAST = _set("minimum min shortest fastest quickest lowest")
MOST = _set("maximum max longest slowest highest")
MIDDLE = _set("median mode")
# Numbers that nobody counted: nothing ties them to what happened.
ASIDE = _set(
    """
    target ceiling threshold benchmark goal national england forecast projected limit budget standard
    comparator neighbour
    """
)
SHARE_WORDS = _set("pct percent percentage share proportion rate cent")
FILLER = _set("number count no of the in a and as for to is was were with that who")
# Words that a total may have and its parts not, or the other way round.
LOOSE = _set(
    """
    new received total all overall recorded made registered logged grand year annual handled dealt
    """
)
STOCK = _set(
    """
    open outstanding caseload brought carried backlog pending opening closing active stock unresolved
    live ongoing progress
    """
)
# Units or measures that count things of which one may come back in another period.
DISTINCT = _set(
    """
    people person complainant children child individual families family repeat customer user staff team
    officer
    """
)
# Things that happen once: however many people are in the name, each is counted in one period only.
HAPPENINGS = _set(
    """
    complaint concern representation case referral contact issue compliment enquiry matter response
    request report comment investigation panel theme payment visit
    """
)
TOTAL_KEYS = _set("row line column col level total position row_type is_total")
VERSUS = _set(
    """
    vs versus compared_with compared_to against comparator base_year baseline base_period
    previous_period prior_period compared change_from since comparison from_period previous prior
    relative_to comparison_period on v
    """
)
NOTES = _set(
    """
    denominator numerator base out_of role alignment note notes implied placeholder direction rank multi
    multiple multi_valued overlap overlapping comment footnote chart figure table page caption series
    rounding rounded restated order percent_of share_of pct_of source_table printed precision top
    of_total of
    """
)
PRINTING = _set("label series text chart table narrative graph figure infographic headline")
MONTH_KEYS = _set("month month_received month_of_receipt")
QUARTER_KEYS = _set("quarter qtr q")
HALF_KEYS = _set("half half_year")
AS_AT = _set("asof as_of as_at asat at snapshot position_at on_date")
# The key of a breakdown that names none (`A`, `team:A`, a sentence).
UNREAD = "breakdown"
# Breakdowns of which one case may have several values.
MULTIVALUED = _set(
    """
    theme issue reason category subject topic concern need nature cause subcategory lesson learning
    action remedy remedies protected characteristic aspect element problem factor tag keyword
    """
) | {UNREAD}

# Parts, wholes and conditions

# Keys that say what is in and what is out: a figure without them may be counted in another way.
NARROWS = _set("scope definition excluded_from includes including excluding via alignment") | {UNREAD}
CUMULATIVE = _set("cumulative ytd date running rolling to_date")
# Keys whose tables often are of something else than what came in: of what was closed, or counted once for each team.
OTHER_WHOLES = _set(
    """
    outcome result decision finding conclusion remedy team service directorate department resolution
    timescale band
    """
)
ORGANISATION = _set("team service directorate department")
# Keys that say how a figure is delimited; their values may overlap in any way.
NO_PARTS = _set(
    """
    cumulative ytd date upto up period year half scope definition basis version window excluded counted
    counting rank
    """
)
UPHELD = _set(
    """
    upheld partially partly part substantiated justified met missed late overdue time not or fully
    """
)
FLOWING = _set(
    """
    resolved closed escalated withdrawn completed responded response answered progressed concluded
    acknowledged accepted rejected declined investigated reopened progressing escalation timescale
    satisfied returned
    """
)
# Words of a measure that make a percentage a rate of each part and not the part's share of the whole.
RATES = _set(
    """
    upheld within met missed timescale time response responded resolved satisfied satisfaction answered
    completed escalated late overdue per progressing acknowledged attendance compliance returned closed
    target change
    """
)

# Stocks, flows and days

ROLES_OF_STOCK = {
    "opening": _alternatives(
        """
        brought forward | bf | b f | opening | open start | open beginning | outstanding start |
        outstanding beginning | hand start | pending start | live start | active start | start year
        | waiting start | 1 april
        """
    ),
    "closing": _alternatives(
        """
        carried forward | carried over | cf | c f | closing | open end | outstanding end | hand end
        | pending end | live end | active end | still open | remaining open | waiting end | end year
        | 31 march
        """
    ),
    "left": _alternatives(
        """
        closed | resolved | completed | concluded | ended | finished | discharged | finalised |
        disposed | settled | closures
        """
    ),
    "entered": _alternatives(
        """
        received | new | opened | entered | started | added | registered | incoming | logged |
        accepted | made | begun | asked | arrived
        """
    ),
}
"""What a number is to a stock -> the words that say so, alternatives separated by a bar; the first that fits is taken."""
ORDER_OF_EVENTS = _alternatives(
    """
    event incident occurred
    | request requested received receipt submitted raised made logged registered complaint opened open
    | acknowledged acknowledgement accepted
    | start started tor term reference signed allocated appointed commissioned begun begin agreed
    | interview visit meeting investigation
    | report draft panel hearing
    | adjudication decision outcome response responded replied letter sent finding answered
    | closed close closure completed completion concluded end ended resolved finished
    """
)
"""The events of a case in the order in which they come, each with the words for it."""
OUT = _set("withdrawn transferred cancelled escalated lapsed abandoned rejected redirected")
IN = _set("reopened")
STEPS = _set(
    """
    flow movement status position stage_of_flow event item component state line row stock kind type
    measure what
    """
)
NOISE = _set(
    """
    1 31 april march waiting asked forward over start end at year beginning of period still remaining in
    during from previous b f c day first last hand open next out
    """
)

# Counts

COUNTED = _set(
    """
    count number people persons person mentions n no complaints cases children # counts families
    compliments issues enquiries individuals staff responses nos
    """
)

# What is counted each for itself

# Things that are counted each for itself: an issue has one category, a complaint may have several.
COUNTS_ITSELF = _set("issue theme mention point allegation element")
