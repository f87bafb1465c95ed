"""Every model, imported in one place, so that `Base.metadata` is whole wherever the schema is looked at."""

from app.actions import models as actions
from app.actions import review_models as reviews
from app.announcements import models as announcements
from app.campaigns import models as campaigns
from app.columns import Base
from app.delivery import bulk_models as bulk
from app.delivery import models as delivery
from app.drafts import models as drafts
from app.queue import models as queue
from app.registrar import models as registrar
from app.replies import models as replies
from app.reporting import models as reporting
from app.running import models as running
from app.staff import models as staff
from app.staff import token_models as tokens
from app.targets import correction_models as corrections
from app.targets import models as targets
from app.targets import postcode_models as postcodes

metadata = Base.metadata

__all__ = [
    "actions",
    "announcements",
    "bulk",
    "campaigns",
    "corrections",
    "delivery",
    "drafts",
    "metadata",
    "postcodes",
    "queue",
    "registrar",
    "replies",
    "reporting",
    "reviews",
    "running",
    "staff",
    "targets",
    "tokens",
]
