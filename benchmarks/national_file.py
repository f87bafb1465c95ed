"""A file of the whole country in the shape of NSPL: every postcode in use, and ended ones, with codes like ONS'."""

from __future__ import annotations

import csv
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from zlib import crc32

from app.targets.postcode_blocks import INWARD_CODES
from benchmarks.bench import Bench
from benchmarks.race import ROOT

_NAMES = """
pcd pcd2 pcds dointr doterm usertype oseast1m osnrth1m osgrdind oa11 cty ced laua ward hlthau nhser ctry rgn pcon eer
teclec ttwa pct itl park lsoa11 msoa11 wz11 ccg bua11 buasd11 ru11ind oac11 lat long lep1 lep2 pfa imd calncv stp
"""
HEADER = _NAMES.split()
"""That of November 2021."""

ENDED_SHARE = 0.48
"""Ended postcodes for each one in use: ONS keeps some 2.7 million in all, of which 1.8 are in use."""
_ENDED_IN = "202006"

_FEW = 9
"""Outward codes of the smoke run."""
_AFTER_PCON = """
E15000003 E24000045 E30000029 E16000040 E08000033 E99999999 E01010994 E02002251 E33009378 E38000025 E34004684 E35000317
A1 2C1 53.724334 -1.857458 E37000062 E99999999 E23000010 1974 E56000030 E54000054
"""
"""What stands after the constituency; nobody reads it."""


def postcodes_of(bench: Bench) -> list[str]:
    """The postcodes that the file is to have: all of the country, or some invented ones where there are no peers."""
    return _everywhere(bench) if bench.peers else _somewhere()


def write_national_file(path: Path, postcodes: Sequence[str], *, drawn: int = 0) -> int:
    """Write it; with another number for `drawn` every ward is another one, as after a review of all of them.

    Returns:
        How many rows it has.
    """
    ended = _ended_beside(postcodes)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        rows.writerow(HEADER)
        rows.writerows(_rows(postcodes, drawn, ""))
        rows.writerows(_rows(ended, drawn, _ENDED_IN))
    return len(postcodes) + len(ended)


def _ended_beside(postcodes: Sequence[str]) -> list[str]:
    """Postcodes that are not in use, in the same outward codes and about as many in each as `ENDED_SHARE` says."""
    used: defaultdict[str, set[str]] = defaultdict(set)
    for postcode in postcodes:
        outward, _, inward = postcode.partition(" ")
        used[outward].add(inward)
    free = {outward: [inward for inward in INWARD_CODES if inward not in taken] for outward, taken in used.items()}
    most = {outward: round(len(taken) * ENDED_SHARE) for outward, taken in used.items()}
    return [f"{outward} {inward}" for outward, inwards in free.items() for inward in inwards[: most[outward]]]


def _everywhere(bench: Bench) -> list[str]:
    """The postcodes that uk-postcodes-parsing carries."""
    assert bench.peers is not None  # noqa: S101 - its caller has looked
    path = bench.scratch / "postcodes.txt"
    subprocess.run([bench.peers.python, "-m", "benchmarks.peers.postcodes", path], cwd=ROOT, check=True)  # noqa: S603 - our own command
    return path.read_text(encoding="ascii").splitlines()


def _somewhere() -> list[str]:
    return [f"ZZ{number} {inward}" for number in range(1, _FEW + 1) for inward in INWARD_CODES[::2]]


def _rows(postcodes: Iterable[str], drawn: int, ended: str) -> Iterator[list[str]]:
    """A row for each postcode; a ward has some two hundred and lies in one council, every other council in a county."""
    rest = _AFTER_PCON.split()
    for postcode in postcodes:
        outward, _, inward = postcode.partition(" ")
        place, digit = crc32(outward.encode()), int(inward[0])
        town = place % 900
        council, two_tiers = town % 350, town % 350 % 2
        yield [
            f"{outward:4}{inward}",
            f"{outward:4} {inward}",
            postcode,
            *("199002", ended, "0", "409503", "0425335", "1", "E00055407"),
            f"E10{council // 15:06}" if two_tiers else "E99999999",
            f"E58{town * 4 + digit // 3:06}" if two_tiers else "E99999999",
            f"E0{7 if two_tiers else 6}{council:06}",
            f"E05{drawn * 10_000 + town * 10 + digit:06}",
            *("E18000003", "E40000009", "E92000001", "E12000003"),
            f"E14{place % 650:06}",
            *rest,
        ]
