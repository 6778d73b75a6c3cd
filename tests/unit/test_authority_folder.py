"""An authority's folder: read, checked in one pass, and written as tables."""

from __future__ import annotations

import os
from datetime import date

import polars as pl
import pytest
from intake_world import PROFILE, World

from redress.authority.config_tables import CONFIG_SCHEMAS, config_tables, write_config_tables
from redress.authority.folder import load_authorities
from redress.authority.model import AuthorityError
from redress.authority.profile import year_bounds
from redress.base.settings import ROOT, Settings

GOOD = """\
authority: smallham
name: Smallham Borough Council
short_name: Smallham
synthetic: true
case_data_from: 2023-04-01
reports:
  "2022-23": {as_at: 2023-05-31, title: The year before}
  "2023-24": {as_at: 2024-05-31, title: The year, published_on: 2024-06-28}
settings: {outcome_share_withdrawn: including, percent_places: 1}
vocabularies: {channel: {Email: [E-mail, email message]}, theme: open}
owners: {default: Somebody, stage: Stage team}
"""
SERVICES = (
    "service,label,level,parent_service,valid_from,valid_to,successor_service,aliases\n"
    "csc,Children's Social Care,service_area,,,,,\n"
    "Old Team,,team,csc,2010-04-01,2023-10-01,New Team,Older Team\n"
    "New Team,,team,csc,2023-10-02,,,\n"
)
TIMESCALES = (
    ""
    "procedure,stage,standard_working_days,extended_working_days,clock_start,clock_end,day_count,valid_from,valid_to,source\n"
    "corporate,1,20,30,accepted,responded_date,exclude_start_day,2010-04-01,,Policy\n"
    "corporate,2,20,,requested,closed_date,count_start_day,,,Policy\n"
)
BANDS = "procedure,stage,band,from_days,to_days\ncorporate,1,0-20,0,20\ncorporate,1,21+,21,\n"
GROUPINGS = "attribute,value,grouping,group\ncomplainant_role,parent,complainant_type,adult\n"
PUBLISHED = (
    ""
    "ref,locator,measure,breakdown,period,value,unit,figure_measure,figure_breakdown,figure_period,scale,note\n"
    "s-1,Fig 1,new_complaints,,2023/24,129,count,new_complaints,,2023-24,,\n"
    "s-2,Fig 2,rate,,2023/24,5,percent,,,,0.1,x\n"
)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path).configure(
        profile=GOOD, services=SERVICES, timescales=TIMESCALES, time_bands=BANDS, groupings=GROUPINGS
    )
    (world.folder / "published").mkdir()
    (world.folder / "published" / "2023-24.csv").write_text(PUBLISHED)
    (world.folder / "published" / "2023-24-contradictions.csv").write_text(
        "ref,conflicts_with,relation,reason\ns-2,s-1,r2 < r1,Because\n"
    )
    return world


def problems_of(world: World) -> list[str]:
    with pytest.raises(AuthorityError) as error:
        world.authority()
    return error.value.problems


def test_a_sound_folder(world):
    authority = world.authority()
    assert (authority.slug, authority.short_name, authority.is_synthetic) == ("smallham", "Smallham", True)
    assert authority.case_data_from == date(2023, 4, 1)
    assert authority.reports["2023-24"].period_end == date(2024, 3, 31)
    assert authority.reports["2023-24"].published_on == date(2024, 6, 28)
    assert authority.settings == {
        "outcome_share_withdrawn": "including",
        "outcome_share_direct": "including",
        "percent_places": "1",
        "list_cases": "no",
    }
    assert authority.vocabularies["channel"].words["e-mail"] == "Email"
    assert authority.vocabularies["theme"].is_open
    assert authority.vocabularies["service"].words["older team"] == "Old Team"
    assert authority.extracts == world.folder / "extracts"


