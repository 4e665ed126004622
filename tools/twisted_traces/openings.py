"""How programs begin: each opening builds one situation, in one of its many forms."""

from __future__ import annotations

from collections.abc import Callable

from writer import CANCELLERS, Writer

FLAGS = ("---", "c--", "-e-", "--x", "ce-", "c-x", "-ex", "cex")
SORTS = ("none", *CANCELLERS)


def chance(writer: Writer, likely: float) -> bool:
    return writer.rng.random() < likely


def callbacks(w: Writer) -> None:
    """One deferred with callbacks, added before and after firing."""
    d = w.make()
    for _ in range(w.rng.randint(1, 4)):
        w.add(d)
    if chance(w, 0.7):
        w.fire(d)
    for _ in range(w.rng.randint(1, 3)):
        w.add(d)


def prepared(w: Writer) -> int:
    """A deferred in any state in which it may be used up."""
    inner = w.make()
    for _ in range(w.rng.choice((0, 0, 1, 1, 2))):
        w.add(inner)
    shape = w.rng.random()
    if shape < 0.2:
        w.pause(inner)
    elif shape < 0.32:
        w.timeout(inner)
    elif shape < 0.38:
        w.cancel(inner)
    if chance(w, 0.35):
        w.fire(inner)
    if shape < 0.05:
        w.unpause(inner)
    return inner


def nested(w: Writer) -> None:
    """Deferreds that return one another, up to four deep, the outermost last or first."""
    depth = w.rng.choice((1, 1, 2, 2, 3, 3, 4, 4, 4))
    chain = [prepared(w)]
    if chance(w, 0.2):
        chain = [any_list(w)]
    for _ in range(depth):
        outer = w.make() if chance(w, 0.7) else w.new()
        if chance(w, 0.3):
            w.add(outer)
        w.add_return(outer, chain[-1])
        if chance(w, 0.25):
            w.add(outer)
        chain.append(outer)
        if chance(w, 0.6):
            w.fire(outer)
    if chance(w, 0.5):
        for d in reversed(chain[1:]):
            if w.unfired(d, w.ledger[d]) and chance(w, 0.9):
                w.fire(d)
    let_ring(w)
    if chance(w, 0.6):
        after_waiting(w, chain[-1])


def after_waiting(w: Writer, d: int) -> None:
    """What may happen to one that waits for another."""
    shape = w.rng.random()
    if shape < 0.45:
        w.cancel(d)
    elif shape < 0.7:
        w.pause(d)
        if chance(w, 0.5):
            w.cancel(d)
        if chance(w, 0.4):
            w.unpause(d)
    elif shape < 0.9:
        w.timeout(d)
        w.advance(w.rng.randint(2, 6))
    else:
        w.chain(d, w.new())


def members(w: Writer) -> list[int]:
    """Members of a list, each in any state."""
    number = w.rng.choice((0, 0, 1, 2, 2, 2, 3, 3, 3, 4))
    made = []
    for _ in range(number):
        d = w.make()
        shape = w.rng.random()
        if shape < 0.3:
            w.add(d)
        elif shape < 0.4:
            w.pause(d)
            if chance(w, 0.7):
                w.fire(d)
        elif shape < 0.46:
            w.cancel(d)
        elif shape < 0.55:
            w.timeout(d)
        elif shape < 0.66:
            waits_for = w.new()
            w.add_return(d, waits_for)
            w.fire(d)
        made.append(d)
    return made


def any_list(w: Writer, kind: str | None = None, flags: str | None = None) -> int:
    kind = kind or w.rng.choice(("list", "list", "gather", "race"))
    return w.list_of(kind, members(w), flags)


def list_of_flags(flags: str) -> Callable[[Writer], None]:
    """Lists with these flags."""
    return lambda w: and_then(w, any_list(w, "list", flags))


def gather(w: Writer) -> None:
    """gatherResults."""
    and_then(w, any_list(w, "gather"))


def race(w: Writer) -> None:
    """Races, some of them lost by all."""
    if chance(w, 0.1):
        d = w.list_of("race", [w.fail() for _ in range(w.rng.randint(1, 3))])
        if chance(w, 0.5):
            w.cancel(d)
        return
    and_then(w, any_list(w, "race"))


def let_ring(w: Writer) -> None:
    """Time for the timers that are set, mostly."""
    if w.machine.clock.getDelayedCalls() and chance(w, 0.6):
        w.advance(w.rng.randint(2, 6))


