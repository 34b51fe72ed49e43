"""The rate limit of an account."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from app import compose
from app.config import Settings, SettingsError
from app.domain.errors import TooManyRequestsError
from app.services import rates
from app.services.ports import Ports
from app.services.rates import Rates
from tests.conftest import NOW, Api, Clock

CURRENT = '<request method="staff.current"/>'


def allowed(of: Rates, account_id: int, seconds: float = 0) -> bool:
    try:
        of.take(account_id, NOW + timedelta(seconds=seconds))
    except TooManyRequestsError:
        return False
    return True


def limited(ports: Ports, of: Api, rate: int) -> Api:
    app = compose.application_on(replace(ports, rates=Rates(rate)))
    return Api(app.test_client(), of.account, of.token)


def test_a_minutes_requests_may_come_at_once_and_then_evenly() -> None:
    of = Rates(6)
    assert [allowed(of, 1) for _ in range(8)] == [True] * 6 + [False] * 2
    assert not allowed(of, 1, 9.9)
    assert allowed(of, 1, 10)
    assert not allowed(of, 1, 10)
    assert [allowed(of, 1, 600) for _ in range(8)] == [True] * 6 + [False] * 2


@pytest.mark.parametrize("rate", [1, 7, 59, 60, 20_011])
def test_a_bucket_holds_exactly_a_minutes_requests(rate: int) -> None:
    of = Rates(rate)
    assert all(allowed(of, 1) for _ in range(rate))
    assert not allowed(of, 1)


def test_it_is_told_how_long_to_wait() -> None:
    of = Rates(6)
    for _ in range(6):
        of.take(1, NOW)
    with pytest.raises(TooManyRequestsError) as refused:
        of.take(1, NOW + timedelta(seconds=2.5))
    assert refused.value.retry_after_s == 8


def test_no_limit_is_no_limit() -> None:
    assert all(allowed(Rates(0), 1) for _ in range(1000))


def test_accounts_have_buckets_of_their_own() -> None:
    of = Rates(1)
    assert [allowed(of, 1), allowed(of, 1), allowed(of, 2)] == [True, False, True]


def test_a_clock_that_is_set_back_refuses_nobody_for_long() -> None:
    of = Rates(1)
    assert allowed(of, 1, 7200)
    assert allowed(of, 1)


def test_threads_whose_now_is_a_little_older_find_the_bucket_empty_too() -> None:
    of = Rates(5)
    assert all(allowed(of, 1, 1) for _ in range(5))
    assert not any(allowed(of, 1, second) for second in (0.999, 0.5, 0, 0.999))


def test_as_many_accounts_are_kept_as_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rates, "_ACCOUNTS_MAX", 2)
    of = Rates(1)
    assert all(allowed(of, number) for number in range(5))
    assert len(of._full_at) == 2
    assert not allowed(of, 4)


def test_an_account_over_its_rate_is_refused_before_its_body_is_read(
    api: Api, ports: Ports, clock: Clock, new_api: Callable[..., Api]
) -> None:
    mine = limited(ports, api, 2)
    other = Api(mine.client, api.account, new_api("Other").token)
    assert mine.post(CURRENT).ok
    assert mine.post(CURRENT).ok

    answer = mine.post("no XML at all")

    assert (answer.http.status_code, answer.code) == (429, "20030")
    assert answer.http.headers["Retry-After"] == "30"
    assert other.post(CURRENT).ok
    clock.now += timedelta(seconds=30)
    assert mine.post(CURRENT).ok


def test_wrong_tokens_are_not_told_of_a_rate(api: Api, ports: Ports) -> None:
    mine = limited(ports, api, 1)
    assert mine.post(CURRENT).ok
    mine.token = "0" * 32
    assert mine.post(CURRENT).http.status_code == 401


@pytest.mark.parametrize("text", ["", "-1", "x", "1.5", "1000001", "٣"])
def test_a_rate_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="PERENNIAL_RATE"):
        Settings.from_environment({"PERENNIAL_RATE": text})


@pytest.mark.parametrize("text", ["nonsense", "10.0.0.1/8", "10.0.0.0/99", "a,b"])
def test_proxies_that_are_no_addresses_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="PERENNIAL_TRUSTED_PROXIES"):
        Settings.from_environment({"PERENNIAL_TRUSTED_PROXIES": text})


def test_by_default_there_is_no_limit_and_nobody_is_trusted() -> None:
    settings = Settings.from_environment({})
    assert (settings.rate, settings.trusted_proxies) == (0, ())
