"""From a code that was issued to a message that was sent: outside of any transaction, off the GUI thread."""

from app.contracts.signers.identity_commands import CodeIssued
from app.contracts.signers.identity_rules import CODE_LIFETIME
from app.runtime.code_gateways import CodeGateway, CodeMessage, Gateways, WayMissing
from app.runtime.language import tr_in, tr_noop

_SUBJECT = tr_noop("Your code for contract {number}")
_TEXT = tr_noop(
    "{code} is your code for signing contract {number} at {house}. It is valid for {minutes} minutes. "
    "Only enter it if you are about to sign there, and give it to nobody else."
)

_given: list[Gateways] = []


def use_code_gateways(*gateways: CodeGateway) -> None:
    """Send codes through these from now on; called at start-up and when the settings change."""
    _given[:] = [Gateways(*gateways)]


def gateway_for(channel: str) -> CodeGateway:
    """Who sends on a channel; raises WayMissing."""
    gateway = _given[0].serving(channel) if _given else None
    if gateway is None:
        raise WayMissing()
    return gateway


def ways() -> dict[str, str]:
    """Which way serves which channel at this desk, such as {"email": "smtp"}; empty where there is none."""
    found = {}
    for channel in sorted(_given[0].channels()) if _given else ():
        found[channel] = gateway_for(channel).way
    return found


def send_code(issued: CodeIssued) -> None:
    """Send a code; raises what the gateway raises. May take as long as the network does."""
    values = {
        "code": issued.code, "number": issued.document_number, "house": issued.house,
        "minutes": int(CODE_LIFETIME.total_seconds() // 60),
    }  # fmt: skip
    message = CodeMessage(
        channel=issued.channel,
        address=issued.address,
        subject=tr_in(issued.language, _SUBJECT, number=issued.document_number),
        text=tr_in(issued.language, _TEXT, **values),
    )
    gateway_for(issued.channel).send(message)
