"""Drafts and campaigns as the files of `letter_templates/`, to take away and to bring back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from app.campaigns.document import Document
from app.campaigns.files import read_files
from app.campaigns.folder import Folder, files_of
from app.campaigns.models import Campaign, CampaignState
from app.campaigns.pictures import kept_picture
from app.drafts.work import Work
from app.problems import FileProblem


class NotReadableError(Exception):
    """A folder has files that cannot be read; `problems` are all of them."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def exported(work: Work) -> dict[str, bytes]:
    """The files of a campaign as it stands, by name: what is written, published or not, and its state."""
    return files_of(_texts(work), work.image)


def _texts(work: Work) -> Mapping[str, str]:
    campaign = work.campaign
    if campaign is None or work.owned_by_files or campaign.state is CampaignState.DRAFT:
        return work.texts
    document = work.document
    document.settings["state"] = campaign.state.value
    _put_dates(document, campaign)
    won = {page.language: page.won for page in campaign.pages if page.won}
    for language, page in document.pages.items():
        page.pop("won", None)
        if campaign.state is CampaignState.WON and language in won:
            page["won"] = won[language]
    return document.write(work.texts)


def _put_dates(document: Document, campaign: Campaign) -> None:
    """When it opens and closes, by its own clock: staff say so elsewhere than in a draft."""
    zone = ZoneInfo(campaign.time_zone)
    moments = {"opens": campaign.opens_at, "closes": campaign.closes_at}
    local = {key: at.astimezone(zone).replace(tzinfo=None, microsecond=0) for key, at in moments.items() if at}
    document.settings.pop("dates", None)
    if local:
        document.settings["dates"] = local


def imported(folder: Folder) -> tuple[dict[str, str], bytes | None]:
    """The texts of a folder by name, and its image, to begin a draft with.

    They may have mistakes, but not such that hide what they say.

    Raises:
        NotReadableError: a file is none of a campaign's, or is not the text and TOML that it must be.
    """
    problems: list[FileProblem] = []
    texts, image = read_files(folder, problems)
    if not texts:
        problems.append(FileProblem(folder.path, 1, "there are no files of a campaign here"))
    if problems:
        raise NotReadableError(problems)
    return texts, kept_picture(image) if image else None


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files into a folder, which is made if need be; other files there stay.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