def test_config_tables_hold_the_folder(world):
    tables = config_tables([world.authority()])
    assert {name: dict(table.schema) for name, table in tables.items()} == CONFIG_SCHEMAS
    assert tables["config_authority"].rows() == [
        ("smallham", "Smallham Borough Council", "Smallham", True, date(2023, 4, 1))
    ]
    assert tables["config_report"]["as_at"].to_list() == [date(2023, 5, 31), date(2024, 5, 31)]
    assert tables["config_service"].filter(pl.col("service") == "Old Team").rows() == [
        ("smallham", "Old Team", None, "team", "csc", date(2010, 4, 1), date(2023, 10, 1), "New Team")
    ]
    assert tables["config_timescale"]["extended_working_days"].to_list() == [30, None]
    assert tables["config_time_band"]["to_days"].to_list() == [20, None]
    assert tables["config_grouping"].rows() == [
        ("smallham", "complainant_role", "parent", "complainant_type", "adult", None, None)
    ]
    assert tables["config_published"]["published_value"].to_list() == ["129", "5"]
    assert tables["config_published"]["scale"].to_list() == [None, 0.1]
    assert tables["config_contradiction"]["reporting_year"].to_list() == ["2023-24"]
    assert tables["config_category"].height == 0


def test_only_the_reports_wanted_are_written(world):
    authority = world.authority()
    assert config_tables([authority], {"smallham": ["2023-24"]})["config_report"][
        "reporting_year"
    ].to_list() == ["2023-24"]
    paths = write_config_tables([authority], world.settings, {"smallham": []})
    assert pl.read_parquet(paths["config_report"]).height == 0
    assert dict(pl.read_parquet_schema(paths["config_report"])) == CONFIG_SCHEMAS["config_report"]
    assert {path.parent for path in paths.values()} == {world.settings.state / "config"}


def test_every_fault_of_a_folder_is_told_at_once(world):
    (world.folder / "profile.yml").write_text(
        """\
authority: other
synthetic: perhaps
colour: red
case_data_from: soon
reports: {"2023-25": {}, "2023-24": {as_at: next May, tittle: x}}
settings: {outcome_share: x, outcome_share_direct: maybe}
vocabularies: {chanel: [Email], channel: Email, stage_outcome: [upheld, great]}
owners: {stages: x}
"""
    )
    (world.folder / "services.csv").write_text(
        SERVICES
        + "csc,,,nowhere,2024-01-01,2023-01-01,,Old Team\nA,,,B,,,,\nB,,,A,,,,\nB,,,A,,,,\n,,,,x,,,y\n"
    )
    (world.folder / "timescales.csv").write_text(
        TIMESCALES + "corporat,4,x,,received,end,both,2023-02-30,,\nshort,row\n"
    )
    (world.folder / "time_bands.csv").write_text("procedure,stage\n")
    (world.folder / "groupings.csv").write_text(GROUPINGS + "sex,,,\n")
    (world.folder / "categories.csv").write_text(
        "service,category,sub_category,valid_from,valid_to,aliases\nnone,Delay,,,,\n,,x,,,\n,Staff,,,,Delay\n"
    )
    (world.folder / "mapping.yml").write_text("version: 1\nsources: [")
    (world.folder / "published" / "2023-24.csv").write_text(
        PUBLISHED + "s-1,,m,,p,1,count,,,,much,\ns-9,,m,,p,12%,percent,,,,,\n,,m,,p,1,count,,,,,\n"
    )
    expected = [
        "authority is `other`",
        "name is missing",
        "synthetic is true or false",
        "`colour` is not known",
        "case_data_from is missing or no date",
        "`2023-25` is no reporting year",
        "as_at is missing or no date",
        "`tittle` is not known",
        "no setting `outcome_share`",
        "setting outcome_share_direct is `maybe`",
        "no vocabulary `chanel`",
        "vocabulary channel is a list",
        "`great` is not one of the contract's words",
        "owners: `stages`",
        "`B` stands more than once",
        "(service `csc`) overlap",
        "`csc` is `` here and `service_area` in line 2",
        "parent_service `nowhere`",
        "valid_to is before valid_from",
        "`Old Team` stands for both",
        "parent_service: `A` leads back to itself",
        "service is blank",
        "valid_from `x` is no date",
        "procedure `corporat`",
        "stage `4`",
        "standard_working_days `x`",
        "clock_start `received`",
        "clock_end `end`",
        "day_count `both`",
        "valid_from `2023-02-30`",
        "another number of cells",
        "time_bands.csv: columns are missing",
        "groupings.csv: line 3: value is blank",
        "`none` is no service",
        "category is blank",
        "`Delay` stands for both",
        "mapping.yml: line 2: ",
        "ref `s-1` stands more than once",
        "scale `much` is no number",
        "value `12%` is no number",
        "ref is blank",
    ]
    problems = problems_of(world)
    for phrase in expected:
        assert any(phrase in problem for problem in problems), (phrase, problems)
    assert all(problem.startswith("smallham/") for problem in problems)


