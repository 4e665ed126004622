"""Files of programs: JSON lines, compressed if the name ends in `.gz`."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from typing import Any

from model import TWISTED, VERSION

FORMAT = "twisted-traces"


def header(seed: int) -> dict[str, Any]:
    """The first line of a file."""
    return {"format": FORMAT, "version": VERSION, "twisted": TWISTED, "seed": seed}


def save(path: str, lines: Iterable[dict[str, Any]]) -> int:
    """Write lines, the same bytes for the same lines; how many there were."""
    written = [json.dumps(line, separators=(",", ":")) for line in lines]
    data = "".join(line + "\n" for line in written).encode()
    if path.endswith(".gz"):
        # Without the time of writing.
        data = gzip.compress(data, compresslevel=9, mtime=0)
    with open(path, "wb") as file:
        file.write(data)
    return len(written)


def load(path: str) -> Iterator[dict[str, Any]]:
    """The programs of a file, after its header was looked at."""
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as file:
        first = json.loads(next(file))
        if first.get("format") != FORMAT or first.get("version") != VERSION:
            raise ValueError(f"{path} is not a file of traces of version {VERSION}")
        for line in file:
            yield json.loads(line)
