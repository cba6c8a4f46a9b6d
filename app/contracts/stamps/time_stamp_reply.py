"""Reading the reply of a time-stamp authority: the token, or why there is none."""

from asn1crypto import core, tsp

from app.contracts.stamps.errors import StampRefused


class _Reply(core.Sequence):  # type: ignore[misc]
    """A TimeStampResp; a refusal has no token, which `asn1crypto` does not know."""

    _fields = [  # noqa: RUF012
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", core.Any, {"optional": True}),
    ]


def granted_for(request: tsp.TimeStampReq, reply: bytes) -> tsp.TimeStampResp:
    """The reply as pyHanko takes it. Raises StampRefused with the authority's reason, for what is no reply, and for one
    that answers another request (RFC 3161, 2.4.2)."""
    try:
        status = _Reply.load(reply, strict=True)["status"]
        granted = status["status"].native in ("granted", "granted_with_mods")
        why = sorted(status["fail_info"].native or ()) or ["unknown"]
    except (ValueError, TypeError, KeyError) as error:
        raise StampRefused(reason="unreadable") from error
    if not granted:
        raise StampRefused(reason=", ".join(why))
    answer = tsp.TimeStampResp.load(reply)
    try:
        told = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        same = all(told[name].native == request[name].native for name in ("nonce", "message_imprint"))
    except (ValueError, TypeError, KeyError) as error:
        raise StampRefused(reason="unreadable") from error
    if not same:
        raise StampRefused(reason="other request")
    return answer
