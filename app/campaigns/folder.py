"""A campaign's folder, on the disk, in an archive or in a draft: names and what is in them."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.campaigns.pictures import LARGEST_FILE
from app.campaigns.source import LONGEST_FILE
from app.problems import FileProblem

MOST_FILES = 60
"""Files in one archive; a campaign in ten languages has half of them."""
LARGEST_UNPACKED = LARGEST_FILE + MOST_FILES * LONGEST_FILE
"""Bytes of all of them together: one image, and texts."""


_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, EOFError, ValueError, OSError),
)
"""What the library raises where an archive is damaged, encrypted, or packed in a way that it does not know."""


class NotAFolderError(Exception):
    """An archive does not hold one campaign's folder."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one campaign; hidden ones are not among them."""

    path: Path
    """What problems call it; it need not be on the disk. Its name is the campaign's slug."""
    names: Sequence[str]
    reader: Callable[[str], bytes]

    def read(self, name: str, problems: list[FileProblem]) -> bytes | None:
        """What is in a file; none, and a problem, when it cannot be read."""
        try:
            return self.reader(name)
        except OSError as error:
            problems.append(FileProblem(self.path / name, 1, f"the file cannot be read: {error.strerror or error}"))
            return None


def folder_at(path: Path) -> Folder:
    """A folder on the disk."""
    names = sorted(each.name for each in path.iterdir() if not each.name.startswith("."))
    return Folder(path, names, lambda name: (path / name).read_bytes())


IMAGE = "image.webp"
"""What the image of a draft is called in its folder."""


def files_of(texts: Mapping[str, str], image: bytes | None = None) -> dict[str, bytes]:
    """The files of a draft, by name."""
    # Half of a surrogate pair, which no file can hold, is refused as any text that is not UTF-8 is.
    files = {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()}
    return files if image is None else {**files, IMAGE: image}


def folder_of(slug: str, files: Mapping[str, bytes]) -> Folder:
    """A folder that is nowhere but in memory."""
    return Folder(Path(slug), sorted(files), files.__getitem__)


def folder_in(archive: bytes, slug: str = "") -> Folder:
    """The folder that a zip archive holds, packed with its own name or without it; `slug` is its name then.

    Raises:
        NotAFolderError: it is no zip archive, or holds something else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            members = _unpacked_all(packed)
    except _UNREADABLE as error:
        raise NotAFolderError("this is not a zip archive that can be read") from error
    parents = {str(PurePosixPath(name).parent) for name in members}
    if len(parents) != 1:
        raise NotAFolderError("the archive must hold the files of one campaign, in one folder")
    own = parents.pop()
    files = {PurePosixPath(name).name: raw for name, raw in members.items()}
    return Folder(Path(PurePosixPath(own).name or slug), sorted(files), lambda name: files[name])


def packed(slug: str, files: Mapping[str, bytes]) -> bytes:
    """A zip archive with the folder of a campaign in it; the same files always give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(f"{slug}/{name}")  # dated 1980, as every archive without a date is
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Its files, without what archivers and file managers add for themselves."""
    files = [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(info.filename).parts)
    ]
    if not files or len(files) > MOST_FILES:
        raise NotAFolderError(f"the archive must hold the files of one campaign, {MOST_FILES} at most")
    return files


def _unpacked_all(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """What is in each file, by name; never much more than may be, however small the archive that it comes out of."""
    members: dict[str, bytes] = {}
    left = LARGEST_UNPACKED
    for info in _members(archive):
        members[info.filename] = raw = _unpacked(archive, info)
        left -= len(raw)
        if left < 0:
            raise NotAFolderError("the archive unpacks to more than a campaign's files can be")
    return members


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """No more than one byte beyond the longest file, whatever the archive says that it unpacks to."""
    most = LONGEST_FILE if info.filename.endswith((".md", ".toml")) else LARGEST_FILE
    with archive.open(info) as member:
        return member.read(most + 1)