BAND_DATES = "procedure,stage,band,from_days,to_days,valid_from,valid_to\n"
GROUP_DATES = "attribute,value,grouping,group,valid_from,valid_to\n"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "timescales",
            TIMESCALES.replace("2010-04-01,,Policy", "2010-04-01,2024-03-31,Policy")
            + "corporate,1,10,,requested,responded_date,exclude_start_day,2024-03-31,,Policy\n",
            "lines 2 and 4 (procedure `corporate`, stage `1`) overlap: the second begins on 2024-03-31",
        ),
        (
            "timescales",
            TIMESCALES.replace("2010-04-01,,Policy", "2010-04-01,2024-03-31,Policy")
            + "corporate,1,10,,requested,responded_date,exclude_start_day,2024-04-02,,Policy\n",
            "lines 2 and 4 (procedure `corporate`, stage `1`) leave a gap: the first ends on 2024-03-31",
        ),
        (
            "time_bands",
            BAND_DATES + "corporate,1,0-20,0,20,,2024-03-31\ncorporate,1,0-20,1,20,2024-03-01,\n",
            "(procedure `corporate`, stage `1`, band `0-20`) overlap",
        ),
        (
            "groupings",
            GROUP_DATES
            + "complainant_role,parent,kind,adult,,\ncomplainant_role,parent,kind,kin,2024-04-01,\n",
            "overlap: the second begins on 2024-04-01, and the first ends on no stated day",
        ),
        ("groupings", GROUPINGS + "shoe_size,9,feet,large\n", "attribute `shoe_size` is none of"),
        ("groupings", GROUPINGS + "complainant_role,Mum,kind,adult\n", "value `Mum` is none of parent"),
        ("groupings", GROUPINGS + "channel,Pigeon,kind,post\n", "value `Pigeon` is none of Email"),
        (
            "services",
            SERVICES.replace("2023-10-02", "2023-10-05"),
            "`Old Team` ends on 2023-10-01 and its successor `New Team` (line 4) begins on 2023-10-05",
        ),
        (
            "services",
            SERVICES.replace("2023-10-02,,,", "2023-10-01,,,Older Team"),
            "`Older Team` stands for both `Old Team` and `New Team` on 2023-10-01",
        ),
        (
            "services",
            SERVICES + "Duty,,team,csc,,2024-09-30,,\nDuty,,team,,2024-10-02,,,\n",
            "lines 5 and 6 (service `Duty`) leave a gap: the first ends on 2024-09-30",
        ),
        (
            "services",
            SERVICES + "Duty,,team,csc,2024-10-01,,,\nDuty,,team,,,2024-09-30,,\n",
            "the rows of `Duty` do not stand in the order of their days",
        ),
        (
            "services",
            SERVICES + "Duty,,team,csc,,2024-09-30,New Team,\nDuty,,team,,2024-10-01,,,\n",
            "`Duty` goes on in a later row, so it has no successor here",
        ),
        (
            "services",
            SERVICES + "Duty,,team,csc,,2024-09-30,,\nDuty,,hub,,2024-10-01,,,\n",
            "`Duty` is `hub` here and `team` in line 5",
        ),
        (
            "services",
            SERVICES + "Duty,,team,Old Team,,,,\n",
            "`Duty` lies below `Old Team`, which ends on 2023-10-01 and becomes `New Team`. End this row on that day too",
        ),
        (
            "services",
            SERVICES + "Up,,area,,,2024-09-30,,\nUp,,area,Low,2024-10-01,,,\nLow,,team,Up,,2025-03-31,,\n"
            "Low,,team,,2025-04-01,,,\n",
            "parent_service: `Up` leads back to itself",
        ),
    ],
)
def test_dated_rows_that_overlap_or_leave_a_gap_are_told(world, name, text, told):
    (world.folder / f"{name}.csv").write_text(text)
    problems = problems_of(world)
    assert len(problems) == 1 + ("leads back" in told)  # each of a circle
    assert told in problems[0]


