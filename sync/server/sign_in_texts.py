"""What people read while they sign in at the centre, and the page it stands on."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import Response
from jinja2 import Environment, Template

from app.runtime.language import CHINESE, ENGLISH, tr_in, tr_noop
from app.runtime.resources import load_json, resource_path

ACTION = "/oauth/sign-in"
_TAGS = {ENGLISH: "en", CHINESE: "zh-CN"}
_TOKENS = (
    "canvas", "surface", "line", "text", "muted", "accent", "accent_hover", "on_accent", "bad", "bad_wash", "input",
    "neutral_wash",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One input."""

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = "off"
    hint: str = ""
    value: str = ""
    numeric: bool = False
    focus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One page of signing in: what it asks."""

    title: str
    lines: tuple[str, ...] = ()
    fields: tuple[FormField, ...] = ()
    button: str = ""


_DIGITS_HINT = tr_noop("Six digits from the app, or one of your recovery codes.")
STAGES: Mapping[str, Stage] = {
    "password": Stage(
        title=tr_noop("Sign in to headquarters"),
        fields=(
            FormField(name="login", label=tr_noop("Login"), autocomplete="username", focus=True),
            FormField(
                name="password", label=tr_noop("Password"), kind="password", autocomplete="current-password",
                hint=tr_noop("The first time, enter the one-time code you were given instead."),
            ),
        ),
        button=tr_noop("Continue"),
    ),
    "choose": Stage(
        title=tr_noop("Choose your password"),
        lines=(tr_noop("At least 12 characters. Several words you can remember are better than one hard one."),),
        fields=(
            FormField(name="password", label=tr_noop("New password"), kind="password", autocomplete="new-password",
                      focus=True),
            FormField(name="again", label=tr_noop("The same password again"), kind="password",
                      autocomplete="new-password"),
        ),
        button=tr_noop("Set the password"),
    ),
    "enrol": Stage(
        title=tr_noop("Set up your second factor"),
        lines=(
            tr_noop("Open an authenticator app on your phone, scan the code, and enter the six digits it shows."),
        ),
        fields=(
            FormField(name="digits", label=tr_noop("Six digits"), autocomplete="one-time-code", numeric=True,
                      focus=True),
        ),
        button=tr_noop("Confirm"),
    ),
    "digits": Stage(
        title=tr_noop("Enter your second factor"),
        fields=(
            FormField(name="digits", label=tr_noop("Code"), autocomplete="one-time-code", hint=_DIGITS_HINT,
                      focus=True),
        ),
        button=tr_noop("Sign in"),
    ),
    "keep": Stage(
        title=tr_noop("Keep these recovery codes"),
        lines=(
            tr_noop("If your phone is lost, each of them lets you in once. Print them, or keep them in a safe."),
            tr_noop("They are not shown again."),
        ),
        button=tr_noop("I have kept them"),
    ),
    "shown": Stage(
        title=tr_noop("Signed in"),
        lines=(
            tr_noop("Enter this code at the desk that asked for it. It is good for five minutes and for one use."),
            tr_noop("Give it to nobody. If you did not begin this at a desk in front of you, close the page."),
        ),
    ),
    "failed": Stage(title=tr_noop("This does not work")),
}  # fmt: skip

PROBLEMS: Mapping[str, str] = {
    "password_wrong": tr_noop("Login and password do not belong together. Check both and try again."),
    "digits_wrong": tr_noop("This code is wrong, too old or was used before. Enter the one the app shows now."),
    "locked": tr_noop("Too many wrong attempts. Try again in {seconds} seconds."),
    "short": tr_noop("The password is too short: at least 12 characters."),
    "long": tr_noop("The password is too long: at most 200 characters."),
    "login": tr_noop("The password contains the login. Choose another one."),
    "unlike": tr_noop("The two passwords differ. Enter the same one twice."),
    "no_rights": tr_noop("This account has no rights at headquarters. Ask whoever runs the service."),
    "stale": tr_noop("This page is too old, or was opened in another window. Begin again at the desk."),
    "request": tr_noop("The program that sent you here asked for something that is not allowed ({reason})."),
    "attempts": tr_noop("Too many wrong attempts from here. Wait a minute and try again."),
    "busy": tr_noop("The service is busy. Go back and try again in a moment."),
    "fault": tr_noop("The service has a fault. Tell whoever runs it this number: {request_id}"),
}
_FOOT = tr_noop("Only enter your password on the page your own desk has opened.")
_SWITCH = {ENGLISH: ("简体中文", CHINESE), CHINESE: ("English", ENGLISH)}
tr_noop("QR code for the app")
tr_noop("Without a camera, enter this key in the app:")


def preferred_language(told: str, accepted: str) -> str:
    """The language asked for (`ui_locales`), else the first one of Accept-Language that is spoken here."""
    for offered in (*told.split(), *(part.partition(";")[0].strip() for part in accepted.split(","))):
        head = offered.lower().replace("_", "-").partition("-")[0]
        if head in ("zh", "en"):
            return CHINESE if head == "zh" else ENGLISH
    return ENGLISH


def show_page(
    stage: str, language: str, *, status: int = 200, ticket: str = "", problem: str = "", back: str = "",
    values: Mapping[str, str] | None = None, **more: Any,
) -> Response:  # fmt: skip
    """A page of signing in. `back` is the origin that the last form may lead to; `values` fill fields."""
    shown = STAGES[stage]
    filled = [
        FormField(**{**_as_dict(field), "value": (values or {}).get(field.name, "")}) for field in shown.fields
    ]  # fmt: skip
    name, code = _SWITCH[language]
    html = _template().render(
        stage=stage, title=shown.title, fields=filled, button=shown.button, ticket=ticket, problem=problem,
        lines=[tr_in(language, line) for line in shown.lines], action=ACTION, style=_style(),
        switch={"name": name, "code": code, "tag": _TAGS[code]} if ticket else None,
        language_tag=_TAGS[language], say=lambda text: tr_in(language, text), foot=tr_in(language, _FOOT), **more,
    )  # fmt: skip
    return Response(html, status, media_type="text/html", headers=page_headers(back))


def page_headers(back: str = "") -> dict[str, str]:
    """Nothing is loaded, framed, kept or told to others; forms lead here, and back to the desk's own address."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_style_digest()}'; form-action 'self'{' ' + back if back else ''};"
        " frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "content-security-policy": policy, "x-frame-options": "DENY", "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer", "cache-control": "no-store", "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin", "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }  # fmt: skip


def _as_dict(field: FormField) -> dict[str, Any]:
    return {name: getattr(field, name) for name in FormField.__slots__}


@cache
def _template() -> Template:
    text = resource_path("sign_in/page.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)


@cache
def _style() -> str:
    def tokens(theme: str) -> str:
        known = load_json(f"themes/{theme}.json")
        return ";".join(f"--{name}:{known[name]}" for name in _TOKENS)

    text = resource_path("sign_in/style.css").read_text(encoding="utf-8")
    return text.replace("{{ light }}", tokens("light")).replace("{{ dark }}", tokens("dark")).strip()


@cache
def _style_digest() -> str:
    return base64.b64encode(hashlib.sha256(_style().encode("utf-8")).digest()).decode("ascii")
