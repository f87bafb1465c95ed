<%
# Alembic's own remarks around the commands say nothing to a reader.
body = "\n".join(line for line in (upgrades or "pass").splitlines() if not line.lstrip().startswith("# ###"))
%>\
"""${message.capitalize()}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${body.strip()}
