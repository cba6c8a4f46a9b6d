"""Where requests come from, as far as limits are concerned."""

import ipaddress

_IPV6_NETWORK = 64


def network_of(address: str) -> str:
    """The address; of IPv6 the network of 64 bits, within which one computer has all addresses it likes."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))
    return str(parsed)
