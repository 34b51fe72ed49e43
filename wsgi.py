"""The WSGI entry point: `gunicorn wsgi:app`."""

import os

from app.compose import application, log_to_stderr
from app.config import Settings
from app.supervisor import harden

log_to_stderr()
harden()
app = application(Settings.from_environment(os.environ))
