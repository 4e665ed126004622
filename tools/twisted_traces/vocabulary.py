"""Every tag that a program may have, and which of them a corpus must have often."""

from __future__ import annotations

from itertools import product

STATES = "pending|waiting|paused|succeeded|failed"
SORTS = "none|nothing|callback|errback|raise"
FLAGS = "---|c--|-e-|--x|ce-|c-x|-ex|cex"
LISTS = "list:---|list:c--|list:-e-|list:--x|list:ce-|list:c-x|list:-ex|list:cex"
KINDS = f"{LISTS}|gather|race"

# A corpus of linear programs has at least so many programs of each tag …
ENOUGH = 100

# … of these patterns. `{a|b}` stands for either.
LINEAR = [
    "op:{new|succeed|fail|list|gather|race|add|timeout|callback|errback|cancel|pause|unpause|chain|advance}",
    f"canceller:{{{SORTS}}}",
    "canceller:raises-in-{list|gather|race}",
    "add:{callback|errback|callback+errback|both}",
    f"add:while-{{{STATES}}}",
    "add:to-list",
    "run:{value|add|raise|failure|pass|reraise|return|instead}/{value|failure}",
    "run:trap/value",
    "run:trap-{hit|miss}/failure",
    "run:on-{list-value|FirstError|FailureGroup|Cancelled|Timeout}",
    f"return:{{{STATES}}}",
    "return:{pending|waiting|paused}+callbacks",
    "return:{pending-paused|was-cancelled|with-timeout|from-list|list|gather|race}",
    "return:deep-{1|2|3|4}",
    "used:paused-{listed|gathered|raced|returned|chained}",
    "fire:{while-paused|used|chained-first|with-timeout}",
    "fire:after-cancel/{none|nothing|callback|errback}",
    f"cancel:{{{STATES}}}",
    "cancel:{again|forwarded|pending-paused|waiting-paused}",
    "cancel:waiting-deep-{1|2|3}",
    f"cancel:by-{{op|timer|list|gather|race|winner|outer}}/{{{SORTS}}}",
    f"pause:while-{{{STATES}}}",
    "pause:again",
    "unpause:while-{pending|waiting|paused}",
    "unpause:used",
    f"{{{KINDS}}}+{{any|empty|{STATES}}}",
    "{list:---|list:c--|list:--x|list:c-x}+succeeds",
    "{list:-e-|list:ce-|list:-ex|list:cex|gather|race}+{succeeds|fails}",
    "race+is-cancelled",
    f"{{{KINDS}}}+later-{{succeeds|fails|is-cancelled}}",
    "{list:c--|list:-e-|list:ce-|list:c-x|list:-ex|list:cex|gather|race}+left-members",
    f"{{{LISTS}}}+cancel-{{pending|waiting}}",
    f"{{list|gather|race}}+cancel-{{{STATES}}}",
    "member:{was-cancelled|list|too-late}",
    f"chain:first-{{{STATES}|list}}",
    "chain:second-{has-callbacks|has-timeout|has-canceller|succeeds|fails|is-cancelled}",
    "chain:{twice|cancel-second}",
    "chain:cancel-first-{pending|waiting|paused|succeeded}",
    f"chain:cancel-first/{{{SORTS}}}",
    f"timeout:on-{{{STATES}}}",
    "timeout:on-{list|gather|race|chained-first}",
    "timeout:instead",
    "timer:on-{pending|waiting|paused}",
    "timer:on-{list|gather|race|chained-first}",
    "timer:on-{listed|gathered|raced|returned|chained}",
    f"end:{{{STATES}}}",
    "end:handed-on",
    "dev:{canceller-raises|after-chain|cancel-chained|chain-second-gone}",
    "dev:{empty-list-first|empty-race|list-left-members|list-all-failed}",
    "dev:{cancel-fired-list|cancel-race|race-cancels-losers}",
    "dev:cancel-while-paused",
]

# What comes up seldom, or in free programs only.
SELDOM = [
    "run:do/{value|failure}",
    "return:{succeeded|failed}+callbacks",
    "fire:after-cancel/raise",
    "unpause:while-{succeeded|failed}",
    f"{{{KINDS}}}+{{succeeds|fails|is-cancelled}}",
    f"{{{KINDS}}}+left-members",
    "chain:cancel-first-failed",
    "timer:on-{succeeded|failed}",
]


def expand(pattern: str) -> list[str]:
    """Every tag that a pattern stands for."""
    choices = [part.split("}") for part in pattern.split("{")]
    first = choices[0][0]
    braces = [(options.split("|"), rest) for options, rest in choices[1:]]
    tags = []
    for chosen in product(*(options for options, _ in braces)):
        tags.append(first + "".join(one + rest for one, (_, rest) in zip(chosen, braces)))
    return tags


CELLS = frozenset(tag for pattern in LINEAR for tag in expand(pattern))
KNOWN = CELLS | {tag for pattern in SELDOM for tag in expand(pattern)}