def test_a_service_may_be_moved_and_renamed_on_days(world):
    rows = "Duty,Front Door,team,csc,,2024-09-30,,FD\nDuty,Duty Team,team,,2024-10-01,,,\n"
    (world.folder / "services.csv").write_text(SERVICES + rows)
    authority = world.authority()
    assert {
        word: authority.vocabularies["service"].words[word] for word in ("fd", "front door", "duty team")
    } == dict.fromkeys(("fd", "front door", "duty team"), "Duty")
    before, after = (authority.services_on(date(2024, month, 1))["Duty"] for month in (9, 10))
    assert (before["label"], before["parent_service"]) == ("Front Door", "csc")
    assert (after["label"], after["parent_service"]) == ("Duty Team", "")


@pytest.mark.parametrize("number", ["99999999999", "9" * 5000, "1.5", "\u00b2"])
def test_a_number_of_days_that_no_table_holds_is_told(world, number):
    header = "procedure,stage,band,from_days,to_days,valid_from,valid_to"
    (world.folder / "time_bands.csv").write_text(
        f"{header}\ncorporate,1,long,0,{number},,\n", encoding="utf-8"
    )
    [problem] = problems_of(world)
    assert problem.startswith("smallham/time_bands.csv: line 2: to_days `") and len(problem) < 400


def test_rows_that_follow_one_another_are_sound(world):
    own = "10,,requested,responded_date,exclude_start_day"
    (world.folder / "timescales.csv").write_text(
        TIMESCALES
        # the earlier row has no end: it lasts until this one begins
        + f"corporate,1,{own},2024-04-01,,Policy\n"
        # the law holds between these
        + f"statutory,1,{own},2015-04-01,2016-03-31,Promise\nstatutory,1,{own},2020-04-01,,Promise\n"
    )
    (world.folder / "services.csv").write_text(SERVICES.replace("2023-10-02,,,", "2023-10-02,,,Older Team"))
    assert world.authority().vocabularies["service"].dated.keys() == {"older team"}


def test_a_word_with_aliases_may_stand_inside_a_list(world):
    profile = GOOD.replace("{Email: [E-mail, email message]}", "[Post, {Email: [E-mail]}]")
    (world.folder / "profile.yml").write_text(profile)
    channel = world.authority().vocabularies["channel"]
    assert channel.declared == ("Post", "Email")
    assert channel.words["e-mail"] == "Email"


def test_what_cannot_be_an_alias_is_told(world):
    profile = GOOD.replace("{Email: [E-mail, email message]}", "{Email: [{Mail: [E-mail]}]}")
    (world.folder / "profile.yml").write_text(profile)
    assert ["is no word" in problem for problem in problems_of(world)] == [True]


def test_a_file_that_cannot_be_read_is_a_fault_and_not_a_crash(world):
    (world.folder / "services.csv").write_bytes(b"service,label\ncaf\xe9,\n")
    (world.folder / "profile.yml").write_text("just words")
    (world.folder / "mapping.yml").write_text("version: 1\nversion: 1\n")
    problems = problems_of(world)
    assert any("`version` stands twice" in problem for problem in problems)
    assert any("not in UTF-8" in problem for problem in problems)
    assert any("`key: value`" in problem for problem in problems)


