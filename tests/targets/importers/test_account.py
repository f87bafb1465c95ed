"""The account of a file: rows that come twice, people who share a name or a mailbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.targets.importers.account import Account
from app.targets.importers.parsed import Parsed, Place, TargetRow, VacantSeat
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

CANALSIDE = Place(AreaKind.WARD, "Canalside")
ALICE = TargetRow(
    "line 2",
    "115",
    TargetRole.COUNCILLOR,
    "Alice Sample",
    "Dear Cllr Sample",
    CANALSIDE,
    email="alice@zedmere.example",
)
ANOTHER = replace(ALICE, line="line 3", external_id="116")


def account_of(*rows: TargetRow) -> Parsed:
    account = Account()
    for row in rows:
        account.use(row)
    return account.parsed()


def test_each_row_is_used_rejected_or_vacant_and_remarks_are_beside() -> None:
    account = Account()
    account.use(ALICE, ["cleaned", ""])
    account.reject("line 3", "there is no name", "117")
    account.vacant("line 4", CANALSIDE)
    account.add([Rejected("the file", "it is old")])
    assert account.parsed() == Parsed(
        rows=(ALICE,),
        rejected=(Rejected("line 3", "there is no name", "117"),),
        remarks=(Rejected("line 2", "cleaned", "115"), Rejected("the file", "it is old")),
        vacancies=(VacantSeat("line 4", CANALSIDE),),
    )


def test_an_external_id_counts_once() -> None:
    parsed = account_of(ALICE, replace(ALICE, line="line 3", name="Bob Verde"))
    assert parsed == Parsed((ALICE,), (Rejected("line 3", "115 is in the file already: line 2", "115"),))


def test_one_person_under_two_ids_counts_once() -> None:
    parsed = account_of(ALICE, replace(ANOTHER, name="Alice  SAMPLE", email="Alice@zedmere.example"))
    assert parsed.rows == (ALICE,)
    assert [str(one) for one in parsed.rejected] == [
        "line 3: Alice  SAMPLE is in the file already: line 2, as 115",
    ]


def test_people_of_one_name_are_told_and_both_used() -> None:
    for email in ("", "alice.sample@zedmere.example"):
        parsed = account_of(ALICE, replace(ANOTHER, email=email))
        assert len(parsed.rows) == 2
        assert [str(one) for one in parsed.remarks] == [
            "line 3: somebody of the same name and place is there too: line 2"
        ]
    assert account_of(ALICE, replace(ANOTHER, place=None, email="")).remarks == ()


def test_a_mailbox_that_is_shared_is_told() -> None:
    parsed = account_of(ALICE, replace(ANOTHER, name="Bob Verde"))
    assert len(parsed.rows) == 2
    assert [str(one) for one in parsed.remarks] == ["line 3: the e-mail address is also that of Alice Sample: line 2"]


def test_people_whose_names_have_no_latin_letters_are_told_apart_by_them() -> None:
    rows = [replace(ALICE, name="Аліса"), replace(ANOTHER, name="Боб")]
    assert account_of(*rows).rows == tuple(rows)


def test_days_in_the_wrong_order_are_left_out_and_told() -> None:
    parsed = account_of(replace(ALICE, valid_from=date(2026, 5, 8), valid_to=date(2026, 5, 7)))
    assert parsed.rows == (ALICE,)
    assert [str(one) for one in parsed.remarks] == [
        "line 2: its last day (2026-05-07) is before its first (2026-05-08); both are left out"
    ]
