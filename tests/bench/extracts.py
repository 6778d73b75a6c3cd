"""Large conformed extracts in the contract's shape, made column by column, and one large file for intake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from redress.contract.contract import load_contract
from tests.warehouse.warehouse_state import LEDGER, ROOT, World

AUTHORITY = "bench"
YEAR, AS_AT = "2023-24", "2024-05-31"
FIRST_DAY, LAST_DAY = date(2022, 4, 1), date(2024, 5, 31)
RECEIVED_AT = datetime(2024, 5, 20, 9)
AREAS = [f"area {number}" for number in range(4)]
TEAMS = [f"team {number}" for number in range(24)]
ISSUES_PER_COMPLAINT = 5


@dataclass(frozen=True)
class Sizes:
    """Rows of the large tables."""

    complaints: int
    stages: int
    issues: int


def _day(days: np.ndarray) -> pl.Series:
    """Days since 1970 as dates; negative is blank."""
    return pl.Series(days).cast(pl.Int32).replace({-1: None}).cast(pl.Date)


def _ids(letter: str, numbers: np.ndarray) -> pl.Series:
    """Identifiers such as C0000012."""
    return pl.select(pl.lit(letter) + pl.Series(numbers).cast(pl.String).str.zfill(8)).to_series()


class Maker:
    """Conformed tables of one authority; the same numbers for the same seed."""

    def __init__(self, complaints: int, seed: int = 1) -> None:
        self.random = np.random.default_rng(seed)
        self.complaints = complaints
        self.first = (FIRST_DAY - date(1970, 1, 1)).days
        self.days = (LAST_DAY - FIRST_DAY).days

    def pick(self, words: list[str | None], size: int, weights: list[float] | None = None) -> pl.Series:
        """One word for each row."""
        chosen = self.random.choice(len(words), size, p=weights)
        return pl.Series(words, dtype=pl.String).gather(chosen.astype(np.uint32))

    def later(self, days: np.ndarray, longest: int, blank: float) -> np.ndarray:
        """Days up to so many after, some of them blank."""
        after = days + self.random.integers(0, longest, len(days))
        return np.where((self.random.random(len(days)) < blank) | (days < 0), -1, after)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Every large table, and small ones in proportion."""
        n, random = self.complaints, self.random
        numbers = np.arange(n)
        received = self.first + random.integers(0, self.days, n)
        complaint = pl.DataFrame(
            {
                "complaint_id": _ids("C", numbers),
                "received_date": _day(received),
                "acknowledged_date": _day(self.later(received, 5, 0.1)),
                "accepted_date": _day(self.later(received, 15, 0.3)),
                "procedure": self.pick(["statutory", "corporate", "informal"], n, [0.4, 0.45, 0.15]),
                "channel": self.pick(["email", "telephone", "web form", None], n),
                "theme": self.pick(["delay", "attitude", "decision", None], n),
                "complainant_role": self.pick(
                    ["parent", "child_or_young_person", "advocate", "carer", None], n
                ),
                "complainant_id": _ids("P", random.integers(0, max(1, n * 8 // 10), n)),
                "sex": self.pick(["female", "male", "not_known", None], n),
                "age_at_receipt": pl.Series(random.integers(10, 80, n)).cast(pl.Int32),
                "ethnicity": self.pick(["White", "Asian", "Black", None], n),
                "disability": self.pick(["yes", "no", None], n),
                "child_looked_after": self.pick(["yes", "no", None], n),
                "withdrawn_date": _day(self.later(received, 30, 0.97)),
            }
        )
        procedures = complaint["procedure"]
        services = random.integers(1, 3, n)
        of_service = np.repeat(numbers, services)
        start = random.integers(0, len(TEAMS), n)
        place = np.arange(len(of_service)) - np.repeat(np.cumsum(services) - services, services)
        tables = {
            "complaint": complaint,
            "complaint_service": pl.DataFrame(
                {
                    "complaint_id": _ids("C", of_service),
                    "service": pl.Series(TEAMS).gather(
                        ((np.repeat(start, services) + place) % len(TEAMS)).astype(np.uint32)
                    ),
                }
            ),
            "complaint_child": pl.DataFrame(
                {
                    "complaint_id": _ids("C", numbers),
                    "child_id": _ids("K", random.integers(0, n, n)),
                    "child_looked_after": self.pick(["yes", "no", None], n),
                }
            ),
            "complaint_theme": pl.DataFrame(
                {
                    "complaint_id": _ids("C", numbers[::2]),
                    "theme": self.pick(["records", "money"], len(numbers[::2])),
                }
            ),
        }
        tables["stage"] = self.stages(received, procedures)
        tables |= self.issues(received)
        tables |= self.small(received)
        return tables

    def stages(self, received: np.ndarray, procedures: pl.Series) -> pl.DataFrame:
        """Stage 1 of every formal complaint, stage 2 of a fifth of them, stage 3 of a fifth of those."""
        formal = np.flatnonzero((procedures != "informal").to_numpy())
        parts, of, requested = [], formal, received[formal]
        for stage in (1, 2, 3):
            size = len(of)
            responded = self.later(requested, 60, 0.1)
            parts.append(
                pl.DataFrame(
                    {
                        "stage_id": _ids(f"S{stage}", of),
                        "complaint_id": _ids("C", of),
                        "procedure": procedures.gather(of.astype(np.uint32)),
                        "stage": pl.Series(np.full(size, stage)).cast(pl.Int32),
                        "requested_date": _day(requested),
                        "extension_agreed": self.pick(["yes", "no", None], size),
                        "responded_date": _day(responded),
                        "closed_date": _day(self.later(responded, 20, 0.5)),
                        "closed_how": self.pick(["responded", "withdrawn", None], size, [0.5, 0.05, 0.45]),
                        "outcome": self.pick(["upheld", "partially_upheld", "not_upheld", None], size),
                        "service": self.pick([*TEAMS, None], size),
                    }
                )
            )
            on = (self.random.random(size) < 0.2) & (responded >= 0)
            of, requested = of[on], responded[on] + self.random.integers(1, 30, int(on.sum()))
        return pl.concat(parts)

    def issues(self, received: np.ndarray) -> dict[str, pl.DataFrame]:
        """Five points of complaint each, most of them answered."""
        of = np.repeat(np.arange(self.complaints), ISSUES_PER_COMPLAINT)
        size = len(of)
        raised = received[of] + self.random.integers(0, 10, size)
        keys = _ids("I", np.arange(size))
        decided = self.later(raised, 60, 0.2)
        answered = pl.DataFrame({"issue_id": keys, "decided_date": _day(decided)}).drop_nulls()
        outcomes = [
            "upheld",
            "partially_upheld",
            "not_upheld",
            "inconclusive",
            "withdrawn",
            "direct_to_next_stage",
        ]
        return {
            "issue": pl.DataFrame(
                {
                    "issue_id": keys,
                    "complaint_id": _ids("C", of),
                    "raised_date": _day(raised),
                    "service": self.pick(TEAMS, size),
                    "category": self.pick([f"category {number}" for number in range(8)], size),
                    "sub_category": self.pick([*(f"kind {number}" for number in range(12)), None], size),
                }
            ),
            "issue_outcome": answered.with_columns(
                pl.lit(1, pl.Int32).alias("stage"), self.pick(outcomes, len(answered)).alias("outcome")
            ),
        }

    def small(self, received: np.ndarray) -> dict[str, pl.DataFrame]:
        """Compliments, contacts, learning and Ombudsman matters: a tenth as many as complaints."""
        size = max(1, self.complaints // 10)
        day = received[:size]
        ombudsman = pl.DataFrame(
            {
                "ombudsman_id": _ids("O", np.arange(size)),
                "received_date": _day(day),
                "decided_date": _day(self.later(day, 200, 0.3)),
                "decision": self.pick(["upheld", "not_upheld", "premature"], size),
            }
        )
        return {
            "ombudsman": ombudsman,
            "ombudsman_service": pl.DataFrame(
                {"ombudsman_id": ombudsman["ombudsman_id"], "service": self.pick(TEAMS, size)}
            ),
            "compliment": pl.DataFrame(
                {
                    "compliment_id": _ids("T", np.arange(size)),
                    "received_date": _day(day),
                    "service": self.pick(TEAMS, size),
                    "source": self.pick(["professional", "parent_or_carer"], size),
                }
            ),
            "contact": pl.DataFrame(
                {
                    "contact_id": _ids("D", np.arange(size)),
                    "received_date": _day(day),
                    "kind": self.pick(["duty", "mp_enquiry"], size),
                    "service": self.pick(TEAMS, size),
                    "outcome": self.pick(["resolved", "refused", None], size),
                }
            ),
            "learning": pl.DataFrame(
                {
                    "learning_id": _ids("L", np.arange(size)),
                    "service": self.pick(TEAMS, size),
                    "sent_date": _day(day),
                    "returned_date": _day(self.later(day, 120, 0.4)),
                    "category": self.pick(["training", "records"], size),
                }
            ),
        }


def write_state(state: Path, complaints: int) -> Sizes:
    """Write what intake would leave behind for that many complaints, and the configuration."""
    contract = load_contract(ROOT / "seeds" / "reference")
    world = World()
    world.authority(AUTHORITY, "2022-04-01")
    world.report(AUTHORITY, YEAR, AS_AT)
    named = {"authority": AUTHORITY}
    world.configure(
        "config_service", *({**named, "service": area, "label": area, "level": "area"} for area in AREAS)
    )
    world.configure(
        "config_service",
        *(
            {
                **named,
                "service": team,
                "label": team,
                "level": "team",
                "parent_service": AREAS[number % len(AREAS)],
            }
            for number, team in enumerate(TEAMS)
        ),
    )
    for stage, standard, extended in ((1, 20, 30), (2, 20, None)):
        world.configure(
            "config_timescale",
            {
                **named,
                "procedure": "corporate",
                "stage": stage,
                "standard_working_days": standard,
                "extended_working_days": extended,
                "clock_start": "accepted" if stage == 1 else "requested",
                "clock_end": "responded_date",
                "day_count": "exclude_start_day",
                "source": "made up",
            },
        )
    world.write(state)
    tables = Maker(complaints).tables()
    ledger = []
    for name, frame in tables.items():
        extract_id = f"{AUTHORITY}/{name}/000000000000"
        whole = frame.with_columns(
            pl.lit(AUTHORITY).alias("authority"),
            pl.lit(extract_id).alias("extract_id"),
            pl.lit(f"{name}.csv").alias("source_file"),
            pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("source_row"),
            pl.lit(RECEIVED_AT).cast(pl.Datetime("us")).alias("known_from"),
        )
        schema = contract.tables[name].schema
        whole = whole.with_columns(
            pl.lit(None, dtype=kind).alias(column)
            for column, kind in schema.items()
            if column not in whole.columns
        )
        whole.select(list(schema)).write_parquet(state / "conformed" / name / "rows.parquet")
        counted = dict.fromkeys(("rows_received", "rows_conformed"), len(frame))
        ledger.append(
            {
                **dict.fromkeys(LEDGER),
                **named,
                **counted,
                "extract_id": extract_id,
                "source": name,
                "scope": "",
                "file_name": f"{name}.csv",
                "sha256": "0" * 64,
                "received_at": RECEIVED_AT,
                "bytes": 1,
                "rows_quarantined": 0,
                "rows_left_out": 0,
                "columns": len(frame.columns),
                "status": "loaded",
            }
        )
    pl.DataFrame(ledger, schema=LEDGER).write_parquet(state / "conformed" / "extract" / "rows.parquet")
    return Sizes(complaints, len(tables["stage"]), len(tables["issue"]))


PROFILE = """\
authority: bench
name: Bench Council
short_name: Bench
synthetic: true
case_data_from: 2022-04-01
reports:
  "2023-24":
    as_at: 2024-05-31
    title: A large file
    published_on: 2024-06-30
    next_release: 2025-06-30
vocabularies: {channel: open, theme: open, ethnicity: open, service: open}
"""


def write_drop_folder(authorities: Path, rows: int) -> Path:
    """An authority folder with one complaint file of that many rows; gives the file."""
    folder = authorities / AUTHORITY
    batch = folder / "extracts" / "2023-24" / RECEIVED_AT.date().isoformat()
    batch.mkdir(parents=True)
    (folder / "profile.yml").write_text(PROFILE, encoding="utf-8")
    maker = Maker(rows)
    frame = maker.tables()["complaint"].with_columns(
        _day(-7300 + maker.random.integers(0, 14600, rows)).alias("birth_date"),
        pl.lit("what was said, in words that go no further").alias("free_text"),
    )
    frame.drop("age_at_receipt").write_csv(batch / "complaint.csv")
    return batch / "complaint.csv"