def test_a_date_that_cannot_be_is_a_fault_and_not_a_crash(world):
    (world.folder / "profile.yml").write_text(GOOD.replace("2023-04-01", "2023-02-30"))
    assert any("line 5: `2023-02-30` is no date" in problem for problem in problems_of(world))


def test_authorities_are_found_by_folder_and_wanted_by_name(world, tmp_path):
    other = World(tmp_path, "bigham").configure()
    (tmp_path / "authorities" / "notes").mkdir()
    assert [a.slug for a in load_authorities(world.settings)] == ["bigham", "smallham"]
    assert [a.slug for a in load_authorities(world.settings, ["smallham"])] == ["smallham"]
    single = Settings(root=ROOT, build=tmp_path / "build", authorities=(other.folder,))
    assert [a.slug for a in load_authorities(single)] == ["bigham"]
    with pytest.raises(AuthorityError, match="no such authority"):
        load_authorities(world.settings, ["nowhere"])


def test_faults_of_several_authorities_come_together(world, tmp_path):
    World(tmp_path, "bigham").configure(profile=PROFILE.format(slug="x", synthetic="true"))
    World(tmp_path, "midham").configure(profile=PROFILE.format(slug="y", synthetic="true"))
    with pytest.raises(AuthorityError) as error:
        load_authorities(world.settings)
    assert [problem.split("/")[0] for problem in error.value.problems] == ["bigham", "midham"]


def test_the_drop_folder_may_lie_elsewhere(world, tmp_path):
    with (world.folder / "profile.yml").open("a") as file:
        file.write(f"extracts: {tmp_path / 'drop'}\n")
    assert world.authority().extracts == tmp_path / "drop"
    assert os.path.isabs(world.authority().extracts)


@pytest.mark.parametrize(("year", "first"), [("2023-24", 2023), ("1999-00", 1999)])
def test_a_reporting_year_runs_from_april_to_march(year, first):
    assert year_bounds(year) == (date(first, 4, 1), date(first + 1, 3, 31))


@pytest.mark.parametrize("year", ["2023-25", "2023/24", "23-24", "2023"])
def test_what_is_no_reporting_year(year):
    with pytest.raises(ValueError, match="no reporting year"):
        year_bounds(year)


def test_a_folder_that_has_not_changed_is_read_once(world):
    assert world.authority() is world.authority()


@pytest.mark.parametrize("file", ["profile.yml", "services.csv", "published/2023-24.csv"])
def test_a_file_that_changed_is_read_again_even_with_its_size_and_time(world, file):
    """A file may be written twice within one tick of the clock, or be given its old time by whoever copies it."""
    before = world.authority()
    path = world.folder / file
    was = path.stat()
    text = path.read_text(encoding="utf-8")
    changed = text.replace("The year,", "The jear,").replace("Old Team", "Odd Team").replace("Fig 1", "Fig 9")
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert path.stat().st_size == was.st_size
    after = world.authority()
    assert after is not before and after != before
    path.write_text(text, encoding="utf-8")
    assert world.authority() == before


def test_a_folder_with_a_fault_is_read_until_it_is_mended(world):
    path = world.folder / "profile.yml"
    path.write_text(GOOD + "theme: {logo: logo.svg}\n")
    assert len(problems_of(world)) == len(problems_of(world)) == 1
    (world.folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert world.authority().profile.theme.logo == "logo.svg"
    (world.folder / "logo.svg").write_text("<svg><script/></svg>")
    assert "may hold no script" in problems_of(world)[0]
    (world.folder / "logo.svg").unlink()
    assert "is not in this folder" in problems_of(world)[0]


def test_a_file_that_comes_or_goes_is_seen(world):
    before = world.authority()
    (world.folder / "categories.csv").write_text("service,category,sub_category\n,Delay,\n")
    assert world.authority().vocabularies["category"].declared == ("Delay",)
    (world.folder / "categories.csv").unlink()
    assert world.authority() == before
