"""The WSGI entry point: `gunicorn wsgi:app`."""

import os

from app.compose import application, log_to_stderr
from app.config import Settings

log_to_stderr()
app = application(Settings.from_environment(os.environ))
