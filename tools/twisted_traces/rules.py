"""What makes a program `linear`: each deferred is used up at most once, fired at most once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger import Ledger
from model import Op

SIDES = ("callback", "errback", "both")

REASONS = {
    "second-fire": "a deferred is fired twice by the program",
    "fires-a-made": "a deferred is fired that was made fired, or by a list or race",
    "fires-a-chained": "a deferred is fired that another one fires in its turn",
    "failure-as-value": "callback() is given a failure",
    "deferred-as-value": "callback() is given a deferred",
    "touches-a-used": "something is added to a deferred that is used up, or it is cancelled or paused",
    "uses-a-used": "a deferred is used up a second time",
    "uses-a-promised": "a deferred is used up that a callback returns, or two callbacks return it",
    "returns-its-source": "a callback returns what its own deferred waits for already",
    "member-twice": "a deferred is twice in one list",
    "unpause-unpaused": "a deferred is unpaused more often than it was paused",
    "op-in-callback": "a callback carries out an operation",
}


def returned_by(behaviour: list[Any]) -> Iterator[int]:
    """The deferreds that a behaviour may return."""
    if behaviour[0] == "return":
        yield behaviour[1]
    elif behaviour[0] == "trap":
        yield from returned_by(behaviour[2])
    elif behaviour[0] == "do":
        yield from returned_by(behaviour[2])


def operations_in(behaviour: list[Any]) -> Iterator[Op]:
    """The operations that a behaviour carries out."""
    if behaviour[0] == "do":
        yield behaviour[1]
        yield from operations_in(behaviour[2])
    elif behaviour[0] == "trap":
        yield from operations_in(behaviour[2])


def sides(op: Op) -> Iterator[tuple[str, list[Any]]]:
    """The behaviours of an `add`, each with its side."""
    for side in SIDES:
        if side in op:
            yield side, op[side]


def reasons(ledger: Ledger, op: Op) -> Iterator[str]:
    """Why a program is not linear any more once `op` is carried out."""
    kind = op["op"]
    if kind in ("callback", "errback"):
        yield from fire_reasons(ledger, op)
    elif kind in ("list", "gather", "race"):
        if len(set(op["of"])) < len(op["of"]):
            yield "member-twice"
        for member in op["of"]:
            yield from use_reasons(ledger, member)
    elif kind == "chain":
        if ledger[op["d"]].used:
            yield "touches-a-used"
        second = ledger[op["to"]]
        yield from use_reasons(ledger, op["to"])
        if second.made != "new":
            yield "fires-a-made"
        if second.fires:
            yield "second-fire"
        if ledger.reach(op["to"]) & ledger.reach(op["d"]):
            yield "returns-its-source"
    elif kind in ("add", "timeout", "cancel", "pause"):
        if ledger[op["d"]].used:
            yield "touches-a-used"
        for _, behaviour in sides(op):
            if any(operations_in(behaviour)):
                yield "op-in-callback"
            for returned in returned_by(behaviour):
                yield from use_reasons(ledger, returned)
                if ledger.reach(op["d"]) & ledger.reach(returned):
                    yield "returns-its-source"
    elif kind == "unpause":
        if not ledger[op["d"]].pauses:
            yield "unpause-unpaused"


def fire_reasons(ledger: Ledger, op: Op) -> Iterator[str]:
    """Why a `callback` or an `errback` is more than a resolver can do."""
    entry = ledger[op["d"]]
    if entry.made != "new":
        yield "fires-a-made"
    if entry.chained_from:
        yield "fires-a-chained"
    if entry.fires:
        yield "second-fire"
    value = op.get("value")
    if isinstance(value, dict):
        yield "failure-as-value" if "err" in value else "deferred-as-value"


def use_reasons(ledger: Ledger, d: int) -> Iterator[str]:
    """Why `d` cannot be used up."""
    if ledger[d].used:
        yield "uses-a-used"
    if ledger[d].promised is not None:
        yield "uses-a-promised"


def makes_a_cycle(ledger: Ledger, op: Op) -> bool:
    """Whether a deferred would wait for itself; no program of either profile does that."""
    kind = op["op"]
    if kind == "add":
        return any(
            ledger.reaches(returned, op["d"])
            for _, behaviour in sides(op)
            for returned in returned_by(behaviour)
        )
    if kind == "chain":
        return ledger.reaches(op["d"], op["to"])
    if kind == "callback" and isinstance(op["value"], dict) and "deferred" in op["value"]:
        return ledger.reaches(op["value"]["deferred"], op["d"])
    return False
