"""Whatever is done to a pack, `redress verify` says it in plain words: it never hangs, fails inside, or calls it whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from test_evidence_manifest import ABOUT, key_files, run

from redress.attest import contents, manifest
from redress.base import errors
from redress.base.settings import Settings

ROOT = "north-town-2023-24"
FLIPS = 1500
CUTS = 150
SHAPES = 500


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A signed pack, its zip and the public key."""
    place = tmp_path_factory.mktemp("world")
    private, public = key_files(place / "keys", "ours")
    pack = place / "out" / ROOT
    (pack / "cases").mkdir(parents=True)
    (pack / "figures.csv").write_text("figure_id,value\n" + "a,3\n" * 400, encoding="utf-8")
    (pack / "page.html").write_text("".join(f"<tr><td>{n}</td></tr>" for n in range(300)), encoding="utf-8")
    (pack / "empty.txt").write_bytes(b"")
    (pack / "cases" / "members.csv.gz").write_bytes(random.Random(1).randbytes(300))
    (pack / "method é.md").write_text("words\n", encoding="utf-8")
    settings = Settings(signing_key_file=private)
    manifest.write_manifest(pack, ABOUT, manifest.signing_key(settings))
    assert manifest.write_zip(pack, place / "pack.zip")
    assert run(place / "pack.zip", "--key", public)[0] == run(pack, "--key", public)[0] == 0
    return place, public


@pytest.fixture
def pack(world, tmp_path) -> Path:
    """A copy of the pack's folder."""
    shutil.copytree(world[0] / "out" / ROOT, tmp_path / ROOT)
    return tmp_path / ROOT


def refused(path: Path, public: Path, words: str = "") -> str:
    """What is said of a pack that is not as it was made, or that cannot be read; it is neither whole nor our fault."""
    code, said = run(path, "--key", public)
    assert code in (errors.GATE_FAILED, errors.BAD_USAGE), (code, said)
    assert words in said and "Internal error" not in said
    assert all(line.isprintable() for line in said.split("\n"))
    return said


def a_pipe(pack: Path) -> str:
    os.mkfifo(pack / "pipe")
    return "pipe: a named pipe"


def a_pipe_for_a_file(pack: Path) -> str:
    (pack / "figures.csv").unlink()
    os.mkfifo(pack / "figures.csv")
    return "figures.csv: a named pipe"


def a_pipe_for_the_manifest(pack: Path) -> str:
    (pack / "manifest.json").unlink()
    os.mkfifo(pack / "manifest.json")
    return "manifest.json: a named pipe"


def a_pipe_for_the_signature(pack: Path) -> str:
    (pack / "manifest.sig").unlink()
    os.mkfifo(pack / "manifest.sig")
    return "manifest.sig: a named pipe"


def a_socket(pack: Path) -> str:
    here = Path.cwd()
    os.chdir(pack)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("s")
    finally:
        os.chdir(here)
    return "s: a socket"


def a_device(pack: Path) -> str:
    try:
        os.mknod(pack / "null", 0o666 | 0o020000, os.makedev(1, 3))
    except PermissionError:  # only the superuser can make one: a link to one is refused before it is followed
        (pack / "null").symlink_to("/dev/null")
        return "null: a link"
    return "null: a device"


def a_link_to_a_file(pack: Path) -> str:
    (pack / "link").symlink_to("/etc/hostname")
    return "link: a link"


def a_link_to_a_folder(pack: Path) -> str:
    (pack / "round").symlink_to(pack)
    return "round: a link"


def a_dangling_link(pack: Path) -> str:
    (pack / "figures.csv").unlink()
    (pack / "figures.csv").symlink_to("nowhere")
    return "figures.csv: a link"


def an_empty_folder(pack: Path) -> str:
    (pack / "empty" / "er").mkdir(parents=True)
    return "empty/er/: an empty folder"


def an_unlisted_file(pack: Path) -> str:
    (pack / "cases" / "more.csv.gz").write_text("x")
    return "cases/more.csv.gz: added"


