"""A mail as bytes; what anybody may have written cannot become a header of its own."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy

# In characters. A word of an address that is longer than a line makes the email package
# (seen with 3.11) end the headers there.
_SUBJECT_MAX = 200
_NAME_MAX = 60
_LONG_LINE = 900
# RFC 5321, 4.5.3.1: of a path, less its angle brackets.
_ADDRESS_MAX = 254
_SPECIAL = r'\s@<>()\[\]\\,;:"\x00-\x1f\x7f-\x9f'
# The email package puts a name with anything else in quotes, and leaves those out where
# it folds a line (seen with 3.11): a name could add people, or take some away.
_UNQUOTED = re.compile(r"[^\w' -]")
_ADDRESS = re.compile(rf"([^{_SPECIAL}]+)@([^{_SPECIAL}]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes with a mail."""

    file_name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail with files; `message_id` is the same for the same mail, and its own."""

    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    sent_at: datetime
    message_id: str
    enclosures: tuple[Enclosure, ...]


def address(email: str) -> Address | None:
    """Return an address; None for what no server would take.

    It has no name to be shown: beside a second address the email package (3.11) may
    fold the comma between the two into a name, and lose one of them.
    """
    found = _ADDRESS.fullmatch(email.strip())
    if found is None or len(email.encode()) > _ADDRESS_MAX:
        return None
    return Address(username=found[1], domain=found[2])


def named(name: str, mailbox: str, host: str) -> Address:
    """Return an address of which mailbox and host are known to be sound."""
    shown = _line(_UNQUOTED.sub(" ", name), _NAME_MAX)
    return Address(shown, username=mailbox, domain=host)


def written(mail: Mail) -> bytes:
    """Return a mail as it is sent; of the same mail it is the same."""
    message = EmailMessage(_policy(mail))
    message["Date"] = mail.sent_at
    message["From"] = mail.sender
    message["To"] = mail.to
    message["Subject"] = _line(mail.subject, _SUBJECT_MAX)
    message["Message-ID"] = mail.message_id
    message.set_content(mail.text, cte="quoted-printable")
    for each in mail.enclosures:
        kind, _, subtype = each.type.partition("/")
        message.add_attachment(
            each.content, maintype=kind, subtype=subtype, filename=each.file_name
        )
    if mail.enclosures:
        message.set_boundary(_boundary(mail))
    return message.as_bytes()


def _boundary(mail: Mail) -> str:
    """Return a line that nothing in the mail can hold, which would depend on itself."""
    digest = hashlib.sha256(mail.text.encode())
    for each in mail.enclosures:
        digest.update(each.content)
    return f"=_{digest.hexdigest()}"


def _policy(mail: Mail) -> "EmailPolicy[EmailMessage]":
    """Return how the headers are written: addresses must need no line end within."""
    addresses = [each.addr_spec for each in (mail.sender, *mail.to)]
    found = SMTP if "".join(addresses).isascii() else SMTPUTF8
    if max(map(len, [*addresses, mail.message_id])) > _NAME_MAX:
        return found.clone(max_line_length=_LONG_LINE)
    return found


def _line(text: str, most: int) -> str:
    """Return a text as one line of what can be seen.

    "=?" would have the email package decode what follows, line ends too.
    """
    text = text.replace("=?", "= ?")
    seen = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(seen.split())[:most].rstrip()
