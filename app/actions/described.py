"""Whether a campaign that writes to one target describes exactly one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.campaigns.files import CampaignFiles
from app.campaigns.models import TargetRule
from app.problems import FileProblem
from app.targets.facts import facts_of
from app.targets.find import targets_of_lists

_WHO = "targets.who"


def description_problem(session: Session, files: CampaignFiles) -> FileProblem | None:
    """What is wrong with the description of a campaign that writes to one target: it fits nobody, or several.

    A campaign whose lists hold nobody is none's mistake: invented lists are left out in production. Its page says that
    there is nobody to write to yet.
    """
    settings = files.settings
    if settings.targets.rule is not TargetRule.ONE or not settings.may_write:
        return None
    listed = targets_of_lists(session, settings.targets.lists)
    names = [target.name for target in listed if settings.targets.targeting.who.fits(facts_of(target))]
    if not listed or len(names) == 1:
        return None
    fitting = ", ".join(names) or "nobody"
    return files.source.problem(f'rule = "one" needs one target, but `who` fits {fitting}', _WHO)