def another_case(pack: Path) -> str:
    (pack / "Figures.csv").write_text("x")
    return "Figures.csv: added"


def a_name_that_is_no_text(pack: Path) -> str:
    (Path(os.fsdecode(os.fsencode(pack) + b"/\xff\x1b[31m"))).write_text("x")
    return "\\xff\\x1b[31m: added"


def a_note_signature_alone(pack: Path) -> str:
    (pack / "retention.sig").write_text("x")
    return "retention.sig: added"


KINDS = [
    a_pipe, a_pipe_for_a_file, a_pipe_for_the_manifest, a_pipe_for_the_signature, a_socket, a_device, a_link_to_a_file,
    a_link_to_a_folder, a_dangling_link, an_empty_folder, an_unlisted_file, another_case, a_name_that_is_no_text,
    a_note_signature_alone,
]  # fmt: skip


@pytest.mark.parametrize("spoil", KINDS, ids=lambda spoil: spoil.__name__)
def test_a_folder_with_anything_but_its_files_is_refused_and_nothing_is_waited_for(world, pack, spoil):
    refused(pack, world[1], spoil(pack))


def test_a_pipe_or_device_in_place_of_a_pack_or_key_is_refused_at_once(world, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        assert run(path, "--key", world[1])[0] == errors.BAD_USAGE
        assert run(world[0] / "pack.zip", "--key", path)[0] == errors.BAD_USAGE


def entries(source: Path) -> list[tuple[zipfile.ZipInfo, bytes]]:
    """The files of a zip."""
    with zipfile.ZipFile(source) as archive:
        return [(entry, archive.read(entry)) for entry in archive.infolist()]


def rewritten(
    source: Path, target: Path, change: Callable[[list], None], comment: bytes | None = None
) -> Path:
    """A zip with changed entries, as another program writes it."""
    found = entries(source)
    change(found)
    with zipfile.ZipFile(target, "w") as archive:
        for entry, data in found:
            archive.writestr(entry, data, compresslevel=2)
        archive.comment = comment if comment is not None else b""
    return target


def summed(data: bytes) -> bytes:
    """A zip's bytes with the sum in its comment made again, as an attacker can."""
    import hashlib

    return data[:-64] + hashlib.sha256(data[:-64]).hexdigest().encode()


def with_folder_entry(found: list) -> None:
    entry = zipfile.ZipInfo(f"{ROOT}/cases/", (1980, 1, 1, 0, 0, 0))
    found.insert(0, (entry, b"hidden"))


def with_extra_field(found: list) -> None:
    found[0][0].extra = struct.pack("<HH6s", 0x6666, 6, b"hidden")


def with_entry_comment(found: list) -> None:
    found[0][0].comment = b"hidden"


def with_name(name: str) -> Callable[[list], None]:
    def change(found: list) -> None:
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        found.append((entry, b"hidden"))

    return change


def with_other_order(found: list) -> None:
    found.reverse()


@pytest.mark.parametrize(
    "change",
    [
        with_folder_entry, with_extra_field, with_entry_comment, with_other_order, with_name("/etc/passwd"),
        with_name(f"{ROOT}/../../up"), with_name("../up"), with_name(f"{ROOT}/FIGURES.csv"), with_name(f"{ROOT}/a\\b"),
        with_name(f"{ROOT}/./figures.csv"), with_name(f"{ROOT}//figures.csv"), with_name("C:\\x"), with_name("outside"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_summed", [False, True])
def test_a_zip_with_more_than_its_files_is_refused(world, tmp_path, change, is_summed):
    comment = contents._SUM + b"0" * 64
    spoilt = rewritten(world[0] / "pack.zip", tmp_path / "spoilt.zip", change, comment)
    if is_summed:
        spoilt.write_bytes(summed(spoilt.read_bytes()))
    assert "NOT as it was made" in refused(spoilt, world[1])


def spoilt_bytes(data: bytes) -> dict[str, bytes]:
    """Zips with bytes where none belong, or with two stories; the sum made again wherever it stays last."""
    directory = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x03\x04", 4)
    end = data.rindex(b"PK\x05\x06")
    offset = struct.unpack_from("<L", data, end + 16)[0]
    moved = data[:end] + data[end : end + 16] + struct.pack("<L", offset + 6) + data[end + 20 :]
    return {
        "before": b"hidden" + data,
        "before, offset mended": summed(b"hidden" + moved),
        "after": data + b"hidden",
        "between": summed(data[:second] + b"hidden" + data[second:]),
        "before the directory": summed(data[:directory] + b"hidden" + moved[directory:]),
        "another comment": data[:-70] + b"hidden" + data[-64:],
        "two zips": data + data,
        "other name in the directory": summed(
            data[:directory] + data[directory:].replace(b"figures.csv", b"figurez.csv", 1)
        ),
        "other size in the directory": summed(data[: directory + 24] + b"\x01" + data[directory + 25 :]),
        "other mode": summed(data[: directory + 41] + b"\xff" + data[directory + 42 :]),
        "encrypted": summed(data[:6] + b"\x01" + data[7:]),
        "unknown method": summed(data[:8] + b"\x63" + data[9:]),
        "data descriptor": summed(data[:6] + b"\x08" + data[7:]),
        "wrong CRC-32": summed(data[:14] + bytes([data[14] ^ 1]) + data[15:]),
        "nothing": b"",
        "an empty zip": b"PK\x05\x06" + bytes(18),
        "only a heading": data[:30],
    }


def test_bytes_before_after_and_between_and_two_stories_in_one_zip_are_refused(world, tmp_path):
    for name, data in spoilt_bytes((world[0] / "pack.zip").read_bytes()).items():
        (tmp_path / "spoilt.zip").write_bytes(data)
        try:
            refused(tmp_path / "spoilt.zip", world[1])
        except AssertionError as problem:
            raise AssertionError(name) from problem


def test_bytes_behind_the_end_of_a_compressed_file_are_refused(world, tmp_path):
    data = (world[0] / "pack.zip").read_bytes()
    start = data.rindex(b"PK\x03\x04", 0, data.index(b"empty.txt"))
    name, packed = (
        struct.unpack_from("<H", data, start + 26)[0],
        struct.unpack_from("<L", data, start + 18)[0],
    )
    body = start + 30 + name + packed
    spoilt = bytearray(data[:body] + b"hidden" + data[body:])
    struct.pack_into("<L", spoilt, start + 18, packed + 6)
    place = spoilt.index(b"PK\x01\x02")
    while place != -1:  # the directory tells the same story
        offset = struct.unpack_from("<L", spoilt, place + 42)[0]
        if offset == start:
            struct.pack_into("<L", spoilt, place + 20, packed + 6)
        elif offset > start:
            struct.pack_into("<L", spoilt, place + 42, offset + 6)
        place = spoilt.find(b"PK\x01\x02", place + 4)
    end = spoilt.rindex(b"PK\x05\x06")
    struct.pack_into("<L", spoilt, end + 16, struct.unpack_from("<L", spoilt, end + 16)[0] + 6)
    (tmp_path / "spoilt.zip").write_bytes(summed(bytes(spoilt)))
    refused(tmp_path / "spoilt.zip", world[1], "empty.txt: changed")


def test_every_flipped_bit_and_every_cut_is_found(world, tmp_path):
    data = (world[0] / "pack.zip").read_bytes()
    chance, spoilt = random.Random(20), tmp_path / "spoilt.zip"

    def is_found(changed: bytes) -> bool:
        spoilt.write_bytes(changed)
        try:
            return bool(manifest.verify(spoilt, world[1]).problems)
        except errors.ConfigurationProblem:
            return True

    for _ in range(FLIPS):
        place = chance.randrange(len(data) * 8)
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        assert is_found(bytes(changed)), f"bit {place}"
        # without the sum: what it protects from is damage, not whoever can make it again
        spoilt.write_bytes(summed(bytes(changed)))
        assert run_quietly(spoilt, world[1])
    for _ in range(CUTS):
        assert is_found(data[: chance.randrange(len(data))])
        start, end = sorted(chance.choices(range(len(data)), k=2))
        assert start == end or is_found(data[:start] + data[end:])


def run_quietly(path: Path, public: Path) -> bool:
    """Whether a pack with a flipped bit and a good sum is refused, or holds every file as it was made."""
    try:
        verdict = manifest.verify(path, public)
    except errors.ConfigurationProblem:
        return True
    if verdict.problems:
        return True
    with zipfile.ZipFile(path) as archive:
        return archive.testzip() is None  # the same files, otherwise compressed


def test_a_zip_bomb_costs_neither_memory_nor_time(world, tmp_path):
    target = tmp_path / "bomb.zip"
    text = (world[0] / "out" / ROOT / "manifest.json").read_bytes()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{ROOT}/manifest.json", text)
        for number in range(4):
            with archive.open(f"{ROOT}/zeros-{number}.csv", "w") as handle:
                for _ in range(64):
                    handle.write(bytes(1 << 20))
        with archive.open(f"{ROOT}/figures.csv", "w") as handle:
            for _ in range(64):
                handle.write(bytes(1 << 20))
    tracemalloc.start()
    began = time.process_time()
    refused(target, world[1])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000 and time.process_time() - began < 20


def test_a_zip_that_would_unpack_to_too_much_is_not_unpacked(world, tmp_path, monkeypatch):
    monkeypatch.setattr(contents, "MOST_BYTES", 1000)
    refused(world[0] / "pack.zip", world[1], "it would unpack to more than 1,000 bytes")
    assert not contents.write_zip(world[0] / "out" / ROOT, tmp_path / "large.zip")
    assert not (tmp_path / "large.zip").exists()


DEEP = b"[" * 100_000 + b"]" * 100_000
MANIFESTS = {
    "deep": DEEP,
    "deep within": b'{"authority":"a","reporting_year":"b","as_at":"c","files":{},"more":' + DEEP + b"}",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a huge number": b'{"files":{"a":{"sha256":"' + b"0" * 64 + b'","bytes":' + b"9" * 5000 + b"}}}",
    "a huge exponent": b'{"authority":1e999999999,"files":{}}',
    "no number": b'{"authority":NaN,"files":{}}',
    "infinity": b'{"authority":Infinity,"files":{}}',
    "a name twice": b'{"authority":"a","authority":"b","reporting_year":"c","as_at":"d","files":{}}',
    "a file twice": b'{"files":{"a":{},"a":{}}}',
    "not UTF-8": b'{"authority":"\xff"}',
    "UTF-16": '{"authority":"a"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "half a pair": b'{"authority":"\\ud800","reporting_year":"\\udfff","as_at":"\\ud800","files":{}}',
    "nothing": b"",
    "a word": b"null",
    "NUL": b"\0" * 100,
}


@pytest.mark.parametrize("text", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_a_manifest_that_says_nothing_clear_is_refused_in_plain_words(world, pack, text):
    (pack / "manifest.json").write_bytes(text)
    refused(pack, world[1])
    (pack / "manifest.sig").unlink()
    code, said = run(pack)
    assert code in (errors.GATE_FAILED, errors.BAD_USAGE) and "Internal error" not in said


def test_a_wrong_type_at_every_place_of_a_manifest_is_refused(world, pack):
    stated = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))
    chance = random.Random(7)
    values = [None, True, -1, 1.5, 10**25, "", "x", [], {}, [[]], {"a": {}}, "\x1b[2J\u202e", "../up", "/etc"]
    (pack / "manifest.sig").unlink()
    codes = set()
    for _ in range(SHAPES):
        changed = json.loads(json.dumps(stated | {"sign_off": {"state": "draft"}}))
        place, name = changed, chance.choice([one for one in changed if one != "files"])
        if chance.random() < 0.7:
            place, name = changed["files"], chance.choice(list(stated["files"]))
            if chance.random() < 0.7:
                place, name = place[name], chance.choice(["bytes", "sha256"])
        kind = chance.randrange(3)
        if kind == 0:
            del place[name]
        elif kind == 1:
            place[name] = chance.choice(values)
        else:
            place[str(chance.choice(values))] = place.pop(name)
        (pack / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
        try:
            codes.add(manifest.verify(pack).exit_code)
        except errors.ConfigurationProblem as problem:
            codes.add(problem.exit_code)
    assert (
        {errors.GATE_FAILED, errors.BAD_USAGE}
        <= codes
        <= {
            errors.GATE_FAILED,
            errors.BAD_USAGE,
            errors.UNSIGNED,  # only where what is not proved was changed: sign_off, or a text for a text
        }
    )


@pytest.mark.parametrize(
    "name", ["../up", "/etc/passwd", "a//b", "./a", "a\\b", "manifest.json", "retention.json", ""]
)
def test_a_manifest_cannot_state_a_name_that_leads_elsewhere(pack, name):
    stated = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))
    del stated["public_key"]
    stated["files"][name] = {"bytes": 0, "sha256": "0" * 64}
    (pack / "manifest.json").write_text(json.dumps(stated), encoding="utf-8")
    (pack / "manifest.sig").unlink()
    assert run(pack)[0] == errors.GATE_FAILED


