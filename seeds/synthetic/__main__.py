"""Write one council's synthetic extracts: `python -m seeds.synthetic solihull [--out DIR]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from seeds.synthetic.councils import Council

ROOT = Path(__file__).resolve().parents[1]  # the seeds folder


def generate(council: str, out: Path | None = None) -> tuple[list[tuple[Path, int, dict[int, str]]], object]:
    """Write the extracts of `council` below `out` (default: its folder in seeds/authorities).

    Returns the files with their number of records and planted faults, and the cases behind them. Files of an
    earlier run that are no longer written are removed from the year's folder.
    """
    generator = Council(council)
    target = (out or ROOT / "authorities" / council / "extracts") / generator.year
    built = generator.cases()
    written = []
    for received, files in generator.batches(built).items():
        for export in files:
            written.append(
                (target / received / export.name, export.write(target / received), export.faulty_rows)
            )
    keep = {path for path, _, _ in written}
    for path in sorted(target.rglob("*")):
        if path.is_file() and path not in keep:
            path.unlink()
    return written, built


def main(arguments: list[str] | None = None) -> int:
    """Write the files and name them with what is wrong in them on purpose."""
    parser = argparse.ArgumentParser(prog="python -m seeds.synthetic", description=__doc__)
    parser.add_argument("council", help="name of a council's folder, e.g. solihull")
    parser.add_argument("--out", type=Path, help="folder to write to instead of the council's own")
    options = parser.parse_args(arguments)
    written, _ = generate(options.council, options.out)
    for path, records, faults in written:
        planted = ", ".join(f"row {n}: {code}" for n, code in sorted(faults.items()))
        print(f"{path.parent.name}/{path.name}: {records} records{' (' + planted + ')' if planted else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
