"""The typesetter: Typst, with fonts for every script that has one here.

The compiler is made at its first use and kept, with its fonts. It has threads: a child
that is forked from a process that has printed waits for them for ever. It prints one
paper at a time.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any

import typst

_TEMPLATES = Path(__file__).parent
_FONTS = "static/weblate_fonts"
_one_at_a_time = Lock()


class PressError(RuntimeError):
    """The typesetter failed, which is a fault of ours."""


def printed(template: str, content: Mapping[str, Any], made_at: datetime) -> bytes:
    """Return a PDF of a template's; of the same content it is the same."""
    with _one_at_a_time:
        try:
            pdf = _compiler().compile(
                _TEMPLATES / template,
                format="pdf",
                sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
                timestamp=made_at,
            )
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            # A panic of the typesetter's is no Exception, and would end the server.
            raise PressError from error
    if not isinstance(pdf, bytes):
        raise PressError
    return pdf


@cache
def _compiler() -> typst.Compiler:
    home = resources.files("weblate_fonts") / _FONTS
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(home / "source-sans/ttf"), str(home / "kurinto/ttf")],
    )
    return typst.Compiler(root=_TEMPLATES, font_paths=fonts, ignore_system_fonts=True)
