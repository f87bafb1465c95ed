"""ONS postcode files: every header, pseudo codes, terminated postcodes, zips, lists of names."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from app.targets.importers.code_lists import CodeList
from app.targets.importers.parsed import NotThisFormatError
from app.targets.imports import NothingToImportError
from app.targets.postcode_imports import Edition, read_ons
from app.targets.postcode_sets import PostcodeSet
from app.targets.postcodes import split

DISTRICT = "Z58000001,Z07000001,Z05000001,Z14000001"
"""A division, a district, a ward and a constituency; the county is Z10000001."""
WHOLE = {"Z10000001", *DISTRICT.split(",")}


def places(postcodes: PostcodeSet, postcode: str) -> set[str] | None:
    """The codes of the areas that a set has for a postcode."""
    outward, number = split(postcode)
    found = postcodes.blocks[outward].find(number) if outward in postcodes.blocks else None
    return set(postcodes.sets[found[0]]) if found else None


def terminated(postcodes: PostcodeSet, postcode: str) -> bool:
    outward, number = split(postcode)
    found = postcodes.blocks[outward].find(number)
    assert found is not None
    return found[1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "edition.csv"


def read(file: Path, *lines: str, names: Path | None = None) -> Edition:
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return read_ons([file], [names] if names else [])


@pytest.mark.parametrize(
    "header",
    [
        "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,pcon",
        "pcd,pcd2,pcds,dointr,doterm,cty,ced,laua,ward,pcon",
        "pcd7,pcd8,pcds,dointr,doterm,cty25cd,ced25cd,lad25cd,wd25cd,pcon24cd",
        "pcd7,pcd8,pcds,dointr,doterm,cty31cd,ced31cd,lad31cd,wd31cd,pcon29cd",
        "PCD7,PCD8,PCDS,DOINTR,DOTERM,CTY26CD,CED26CD,LAD26CD,WD26CD,PCON24CD",
    ],
)
def test_columns_are_found_whatever_the_edition_calls_them(file: Path, header: str) -> None:
    row = 'ZZ1 1AA,"ZZ1  1AA","ZZ1 1AA",200001,{},Z10000001,' + DISTRICT
    edition = read(file, header, row.format(""), row.format("201512").replace("1AA", "1AB"))
    assert places(edition.postcodes, "ZZ1 1AA") == WHOLE
    assert [terminated(edition.postcodes, f"ZZ1 1A{letter}") for letter in "AB"] == [False, True]


@pytest.mark.parametrize("column", ["pcds", "pcd", "pcd2", "pcd7", "pcd8"])
def test_a_postcode_is_read_however_it_is_padded(file: Path, column: str) -> None:
    edition = read(
        file, f"{column},wd25cd", "ZZ1 1AA,Z05000001", "ZZ1  1AB,Z05000001", "ZZ991AD,Z05000001", "M1  1AE,Z05000001"
    )
    assert len(edition.postcodes) == 4
    assert places(edition.postcodes, "ZZ99 1AD") == {"Z05000001"}


def test_look_alikes_and_older_years_are_left_alone(file: Path) -> None:
    header = "pcds,wdstl05cd,wdcas03cd,statsward,casward,wd21cd,wd25cd,pcon,pcon24cd,lad25cd"
    edition = read(
        file,
        header,
        "ZZ1 1AA,Z05000009,Z05000008,Z05000007,Z05000006,Z05000005,Z05000001,Z14000009,Z14000001,Z09000001",
    )
    assert places(edition.postcodes, "ZZ1 1AA") == {"Z05000001", "Z14000001", "Z09000001"}


def test_pseudo_codes_are_no_area(file: Path) -> None:
    nowhere = [f"{country}99999999" for country in "EWSNLM"]
    rows = [f"ZZ1 {number}AA,{code},{code},{code},{code},{code}" for number, code in enumerate([*nowhere, ""])]
    edition = read(file, "pcds,ward,laua,cty,ced,pcon", *rows)
    assert [places(edition.postcodes, f"ZZ1 {number}AA") for number in range(7)] == [set()] * 7
    assert edition.odd_codes == ()


def test_metropolitan_counties_and_london_are_no_county_and_have_no_division(file: Path) -> None:
    header = "pcds,ward,laua,cty,ced"
    edition = read(
        file,
        header,
        "ZZ1 1AA,E05001386,E08000033,E11000006,E58000001",
        "ZZ1 1AB,E05000129,E09000007,E13000001,E99999999",
        "ZZ1 1AD,E05000001,E07000240,E10000015,E58000666",
    )
    assert places(edition.postcodes, "ZZ1 1AA") == {"E05001386", "E08000033"}
    assert places(edition.postcodes, "ZZ1 1AB") == {"E05000129", "E09000007"}
    assert places(edition.postcodes, "ZZ1 1AD") == {"E05000001", "E07000240", "E10000015", "E58000666"}
    assert edition.code_list.parents == {
        "E05001386": "E08000033",
        "E05000129": "E09000007",
        "E05000001": "E07000240",
        "E58000666": "E10000015",
        "E07000240": "E10000015",
    }


def test_codes_that_nobody_understands_are_told_and_are_no_area(file: Path) -> None:
    edition = read(file, "pcds,ward,laua", "ZZ1 1AA,00BLFA,00BL", "ZZ1 1AB,Z05000001,Z09000001")
    assert places(edition.postcodes, "ZZ1 1AA") == set()
    assert edition.odd_codes == ("00BL", "00BLFA")


def test_rows_that_cannot_be_read_are_rejected_with_their_lines(file: Path) -> None:
    edition = read(file, "pcds,ward", "ZZ1 1AA,Z05000001", "nowhere,Z05000001", "ZZ1 1AB", "", "ZZ1 1AD,Z05000001")
    assert len(edition.postcodes) == 2
    assert [str(one) for one in edition.rejections.shown] == [
        "line 3: This has not the form of a United Kingdom postcode, such as SW1A 1AA.",
        "line 4: the row has 1 cells only",
    ]


def test_many_rejections_take_little_room(file: Path) -> None:
    edition = read(file, "pcds,ward", "ZZ1 1AA,Z05000001", *["nowhere,Z05000001"] * 500)
    assert (edition.rejections.count, len(edition.rejections.shown)) == (500, 50)


def test_a_postcode_that_is_told_twice_lies_in_both_and_is_in_use_if_one_says_so(file: Path) -> None:
    rows = ["ZZ1 1AA,200001,Z05000001", "ZZ1 1AA,,Z05000003", "ZZ1 1AB,200001,Z05000001", "ZZ1 1AB,200001,Z05000001"]
    edition = read(file, "pcds,doterm,ward", *rows)
    assert places(edition.postcodes, "ZZ1 1AA") == {"Z05000001", "Z05000003"}
    assert [terminated(edition.postcodes, f"ZZ1 1A{letter}") for letter in "AB"] == [False, True]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("street,town", r"no column of a postcode \(pcds\). Its columns are: street, town."),
        ("pcds,lat,long", "no column of an area"),
        ("", "Its columns are: none."),
    ],
)
def test_a_file_of_another_form_is_refused_with_what_was_seen(file: Path, header: str, said: str) -> None:
    with pytest.raises(NotThisFormatError, match=said):
        read(file, header)


def test_a_file_without_a_usable_row_is_refused(file: Path) -> None:
    with pytest.raises(NothingToImportError, match="line 2"):
        read(file, "pcds,ward", "nowhere,Z05000001")


class TestZips:
    """The published zip: the country in one file and once more in parts, and a folder of names."""

    HEADER = "pcds,doterm,lad25cd,wd25cd"
    ROWS = ("ZZ1 1AA,,Z09000001,Z05000001", "ZZ2 1AA,,Z09000001,Z05000003")
    NAMES = "WD25CD,WD25NM,WD25NMW\nZ05000001,Canalside,\nZ05000003,Pont ŷ Bryn,\n"

    def zipped(self, path: Path, **members: str) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members.items():
                archive.writestr(name.replace("__", "/") + ".csv", text)
            archive.writestr("Documents/User Guide.pdf", b"%PDF-1.4 \x00\xff")
            archive.writestr("Documents/strange.csv", b'\x00\x01\xff\n"')
        return path

    def test_the_whole_country_is_read_and_not_its_parts_again(self, tmp_path: Path) -> None:
        file = self.zipped(
            tmp_path / "NSPL.zip",
            Data__NSPL_UK="\n".join([self.HEADER, *self.ROWS]),
            Data__multi_csv__NSPL_UK_ZZ=f"{self.HEADER}\nZZ9 1AA,,Z09000001,Z05000001",
            Documents__Ward_names_and_codes=self.NAMES,
        )
        edition = read_ons([file])
        assert sorted(edition.postcodes.blocks) == ["ZZ1", "ZZ2"]
        assert edition.code_list.names == {"Z05000001": "Canalside", "Z05000003": "Pont ŷ Bryn"}

    def test_all_parts_are_read_where_the_whole_is_missing(self, tmp_path: Path) -> None:
        first, second = (f"{self.HEADER}\n{row}" for row in self.ROWS)
        file = self.zipped(tmp_path / "ONSPD.zip", Data__multi_csv__ZA=first, Data__multi_csv__ZB=second)
        assert sorted(read_ons([file]).postcodes.blocks) == ["ZZ1", "ZZ2"]

    def test_several_files_are_one_edition(self, tmp_path: Path, file: Path) -> None:
        first, second = (f"{self.HEADER}\n{row}" for row in self.ROWS)
        file.write_text(first, encoding="utf-8")
        assert len(read_ons([file, self.zipped(tmp_path / "part.zip", Data__part=second)]).postcodes) == 2

    def test_a_zip_without_postcodes_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(NotThisFormatError, match=r"names.zip has no CSV file in it"):
            read_ons([self.zipped(tmp_path / "names.zip", Documents__Ward=self.NAMES)])

    def test_a_damaged_zip_is_refused(self, tmp_path: Path) -> None:
        rows = [f"ZZ1 {figure}{letters},,Z09000001,Z05000001" for figure in range(10) for letters in ("AA", "AB", "AD")]
        file = self.zipped(tmp_path / "NSPL.zip", Data__NSPL_UK="\n".join([self.HEADER, *rows * 200]))
        raw = bytearray(file.read_bytes())
        raw[150:170] = b"\0" * 20
        file.write_bytes(raw)
        with pytest.raises(NotThisFormatError, match="The zip is damaged"):
            read_ons([file])


class TestNames:
    """Lists of codes and names."""

    def code_list(self, raw: bytes) -> CodeList:
        code_list = CodeList()
        code_list.add(raw, "a list")
        return code_list

    def test_a_map_of_postcodes_io_is_read(self) -> None:
        raw = b'{"Z05000001": "Canalside", "E99999999": "(pseudo) England", "E12000007": "London"}'
        assert self.code_list(raw).names == {"Z05000001": "Canalside"}

    def test_a_file_with_several_pairs_tells_what_lies_in_what(self) -> None:
        rows = "E05000001,A,E07000240,B,E10000015,C\nE05000002,D,E06000001,E,,\n"
        raw = f"WD25CD,WD25NM,LAD25CD,LAD25NM,CTY25CD,CTY25NM\n{rows}".encode()
        found = self.code_list(raw)
        assert found.names["E10000015"] == "C"
        assert found.parents == {"E05000001": "E07000240", "E07000240": "E10000015", "E05000002": "E06000001"}

    def test_a_file_that_windows_wrote_keeps_its_accents(self) -> None:
        raw = "PCON14CD,PCON14NM\nW07000041,Ynys Môn\n".encode("cp1252")
        assert self.code_list(raw).names == {"W07000041": "Ynys Môn"}

    @pytest.mark.parametrize("raw", [b"a,b\n1,2\n", b'{"a": "b"}', b"{", b"", b'{"Z05000001": 3}'])
    def test_what_is_no_list_of_names_is_refused(self, raw: bytes) -> None:
        with pytest.raises(NotThisFormatError):
            self.code_list(raw)

    def test_a_name_that_no_column_can_hold_is_rejected(self) -> None:
        found = self.code_list(f"WD25CD,WD25NM\nZ05000001,{'x' * 200}\n".encode())
        assert (found.names, found.rejections.count) == ({}, 1)
