"""Runs recorded programs again and tells what came out otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from model import Unknown
from run import record


def again(program: dict[str, Any]) -> dict[str, Any]:
    """A recorded program with what happens when it runs now, as JSON gives it back."""
    fresh = record(program["ops"], program["id"])
    return json.loads(json.dumps(fresh))


def differences(recorded: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A line for each program that comes out otherwise than it was recorded."""
    for program in recorded:
        try:
            fresh = again(program)
        except (Unknown, LookupError, TypeError, AttributeError) as error:
            Unknown.seen.clear()
            yield f"{program.get('id')}: cannot be run: {error!r}"
            continue
        for part in sorted(fresh.keys() | program.keys()):
            if fresh.get(part) != program.get(part):
                where = first_difference(program.get(part), fresh.get(part))
                yield f"{program['id']}: {part}: {where}"
                break


def first_difference(recorded: Any, fresh: Any) -> str:
    """Where two parts of a record part."""
    if isinstance(recorded, list) and isinstance(fresh, list):
        for place, (one, other) in enumerate(zip(recorded, fresh, strict=False)):
            if one != other:
                return f"at {place}: recorded {json.dumps(one)}, now {json.dumps(other)}"
        return f"recorded {len(recorded)} entries, now {len(fresh)}"
    return f"recorded {json.dumps(recorded)}, now {json.dumps(fresh)}"
