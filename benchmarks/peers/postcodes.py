"""Writes the postcodes in use that uk-postcodes-parsing carries (from ONSPD) to a file, a line each."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

from uk_postcodes_parsing import outcodes

if __name__ == "__main__":
    with Path(sys.argv[1]).open("w", encoding="ascii") as file:
        for module in sorted(module.name for module in pkgutil.iter_modules(outcodes.__path__)):
            incodes = getattr(importlib.import_module(f"uk_postcodes_parsing.outcodes.{module}"), "INCODES", ())
            file.writelines(f"{module.upper()} {incode}\n" for incode in sorted(incodes))
