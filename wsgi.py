"""The site for a WSGI server: `gunicorn wsgi:app`. A setting that is missing or wrong stops the start in a sentence."""

import gc
import sys

gc.disable()  # what is loaded now stays: looking for rubbish in it makes a start a fifth longer; `warm_up` ends this

from app import create_app
from app.bootstrap import warm_up
from app.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(str(error))
warm_up()