def test_names_that_differ_in_case_only_are_refused_in_a_manifest(pack):
    (pack / "FIGURES.csv").write_text("x")
    assert manifest.unfit_names(["a", "b"]) == []
    with pytest.raises(errors.ConfigurationProblem, match="cannot hold"):
        manifest.write_manifest(pack, ABOUT)


def test_a_signature_has_one_writing(world, pack):
    """Base64 leaves bits that decode to nothing: they are part of what was handed over."""
    text = (pack / "manifest.sig").read_bytes()
    for changed in (text + b"\n", text.rstrip(), text.replace(b"==", b""), b" " + text):
        (pack / "manifest.sig").write_bytes(changed)
        refused(pack, world[1], "manifest.sig: ")
    letter = text.rstrip()[-3:-2]
    following = bytes([letter[0] + 1])
    (pack / "manifest.sig").write_bytes(text.replace(letter + b"==", following + b"=="))
    refused(pack, world[1], "manifest.sig: ")


def test_what_a_pack_says_cannot_command_a_terminal(pack):
    stated = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))
    del stated["public_key"]
    stated["authority"] = "x\x1b[2J\x07\x9b31m\r\nAs it was made: nothing was changed"
    stated["as_at"] = "\u202e4202\u2066\u200b\u2028"
    stated["files"] |= {"\x1b]0;title\x07\n  - all is well": {"bytes": 0, "sha256": "0" * 64}}
    (pack / "manifest.json").write_text(json.dumps(stated), encoding="utf-8")
    (pack / "manifest.sig").unlink()
    code, said = run(pack)
    assert code == errors.GATE_FAILED and "\\x1b[2J" in said and "\\u202e" in said
    assert all(line.isprintable() for line in said.split("\n"))
    assert not any(line.strip().startswith(("As it was made", "- all is well")) for line in said.split("\n"))


def test_the_help_and_the_documentation_name_every_exit_code():
    _, said = run("--help")
    from redress.base.settings import ROOT as CHECKOUT

    page = (CHECKOUT / "docs" / "evidence.md").read_text(encoding="utf-8")
    for name in ("GREEN", "GATE_FAILED", "BAD_USAGE", "SIGNER_NOT_PINNED", "UNSIGNED", "CASES_REMOVED",
                 "CASES_REMOVED_NOT_PINNED", "CASES_REMOVED_UNSIGNED", "INTERNAL"):  # fmt: skip
        code = getattr(errors, name)
        assert f"\n    {code:<3} " in said, name
        assert f"\n| {code} |" in page, name
