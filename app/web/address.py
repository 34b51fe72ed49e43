"""Where a request comes from, as far as those in between can be believed."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

# What one household or company is given; who has it can use any address in it.
_IPV6_PREFIX = 64


def address_of(
    peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]
) -> str:
    """Return the address of a request's sender, an IPv6 one by its /64.

    A trusted proxy is believed about whom it speaks for, and so on from the right; what
    stands further left, anyone may have written.
    """
    found = _parsed(peer or "")
    steps = [step for header in forwarded for step in header.split(",")]
    while steps and found is not None and any(found in known for known in trusted):
        before = _parsed(steps.pop().strip())
        if before is None:
            break
        found = before
    return "" if found is None else _shown(found)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _shown(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
