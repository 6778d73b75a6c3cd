"""Small numbers that words give away without a numeral: both, the only one, a single child, neither, none at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NOUN = (
    r"(?:complaints?|compliments?|cases?|child(?:ren)?|young\s+(?:person|people)|famil(?:y|ies)|complainants?|issues?|investigations?"
    r"|decisions?|enquir(?:y|ies)|referrals?|escalations?|siblings?|parents?|carers?|answers?|responses?|matters?|payments?|remed(?:y|ies)"
    r"|people|persons?|panels?|reviews?|findings?|requests?|concerns?|forms?|girls?|boys?|brothers?|sisters?|mothers?|fathers?)"
)
_KIND = r"(?:new\s+|further\s+|statutory\s+|corporate\s+|formal\s+)?"
_COUNTED = r"(?:complaints?|compliments?|cases?|issues?|referrals?|answers?|responses?)"
_HAPPENED = r"(?:was|were|had|came|took|led|reached|went|got|remained|resulted|stayed|concerned|involved|related|arose|fell|met)"
_BETWEEN = r"(?:(?!(?:and|things?|ways?|that|which|who)\b)[a-z][\w'\u2019-]*\s+){0,3}?"
_PATTERN = re.compile(
    "|".join(
        (
            # "both complaints and compliments" joins two things and counts none
            rf"\bboth\s+(?:of\s+)?(?:the\s+|these\s+|those\s+|our\s+)?{_BETWEEN}{_NOUN}\b(?!\s+and\b)",
            rf"\bboth\s+(?:of\s+(?:these|those|them|which|whom)\b|{_HAPPENED}\b|(?:upheld|resolved|withdrawn|answered|partly)\b)",
            r"\b(?:were|was|are)\s+both\s+(?:upheld|not\s+upheld|partly|resolved|withdrawn|answered|late|about|from|made|received)\b",
            rf"\b(?:the|its|our|this\s+year.s)\s+(?:only|sole|one|single|lone)\s+{_BETWEEN}{_NOUN}\b",
            rf"\b(?:a|just\s+a)\s+(?:single|sole|lone|solitary)\s+{_BETWEEN}{_NOUN}\s+(?:\w+\s+){{0,3}}?{_HAPPENED}\b",
            rf"\b(?:was|were|had|received|upheld|only|just|about|from)\s+a\s+(?:single|sole|lone|solitary)\s+{_BETWEEN}{_NOUN}\b",
            rf"\bonly\s+(?:a|an)\s+{_BETWEEN}{_NOUN}\s+{_HAPPENED}\b",
            rf"\b(?:neither|either)\s+(?:of\s+(?:these|those|them|the)\s+)?{_BETWEEN}{_NOUN}\s+{_HAPPENED}\b",
            rf"\bneither\s+(?:of\s+(?:these|those|them)\b|{_HAPPENED}\b)",
            rf"\bnone\s+of\s+(?:the|these|those|our)\s+{_BETWEEN}{_NOUN}\s+(?:\w+\s+){{0,2}}?{_HAPPENED}\b",
            rf"\bno\s+{_KIND}{_COUNTED}\s+(?:at\s+stage\s+\w+\s+)?{_HAPPENED}\b",
            rf"\b(?:there\s+(?:were|was)|had|received|got|upheld)\s+no\s+{_KIND}{_COUNTED}\b",
            r"\b(?:nobody|no\s+one|no-one)\s+(?:complained|made\s+(?:a\s+complaint|complaints))\b",
            rf"\ba\s+(?:couple|pair|handful|trio)\s+(?:who\b|complained\b|wrote\b|told\b|{_HAPPENED}\b)",
            rf"\bthe\s+(?:pair|trio|twins|triplets)\s+(?:who\b|complained\b|wrote\b|told\b|{_HAPPENED}\b)",
            rf"\b(?:twins|triplets)\s+(?:who\s+)?(?:complained|wrote|told|{_HAPPENED})\b",
            rf"(?<!\bof\s)\bnone\s+(?:at\s+all\s+)?(?:at\s+stage\s+\w+\s+)?{_HAPPENED}\b",
            r"\b(?:there\s+(?:were|was)|(?:we|it|they|service|team|council)\s+(?:had|received|got|upheld))\s+none\b",
            rf"\b(?:was|were|did|had)(?:n['\u2019]t|\s+not)\s+(?:have\s+|receive\s+|get\s+|uphold\s+)?any\s+{_KIND}{_COUNTED}\b",
            r"\bno\s+(?:children|young\s+people|parents|families|carers|foster\s+carers|care\s+leavers|advocates)\s+complained\b",
            r"\b(?:twins|triplets)['\u2019](?!\w)",
            r"\bnothing\s+(?:went|was\s+taken|came|moved|got)\s+(?:on\s+)?to\s+(?:stage|the\s+ombudsman|a\s+panel)\b",
            r"\b(?:upheld|settled|resolved|withdrew|answered)\s+(?:both|neither)(?=\s*(?:[.,;]|$))",
            rf"\bthe\s+(?:complaint|case)\s+(?:that|which)\s+(?:reached|went\s+to|got\s+to)\s+(?:stage|the\s+ombudsman|a\s+panel)\b[^.;]{{0,30}}\b{_HAPPENED}\b",
            r"\b(?:was|were|is)\s+(?:just|only|but)\s+the\s+one\b|\bthere\s+was\s+one\s+only\b",
            rf"\b(?:this|that)\s+one\s+{_KIND}{_COUNTED}\s+{_HAPPENED}\b",
            r"\b(?:nobody|no\s+one|no-one)\s+(?:from|in|of|at|among)\s+[^.;]{0,40}?\bcomplained\b",
            rf"\b(?:the|these|those)\s+(?:pair|trio|two)\s+(?:of\s+{_BETWEEN}{_NOUN}|{_NOUN})\b",
        )
    ),
    re.IGNORECASE,
)


def small_in(sentence: str) -> Iterator[re.Match[str]]:
    """Yield the words of a sentence that say without a numeral how few complaints, people or answers there were."""
    return _PATTERN.finditer(sentence)
