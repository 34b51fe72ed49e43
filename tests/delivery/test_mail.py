"""A mail as bytes: whatever names and subjects are, it goes where it should."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.delivery import mail
from app.delivery.mail import Enclosure, Mail
from app.domain.attachment import safe_name

# What somebody would try, more often than chance has it.
PIECES = st.sampled_from(
    (
        *("\r\n", "\n", "\r", "\0", " ", "\t", "\u2028", "\x85", "\u202e"),
        *('"', "\\", "(", ")", "@", ":", ",", ";", "<evil@loom.test>"),
        *("Bcc: evil@loom.test", "=?utf-8?q?=0AEvil?=", "\u00fc", "\u96fb"),
        *("a" * 80, "a, " * 30, "evil@loom.test, " * 5),
    )
)
TEXTS = (
    st.lists(PIECES | st.text(max_size=5), max_size=12)
    .map("".join)
    .filter(
        lambda text: text.isprintable() or text.encode(errors="ignore").decode() == text
    )
)


LONGEST = f"{'e' * 64}@{'l.' * 92}test"


def written(name: str, subject: str, others: str = "eva@loom.test") -> bytes:
    ada, eva = mail.address("ada@loom.test"), mail.address(others)
    assert ada is not None
    assert eva is not None
    return mail.written(
        Mail(
            sender=mail.named(name, "no-reply", "loom.test"),
            to=(ada, eva),
            subject=subject,
            text="Hello",
            sent_at=datetime(2026, 3, 2, tzinfo=UTC),
            message_id="<outgoing-1-1@loom.test>",
            enclosures=(
                Enclosure(
                    file_name=safe_name(subject), type="text/plain", content=b"a"
                ),
            ),
        )
    )


@pytest.mark.parametrize("other", ["eva@loom.test", f"{'e' * 61}@loom.test", LONGEST])
@given(name=TEXTS, subject=TEXTS)
@example(name='"Weavers", Ltd. ' * 10, subject="a" * 500)
@example(name="a, " * 60, subject="\u00fc" * 200)
@example(
    name="<evil@loom.test><evil@loom.test>\u00a1\u00a1", subject="=?utf-8?q?=0AEvil?="
)
@example(name="a" * 80 + "\n" + "a" * 80, subject="")
def test_a_mail_has_its_own_headers_and_goes_to_its_own_people(
    other: str, name: str, subject: str
) -> None:
    raw = written(name, subject, other)
    assert max(map(len, raw.split(b"\r\n"))) < 998
    found = message_from_bytes(raw, policy=policy.default)
    assert sorted(found.keys()) == [
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ]
    to = [address.addr_spec for address in found["To"].addresses]
    assert to == ["ada@loom.test", other]
    (sender,) = found["From"].addresses
    assert sender.addr_spec == "no-reply@loom.test"
    assert written(name, subject, other) == raw


@given(subject=st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=150))
def test_a_subject_comes_back_as_it_was(subject: str) -> None:
    found = message_from_bytes(written("Ada", subject), policy=policy.default)
    assert found["Subject"] == subject
