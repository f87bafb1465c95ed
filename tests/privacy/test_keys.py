"""Keys of personal fields."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.privacy.keys import (
    KEY_BYTES,
    LONGEST_KEY_ID,
    FieldKeys,
    KeyFormatError,
    UndecryptableError,
    key_id_of,
    load_or_create_development_keys,
    new_key,
    new_ring,
)
from tests.support.threads import together

OLD = "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCE="
NEW = "bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldyE="
INDEX = "aW5kZXggaW5kZXggaW5kZXggaW5kZXggaW5kZXggaW4="
KEYS = FieldKeys.parse(f"old:{OLD}", INDEX)
ROTATED = FieldKeys.parse(f"new:{NEW},old:{OLD}", INDEX)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY_TEXT)
def test_what_is_encrypted_can_be_read_back(text: str) -> None:
    stored = KEYS.encrypt("action.name", text)
    assert KEYS.decrypt("action.name", stored) == text


@given(ANY_TEXT)
def test_equal_texts_do_not_look_alike(text: str) -> None:
    assert KEYS.encrypt("action.name", text) != KEYS.encrypt("action.name", text)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=5))
def test_a_stored_value_does_not_show_its_text(text: str) -> None:
    assert text.encode() not in KEYS.encrypt("action.name", text)


def test_a_value_that_was_moved_to_another_column_cannot_be_read() -> None:
    stored = KEYS.encrypt("action.name", "Alice Adams")
    with pytest.raises(UndecryptableError, match=r"supporter\.name"):
        KEYS.decrypt("supporter.name", stored)


@given(st.data())
def test_a_value_of_which_a_bit_was_turned_cannot_be_read(data: st.DataObject) -> None:
    stored = bytearray(KEYS.encrypt("action.name", "Alice Adams"))
    place = data.draw(st.integers(0, len(stored) - 1))
    stored[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(UndecryptableError):
        KEYS.decrypt("action.name", bytes(stored))


@given(st.data())
def test_a_value_that_was_cut_cannot_be_read(data: st.DataObject) -> None:
    stored = KEYS.encrypt("action.name", "Alice Adams")
    with pytest.raises(UndecryptableError):
        KEYS.decrypt("action.name", stored[: data.draw(st.integers(0, len(stored) - 1))])


@given(st.binary(max_size=100))
def test_what_nobody_encrypted_cannot_be_read(stored: bytes) -> None:
    with pytest.raises(UndecryptableError):
        KEYS.decrypt("action.name", stored)


def test_another_key_of_the_same_name_reads_nothing() -> None:
    impostor = FieldKeys.parse(f"old:{NEW}", INDEX)
    with pytest.raises(UndecryptableError):
        impostor.decrypt("action.name", KEYS.encrypt("action.name", "Alice Adams"))


def test_the_newest_key_encrypts_and_every_key_decrypts() -> None:
    old, new = KEYS.encrypt("action.name", "Alice Adams"), ROTATED.encrypt("action.name", "Alice Adams")
    assert (key_id_of(old), key_id_of(new)) == (b"old", b"new")
    assert ROTATED.decrypt("action.name", old) == ROTATED.decrypt("action.name", new) == "Alice Adams"
    assert ROTATED.newest == b"new"


def test_a_key_that_is_not_in_the_ring_is_named() -> None:
    with pytest.raises(UndecryptableError, match=r"b'new' in the ring for action\.name"):
        KEYS.decrypt("action.name", ROTATED.encrypt("action.name", "Alice Adams"))


def test_the_index_finds_equal_texts_of_one_column_only() -> None:
    index = KEYS.blind_index("supporter.email", "alice@supporter.example")
    assert len(index) == 32
    assert index == ROTATED.blind_index("supporter.email", "alice@supporter.example")
    assert index != KEYS.blind_index("supporter.email", "bob@supporter.example")
    assert index != KEYS.blind_index("throttle", "alice@supporter.example")
    assert index != FieldKeys.parse(f"old:{OLD}", NEW).blind_index("supporter.email", "alice@supporter.example")


NAME = ANY_TEXT.filter(lambda text: "\0" not in text)  # no column's name holds what ends it


@given(NAME, NAME, ANY_TEXT)
def test_column_and_text_do_not_run_into_each_other(column: str, first: str, second: str) -> None:
    joined = KEYS.blind_index(column, first + second)
    assert (joined == KEYS.blind_index(column + first, second)) == (first == "")


@pytest.mark.parametrize(
    "ring",
    [
        "",
        "key",
        ":" + OLD,
        "old:",
        "old:not base64 at all",
        "old:" + base64.b64encode(b"too short").decode(),
        "old:" + base64.b64encode(bytes(KEY_BYTES + 1)).decode(),
        f"old:{OLD},",
        f"old:{OLD},old:{NEW}",
        f"ålt:{OLD}",
        "x" * (LONGEST_KEY_ID + 1) + f":{OLD}",
    ],
)
def test_a_ring_that_is_not_one_is_refused_without_being_repeated(ring: str) -> None:
    with pytest.raises(KeyFormatError) as refused:
        FieldKeys.parse(ring, INDEX)
    assert OLD not in str(refused.value)


def test_an_index_key_of_another_length_is_refused() -> None:
    with pytest.raises(KeyFormatError):
        FieldKeys.parse(f"old:{OLD}", base64.b64encode(b"too short").decode())


def test_a_ring_does_not_show_its_keys() -> None:
    shown = repr(ROTATED)
    for key in (OLD, NEW, INDEX):
        assert key not in shown
        assert repr(base64.urlsafe_b64decode(key)) not in shown


def test_fresh_keys_are_different_each_time() -> None:
    assert new_key() != new_key()
    assert FieldKeys.parse(new_ring(), new_key()).newest != FieldKeys.parse(new_ring(), new_key()).newest


def test_a_developers_machine_keeps_the_keys_that_it_made(tmp_path: Path) -> None:
    path = tmp_path / "instance" / "development-keys.json"
    made = load_or_create_development_keys(path)
    assert load_or_create_development_keys(path) == made
    FieldKeys.parse(made.field_keys, made.index_key)
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(path.read_text())) == {"secret_key", "field_keys", "index_key"}
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_processes_that_start_at_one_moment_have_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "instance" / "development-keys.json"
    made = together(*[lambda: load_or_create_development_keys(path)] * 8)
    assert len({keys.field_keys for keys in made}) == 1
