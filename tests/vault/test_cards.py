"""Sealed cards: they open where they belong, and nowhere else."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.card import Card, CardNumber, Expiration
from app.domain.data_key import WrappedKey
from app.vault.cards import Belonging, GatewayPlace, Place, Request, Vault
from app.vault.keys import KeyProblemError, KeyRing

NUMBER = "4111111111111111"
CARD = Card(
    number=CardNumber(NUMBER),
    name="Ada Loom",
    expiration=Expiration(month=3, year=2012),
)
PLACE = Place(account_id=1, noun="recurring", record_id=9)


def ring(**keys: bytes) -> KeyRing:
    return KeyRing(keys=keys, source="the key file of this test")


KEY = bytes(range(32))
VAULT = Vault(ring(k1=KEY))
DATA_KEY = VAULT.new_data_key(1, 1)
SEALED = VAULT.seal(CARD, PLACE, DATA_KEY)


def refused(
    sealed: bytes = SEALED,
    place: Place = PLACE,
    key: WrappedKey = DATA_KEY,
    vault: Vault = VAULT,
) -> str:
    """Return the one line with which a sealed card is refused."""
    with pytest.raises(KeyProblemError) as problem:
        vault.open(sealed, place, key)
    message = str(problem.value)
    assert "\n" not in message
    assert key.key_id in message
    return message


def test_a_sealed_card_opens_in_its_place() -> None:
    opened = VAULT.open(SEALED, PLACE, DATA_KEY)
    assert opened == CARD
    assert opened.number.reveal() == NUMBER


def test_a_sealed_card_opens_with_a_new_vault_of_the_same_ring() -> None:
    assert Vault(ring(k1=KEY)).open(SEALED, PLACE, DATA_KEY) == CARD


def test_a_sealed_card_is_shown_as_its_mask() -> None:
    assert VAULT.show(SEALED, PLACE, DATA_KEY) == CARD.masked


@settings(deadline=None)
@given(
    number=st.from_regex(r"[0-9]{12,19}", fullmatch=True),
    name=st.text(min_size=1, max_size=300),
    month=st.integers(1, 12),
    year=st.integers(1970, 2999),
    place=st.builds(
        Place,
        account_id=st.just(1),
        noun=st.sampled_from(["recurring", "client"]),
        record_id=st.integers(1, 10**18),
    ),
)
def test_every_card_comes_back_as_it_went(
    number: str, name: str, month: int, year: int, place: Place
) -> None:
    card = Card(
        number=CardNumber(number),
        name=name,
        expiration=Expiration(month=month, year=year),
    )
    sealed = VAULT.seal(card, place, DATA_KEY)
    assert VAULT.open(sealed, place, DATA_KEY) == card


@pytest.mark.parametrize("position", range(len(SEALED)))
def test_every_altered_byte_is_refused(position: int) -> None:
    for flip in (0x01, 0x80, 0xFF):
        altered = bytearray(SEALED)
        altered[position] ^= flip
        assert "cannot be decrypted" in refused(bytes(altered))


@pytest.mark.parametrize("length", range(len(SEALED)))
def test_every_truncation_is_refused(length: int) -> None:
    assert "cannot be decrypted" in refused(SEALED[:length])


@pytest.mark.parametrize("more", [b"\0", b"x" * 16])
def test_an_extension_is_refused(more: bytes) -> None:
    refused(SEALED + more)
    refused(more + SEALED)


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(replace(PLACE, record_id=10), id="record"),
        pytest.param(replace(PLACE, record_id=0), id="no record"),
        pytest.param(replace(PLACE, account_id=2), id="account"),
        pytest.param(replace(PLACE, noun="client"), id="noun"),
        pytest.param(replace(PLACE, account_id=9, record_id=1), id="both"),
        pytest.param(
            Place(account_id=1, noun="recurring|9", record_id=9), id="a separator"
        ),
    ],
)
def test_a_card_moved_elsewhere_is_refused(elsewhere: Place) -> None:
    assert "moved" in refused(place=elsewhere)


def test_a_card_moved_to_another_account_of_a_key_of_its_own_is_refused() -> None:
    theirs = VAULT.new_data_key(2, 1)
    refused(place=replace(PLACE, account_id=2), key=theirs)


def test_a_card_under_another_data_key_of_its_account_is_refused() -> None:
    # Of the same version, and of the next one.
    refused(key=VAULT.new_data_key(1, 1))
    refused(key=VAULT.new_data_key(1, 2))


def test_a_data_key_of_another_version_number_is_refused() -> None:
    refused(key=replace(DATA_KEY, version=2))


def test_a_card_belongs_to_the_version_of_its_key_though_the_key_be_the_same() -> None:
    # A source of zeros gives both versions the same key.
    first, second = (
        Vault(ring(k1=KEY), random=bytes).new_data_key(1, version) for version in (1, 2)
    )
    sealed = VAULT.seal(CARD, PLACE, first)
    assert VAULT.open(sealed, PLACE, first) == CARD
    refused(sealed, key=second)


@pytest.mark.parametrize("position", range(len(DATA_KEY.wrapped)))
def test_every_altered_byte_of_a_data_key_is_refused(position: int) -> None:
    altered = bytearray(DATA_KEY.wrapped)
    altered[position] ^= 0x01
    refused(key=replace(DATA_KEY, wrapped=bytes(altered)))


def test_a_damaged_data_key_seals_nothing_and_says_so() -> None:
    damaged = replace(DATA_KEY, wrapped=DATA_KEY.wrapped[:-1])
    with pytest.raises(KeyProblemError, match="k1"):
        VAULT.seal(CARD, PLACE, damaged)


def test_a_data_key_moved_to_another_account_seals_nothing_and_says_so() -> None:
    with pytest.raises(KeyProblemError, match="k1"):
        VAULT.seal(CARD, replace(PLACE, account_id=2), DATA_KEY)


def test_a_wrong_key_of_the_same_id_is_refused() -> None:
    refused(vault=Vault(ring(k1=bytes(32))))


def test_a_missing_key_is_refused_by_its_id_with_the_remedy() -> None:
    message = refused(vault=Vault(ring(k2=KEY)))
    assert "'k1' is missing" in message
    assert "restore" in message
    assert "the key file of this test" in message


def test_an_older_key_of_the_ring_still_opens() -> None:
    vault = Vault(ring(k1=KEY, k2=bytes(32)))
    assert vault.open(SEALED, PLACE, DATA_KEY) == CARD
    newer = vault.new_data_key(1, 2)
    assert newer.key_id == "k2"
    sealed = vault.seal(CARD, PLACE, newer)
    assert vault.open(sealed, PLACE, newer) == CARD
    refused(sealed, key=newer)


def test_ten_thousand_nonces_are_distinct() -> None:
    nonces = {VAULT.seal(CARD, PLACE, DATA_KEY)[:12] for _ in range(10_000)}
    assert len(nonces) == 10_000


def test_a_sealed_card_shows_nothing_of_the_card() -> None:
    for text in (b"4111", b"1111", b"Ada", b"Loom", b"2012", b"number"):
        assert text not in SEALED


def test_data_keys_are_random_and_wrapped() -> None:
    others = {VAULT.new_data_key(1, 1).wrapped for _ in range(100)}
    assert len(others) == 100
    assert all(KEY not in wrapped for wrapped in others)


def test_texts_of_a_vault_show_no_key() -> None:
    assert repr(VAULT) == str(VAULT) == "Vault()"


# Checks: is it the ring that this database was made with?


def test_a_ring_proves_the_checks_that_its_keys_left() -> None:
    checks = dict([VAULT.check(), Vault(ring(k1=KEY, k2=bytes(32))).check()])
    assert set(checks) == {"k1", "k2"}
    Vault(ring(k1=KEY, k2=bytes(32))).verify(checks)
    Vault(ring(k2=bytes(32), k1=KEY, k3=os.urandom(32))).verify(checks)


def test_a_check_is_of_the_active_key() -> None:
    key_id, _ = Vault(ring(k1=KEY, k2=bytes(32))).check()
    assert key_id == "k2"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param(ring(k1=bytes(32)), "is not the one", id="another key"),
        pytest.param(ring(k1=KEY[::-1]), "is not the one", id="reversed"),
        pytest.param(ring(k2=KEY), "is missing", id="another id"),
        pytest.param(ring(), "is missing", id="empty"),
    ],
)
def test_a_wrong_ring_is_refused_on_one_line_by_id_with_the_remedy(
    wrong: KeyRing, words: str
) -> None:
    with pytest.raises(KeyProblemError) as problem:
        Vault(wrong).verify(dict([VAULT.check()]))
    message = str(problem.value)
    assert "\n" not in message
    assert "'k1'" in message
    assert words in message
    assert "the key file of this test" in message
    assert "restore the key ring" in message


def test_a_check_under_another_id_is_refused() -> None:
    _, check = VAULT.check()
    with pytest.raises(KeyProblemError, match="'k2'"):
        Vault(ring(k1=KEY, k2=KEY)).verify({"k2": check})


def test_a_damaged_check_is_refused() -> None:
    _, check = VAULT.check()
    for damaged in (check[:-1], check[:5], b""):
        with pytest.raises(KeyProblemError, match="'k1'"):
            VAULT.verify({"k1": damaged})


def test_an_empty_ring_makes_no_check() -> None:
    with pytest.raises(KeyProblemError, match="no key"):
        Vault(ring()).check()


# Rings that grow while a process runs.


def test_a_key_that_was_added_meanwhile_is_found_at_its_first_use() -> None:
    rings = [ring(k1=KEY)]
    running = Vault(rings[0], reread=lambda: rings[-1])
    newer = ring(k1=KEY, k2=bytes(32))
    data_key = Vault(newer).new_data_key(1, 2)
    sealed = Vault(newer).seal(CARD, PLACE, data_key)
    refused(sealed, key=data_key, vault=running)
    rings.append(newer)
    assert running.open(sealed, PLACE, data_key) == CARD
    assert running.open(SEALED, PLACE, DATA_KEY) == CARD
    assert running.active == "k2"


def test_a_check_of_a_key_that_was_added_meanwhile_is_proved() -> None:
    newer = ring(k1=KEY, k2=bytes(32))
    running = Vault(ring(k1=KEY), reread=lambda: newer)
    running.verify(dict([VAULT.check(), Vault(newer).check()]))


@pytest.mark.parametrize("now", [ring(), ring(k3=KEY)], ids=["lost", "another"])
def test_a_ring_that_lacks_the_key_too_leaves_the_one_in_hand(now: KeyRing) -> None:
    running = Vault(ring(k1=KEY), reread=lambda: now)
    strange = replace(DATA_KEY, key_id="k2")
    assert "'k2' is missing" in refused(key=strange, vault=running)
    assert running.active == "k1"
    assert running.open(SEALED, PLACE, DATA_KEY) == CARD


def test_a_damaged_ring_that_is_read_again_is_told_and_not_taken() -> None:
    def damaged() -> KeyRing:
        raise KeyProblemError("the key file is damaged: 'k2'")

    running = Vault(ring(k1=KEY), reread=damaged)
    assert "damaged" in refused(key=replace(DATA_KEY, key_id="k2"), vault=running)
    assert running.open(SEALED, PLACE, DATA_KEY) == CARD


def test_threads_that_meet_a_new_key_at_once_all_find_it() -> None:
    newer = ring(k1=KEY, k2=bytes(32))
    data_keys = [Vault(newer).new_data_key(1, version) for version in range(2, 34)]
    sealed = [Vault(newer).seal(CARD, PLACE, key) for key in data_keys]
    running = Vault(ring(k1=KEY), reread=lambda: newer)
    with ThreadPoolExecutor(8) as threads:
        opened = threads.map(
            lambda pair: running.open(pair[0], PLACE, pair[1]),
            zip(sealed, data_keys, strict=True),
        )
        assert list(opened) == [CARD] * 32


# Sealing again.

SETTINGS = {"login": "loom", "secret": "sesame"}
GATEWAY = GatewayPlace(account_id=1, name="Stripe")
REQUEST = Request(account_id=1, key_hash="abc")
NEXT = Vault(ring(k1=KEY, k2=bytes(32))).new_data_key(1, 2)
BOTH = Vault(ring(k1=KEY, k2=bytes(32)))


def test_a_card_that_is_sealed_again_opens_by_the_new_key_alone() -> None:
    again = BOTH.reseal(SEALED, PLACE, DATA_KEY, NEXT)
    assert BOTH.open(again, PLACE, NEXT) == CARD
    refused(again)
    refused(again, key=NEXT, place=replace(PLACE, record_id=10), vault=BOTH)


def test_settings_and_digests_are_sealed_again_too() -> None:
    settings = BOTH.seal_settings(SETTINGS, GATEWAY, DATA_KEY)
    again = BOTH.reseal(settings, GATEWAY, DATA_KEY, NEXT)
    assert BOTH.open_settings(again, GATEWAY, NEXT) == SETTINGS
    digest = BOTH.seal_digest(b"body", REQUEST, DATA_KEY)
    again = BOTH.reseal(digest, REQUEST, DATA_KEY, NEXT)
    assert BOTH.is_digest(again, b"body", REQUEST, NEXT)
    assert not BOTH.is_digest(again, b"bodies", REQUEST, NEXT)


@pytest.mark.parametrize(
    "of",
    [
        replace(PLACE, record_id=10),
        replace(PLACE, noun="card"),
        Request(account_id=1, key_hash="9"),
        GatewayPlace(account_id=1, name="recurring"),
    ],
    ids=["record", "noun", "request", "gateway"],
)
def test_what_does_not_belong_to_its_place_is_not_sealed_again(of: Belonging) -> None:
    with pytest.raises(KeyProblemError, match="'k1'"):
        BOTH.reseal(SEALED, of, DATA_KEY, NEXT)


@pytest.mark.parametrize("position", [0, 11, 12, len(SEALED) - 1])
def test_what_was_altered_is_not_sealed_again(position: int) -> None:
    altered = bytearray(SEALED)
    altered[position] ^= 0x01
    with pytest.raises(KeyProblemError, match="altered"):
        BOTH.reseal(bytes(altered), PLACE, DATA_KEY, NEXT)
