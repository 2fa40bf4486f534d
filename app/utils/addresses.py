"""Network addresses as they are counted."""

from ipaddress import IPv6Address, IPv6Network, ip_address


def counted_as(address: str) -> str:
    """The one whose requests are counted together: an IPv4 address, or the /64 of an IPv6 address.

    A /64 is the least that one customer gets, so every address in it is one party's. Other text stays as it is.
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Network((known.packed, 64), strict=False))