def and_then(w: Writer, d: int) -> None:
    """What may happen to a list that has just been made."""
    if chance(w, 0.5):
        let_ring(w)
    if chance(w, 0.5):
        w.add(d)
    shape = w.rng.random()
    if shape < 0.25:
        w.cancel(d)
    elif shape < 0.42:
        w.timeout(d)
        if chance(w, 0.5):
            w.advance(w.rng.randint(3, 6))
    elif shape < 0.5:
        w.pause(d)
    elif shape < 0.7:
        # Its own callback waits, which matters once it has fired.
        w.add_return(d, w.new(), "both")
        for member in w.ledger[d].members:
            if w.unfired(member, w.ledger[member]):
                w.fire(member)
        w.cancel(d)
    elif shape < 0.77:
        w.chain(d, w.new())


def list_in_list(w: Writer) -> None:
    """A list of lists."""
    outer = [any_list(w)]
    if chance(w, 0.5):
        outer.append(prepared(w))
    and_then(w, w.list_of(w.rng.choice(("list", "gather", "race")), outer))


def chained(w: Writer) -> None:
    """chainDeferred, and what comes before and after."""
    first = prepared(w) if chance(w, 0.5) else w.new()
    if chance(w, 0.12):
        first = any_list(w)
    second = w.new(w.rng.choice(SORTS))
    for _ in range(w.rng.randint(0, 2)):
        w.add(second)
    if chance(w, 0.2):
        w.timeout(second)
    if chance(w, 0.08):
        w.cancel(second)
    if chance(w, 0.1):
        w.pause(second)
    if chance(w, 0.15):
        w.timeout(first)
    if chance(w, 0.3):
        inner = w.new()
        w.add_return(first, inner, "both")
        if chance(w, 0.5):
            w.fire(first)
    w.chain(first, second)
    if chance(w, 0.15):
        w.timeout(first)
        w.advance(w.rng.randint(2, 6))
    let_ring(w)
    shape = w.rng.random()
    if shape < 0.4:
        w.cancel(first)
    elif shape < 0.7:
        w.fire(first)
    elif shape < 0.8:
        w.chain(first, w.new())
    elif shape < 0.9:
        w.add(first)


def timed(w: Writer) -> None:
    """A timeout on a deferred in any state, and time that passes."""
    d = w.new(w.rng.choice(SORTS)) if chance(w, 0.6) else prepared(w)
    if chance(w, 0.3):
        w.add(d)
    if chance(w, 0.2):
        w.pause(d)
    if chance(w, 0.3):
        w.add_return(d, prepared(w) if chance(w, 0.5) else w.new(), "both")
    if chance(w, 0.4) and w.unfired(d, w.ledger[d]):
        w.fire(d)
    w.timeout(d)
    if chance(w, 0.6):
        w.add(d)
    if chance(w, 0.15):
        w.cancel(d)
    w.advance()


def timed_use(w: Writer) -> None:
    """A deferred with a timeout is used up, and then its time is over."""
    d = w.new(w.rng.choice(SORTS))
    w.timeout(d)
    if chance(w, 0.3):
        w.add(d)
    how = w.rng.choice(("return", "chain", "list", "gather", "race"))
    if how == "return":
        outer = w.make()
        w.add_return(outer, d, "both")
        if w.unfired(outer, w.ledger[outer]):
            w.fire(outer)
    elif how == "chain":
        w.chain(w.new(), d)
    else:
        w.list_of(how, [d, w.make()])
    w.advance(w.rng.randint(3, 6))


def cancelled(w: Writer) -> None:
    """Each sort of canceller, cancelled once or twice, paused or not, fired afterwards."""
    d = w.new(w.rng.choice(SORTS))
    for _ in range(w.rng.randint(0, 3)):
        w.add(d)
    if chance(w, 0.25):
        w.pause(d)
    if chance(w, 0.15):
        w.fire(d)
    w.cancel(d)
    if chance(w, 0.3):
        w.cancel(d)
    if chance(w, 0.4) and w.unfired(d, w.ledger[d]):
        w.fire(d)
    if chance(w, 0.3):
        w.unpause(d)


def paused(w: Writer) -> None:
    """Pauses around adding, firing and cancelling."""
    d = prepared(w)
    for _ in range(w.rng.randint(1, 2)):
        w.pause(d)
    w.add(d)
    if chance(w, 0.6) and w.unfired(d, w.ledger[d]):
        w.fire(d)
    if chance(w, 0.3):
        w.cancel(d)
    for _ in range(w.rng.randint(0, 2)):
        w.unpause(d)
    w.add(d)


def nothing(w: Writer) -> None:
    """A member or two, and chance decides."""
    for _ in range(w.rng.randint(1, 3)):
        w.make()


# With how often they are chosen.
OPENINGS: list[tuple[int, Callable[[Writer], None]]] = [
    (6, callbacks),
    (14, nested),
    *[(3, list_of_flags(flags)) for flags in FLAGS],
    (5, gather),
    (6, race),
    (4, list_in_list),
    (10, chained),
    (11, timed),
    (4, timed_use),
    (8, cancelled),
    (6, paused),
    (5, nothing),
]
