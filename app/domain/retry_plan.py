"""When a card that was declined is tried again, as days after the first try.

Source: documented (one system retries once a day later, one daily up to the fifth day,
one three times six days apart).
"""

from datetime import date, timedelta

from app.domain.errors import InvalidValueError

FRESHBOOKS = (1,)
NAMED = {"freshbooks": FRESHBOOKS, "payload": (1, 2, 3, 4, 5), "sticky": (6, 12, 18)}

_DAY_MAX = 365
_DAYS_MAX = 30


def parse(text: str) -> tuple[int, ...]:
    """Return the plan that a text names: a system's, `none`, or days such as 1,3,5.

    Raises: InvalidValueError.
    """
    word = text.strip().lower()
    if word == "none":
        return ()
    if word in NAMED:
        return NAMED[word]
    days = tuple(
        int(each) if each.isascii() and each.isdigit() and len(each) <= 4 else 0
        for each in word.replace(",", " ").split()
    )
    rising = all(a < b for a, b in zip((0, *days), days, strict=False))
    if not days or not rising or days[-1] > _DAY_MAX or len(days) > _DAYS_MAX:
        raise InvalidValueError(
            "retry_days",
            f"Use {', '.join(NAMED)}, none, or up to {_DAYS_MAX} rising days from 1 to "
            f"{_DAY_MAX}.",
        )
    return days


def spelled(plan: tuple[int, ...]) -> str:
    """Return a plan as a text that `parse` reads."""
    return ",".join(map(str, plan)) or "none"


def next_try_on(
    plan: tuple[int, ...], first_on: date, tries: int, last_on: date
) -> date | None:
    """Return when a card is tried again after so many tries, None where never.

    At most once a day, however late the tries have been.
    """
    if tries > len(plan):
        return None
    return max(first_on + timedelta(days=plan[tries - 1]), last_on + timedelta(days=1))
