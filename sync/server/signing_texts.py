"""What a customer reads on the phone, always in both languages: the page switches between them without asking."""

import json
from functools import cache
from typing import Any

from fastapi import Response
from jinja2 import Environment, Template

from app.runtime.language import CHINESE, ENGLISH, tr_in, tr_noop
from app.runtime.resources import load_json, resource_path
from sync.server.devices import digest

TAGS = {ENGLISH: "en", CHINESE: "zh-CN"}
_FOLDER = "signing_page"
ICON = "icon.svg"
_TOKENS = (
    "canvas", "surface", "line", "strong_line", "text", "muted", "accent", "accent_hover", "accent_wash", "on_accent",
    "good", "good_wash", "warn", "warn_wash", "bad", "bad_wash", "on_bad", "input", "neutral_wash",
)  # fmt: skip
PROBLEMS: dict[str, str] = {
    "code": tr_noop("This is not the code. Ask at the desk for the six digits and enter them."),
    "attempts": tr_noop("Too many wrong attempts from here. Wait a minute and try again."),
    "elsewhere": tr_noop("This document is open on another phone already. Ask at the desk for a new QR code."),
    "unknown": tr_noop("This QR code is not known here. Scan the one on the desk's screen once more."),
    "busy": tr_noop("The service is busy. Go back and try again in a moment."),
    "fault": tr_noop("The service has a fault. Tell the desk this number: {request_id}"),
}
ENDS: dict[str, tuple[str, str, str]] = {
    "signed": (
        "good", tr_noop("Thank you. You have signed."),
        tr_noop("Your signature is on its way to the desk. You may close this page."),
    ),
    "declined": (
        "neutral", tr_noop("You have declined."), tr_noop("The desk has been told your reason. Nothing was signed."),
    ),
    "taken": (
        "good", tr_noop("Thank you. It has arrived at the desk."),
        tr_noop("Nothing of it is left on this page. The desk gives you your copy of the document."),
    ),
    "withdrawn": (
        "warn", tr_noop("The desk has taken this document back."),
        tr_noop("Nothing was signed. Ask at the desk how to go on."),
    ),
    "expired": (
        "warn", tr_noop("The time for signing here is over."),
        tr_noop("Nothing was signed. Ask at the desk for a new QR code."),
    ),
    "locked": (
        "bad", tr_noop("Locked after too many wrong codes."),
        tr_noop("Nobody can open this document any more. Ask at the desk for a new QR code."),
    ),
    "unknown": ("warn", tr_noop("This QR code is not known here."),
                tr_noop("Scan the one on the desk's screen once more.")),
    "elsewhere": ("warn", tr_noop("This document is open on another phone already."),
                  tr_noop("If that was not you, tell the desk at once.")),
}  # fmt: skip
"""How a request ends: tone, what it is, what to do."""
WORDS: dict[str, str] = {
    "title": tr_noop("Read and sign"),
    "language": tr_noop("Language"),
    "enter": tr_noop("Enter the six digits shown at the desk."),
    "digits": tr_noop("Six digits"),
    "go_on": tr_noop("Continue"),
    "scan": tr_noop("Scan the QR code on the desk's screen with your phone."),
    "beware": tr_noop("Only enter digits that somebody at the desk shows you."),
    "script": tr_noop("This page needs JavaScript. Switch it on, or sign at the desk."),
    "please": tr_noop("{signer}, please read and sign"),
    "document": tr_noop("Document {number}"),
    "until": tr_noop("Open until"),
    "read": tr_noop("1. Read"),
    "page": tr_noop("Page {n} of {total}"),
    "whole": tr_noop("Open the whole document (PDF)"),
    "clauses": tr_noop("2. Take note"),
    "each": tr_noop("These clauses limit what you may claim. Tick each one by itself."),
    "noted": tr_noop("I have taken note of clause {number}"),
    "sign_here": tr_noop("3. Sign"),
    "how": tr_noop("Sign here with your finger or a pen, with your full name."),
    "pad": tr_noop("Place for your signature"),
    "wipe": tr_noop("Wipe"),
    "sign": tr_noop("Sign"),
    "data": tr_noop("Your data"),
    "refuse": tr_noop("I do not sign"),
    "why": tr_noop("Why do you not sign?"),
    "decline": tr_noop("Decline"),
    "next": tr_noop("Next step"),
    "left_read": tr_noop("Please read to the end"),
    "left_clauses": tr_noop("Please tick each clause"),
    "left_sign": tr_noop("Please sign"),
    "unread": tr_noop("You have not read to the end yet."),
    "unticked": tr_noop("Tick each clause first."),
    "short": tr_noop("This was not enough for a signature. Please sign with your full name."),
    "long": tr_noop("This was too much for a signature. Wipe it and sign again."),
    "reason": tr_noop("Say why, so that the desk knows."),
    "offline": tr_noop("There is no connection. What you did is kept and is sent as soon as there is one."),
    "sending": tr_noop("Sending …"),
    "failed": tr_noop("Something went wrong. Load the page again; what you ticked is kept."),
    "trouble": tr_noop("This does not work at the moment"),
}
"""What the pages say, by the names the template uses."""


def in_both(text: str, /, **values: Any) -> dict[str, str]:
    """The text in Chinese and English; the page shows one of them."""
    return {"zh": tr_in(CHINESE, text, **values), "en": tr_in(ENGLISH, text, **values)}


def show(stage: str, language: str, *, base: str, status: int = 200, **values: Any) -> Response:
    """A page. `base` is the address of the pages as the browser sees it."""
    html = _template().render(
        stage=stage, language=language, tag=TAGS[language], short=TAGS[language][:2], base=base, words=WORDS,
        style=_version("page.css"), script=_version("page.js"), in_both=in_both, **values,
    )  # fmt: skip
    return Response(html, status, media_type="text/html", headers=PAGE_HEADERS)


PAGE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-frame-options": "DENY", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
    "cache-control": "no-store", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}  # fmt: skip
"""Nothing foreign is loaded, nothing is framed, kept or told to others, no script stands in the page."""


@cache
def _template() -> Template:
    text = resource_path(f"{_FOLDER}/page.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)


@cache
def static_file(name: str) -> bytes:
    """The page's style, script or icon. Raises ResourceMissing."""
    if name == ICON:
        return resource_path("app_icon/forecourt.svg").read_bytes()
    text = resource_path(f"{_FOLDER}/{name}").read_text(encoding="utf-8")
    for theme in ("light", "dark"):
        known = load_json(f"themes/{theme}.json")
        text = text.replace(
            "{{ " + theme + " }}", ";".join(f"--{token.replace('_', '-')}:{known[token]}" for token in _TOKENS)
        )
    return text.encode("utf-8")


@cache
def _version(name: str) -> str:
    """The file's name with a piece of its digest: a new version is another address."""
    return f"{name}?v={digest(static_file(name).decode('utf-8'))[:12]}"


def json_answer(told: dict[str, Any], *, status: int = 200) -> Response:
    """An answer to the page's script."""
    return Response(json.dumps(told), status, media_type="application/json", headers=PAGE_HEADERS)

