"""What programs read: one blueprint under /api/v1/, and one declaration for each table (docs/api.md)."""

from app.web.api import campaigns, openapi, reports, supporters
from app.web.api.tables import blueprint

__all__ = ["blueprint", "campaigns", "openapi", "reports", "supporters"]
