"""The WSGI entry point: `gunicorn wsgi:app`."""

import os
import sys

from gunicorn.arbiter import Arbiter

from app import logs
from app.compose import application
from app.config import Settings, SettingsError
from app.supervisor import harden

try:
    settings = Settings.from_environment(os.environ)
    logs.begin(settings.log)
    harden()
    app = application(settings)
except SettingsError as error:
    sys.stderr.write(f"Error: {error}\n")
    # With any other code gunicorn would start the process again, for ever.
    raise SystemExit(Arbiter.APP_LOAD_ERROR) from None
