"""A mail as bytes; what anybody may have written cannot become a header of its own."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

# Of a display name or a subject, in characters.
_NAME_MAX = 200
# RFC 5321, 4.5.3.1: of a path, less its angle brackets.
_ADDRESS_MAX = 254
_SPECIAL = r'\s@<>()\[\]\\,;:"\x00-\x1f\x7f-\x9f'
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


def address(email: str, name: str = "") -> Address | None:
    """Return an address with a name to be shown; None for what no server would take."""
    found = _ADDRESS.fullmatch(email.strip())
    if found is None or len(email.encode()) > _ADDRESS_MAX:
        return None
    return Address(_line(name), username=found[1], domain=found[2])


def named(name: str, mailbox: str, host: str) -> Address:
    """Return an address of ours."""
    return Address(_line(name), username=mailbox, domain=host)


def written(mail: Mail) -> bytes:
    """Return a mail as it is sent; of the same mail it is the same."""
    ascii_alone = all(each.addr_spec.isascii() for each in (mail.sender, *mail.to))
    message = EmailMessage(SMTP if ascii_alone else SMTPUTF8)
    message["Date"] = mail.sent_at
    message["From"] = mail.sender
    message["To"] = mail.to
    message["Subject"] = _line(mail.subject)
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


def _line(text: str) -> str:
    """Return a text as one line of what can be seen."""
    seen = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(seen.split())[:_NAME_MAX]
