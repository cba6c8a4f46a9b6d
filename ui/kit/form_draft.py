"""Keeps what is half typed: saved at most two seconds after a key, offered again after a crash."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.runtime.language import tr, tr_noop
from ui.kit import formats

if TYPE_CHECKING:
    from ui.kit.form import Form

SAVE_AFTER_MS = 1000
_SAVED_AT = "_saved_at"


class DraftKeeper(QObject):
    """Saves a form's raw values through `context.drafts`, on the writer thread."""

    def __init__(self, form: "Form", form_key: str) -> None:
        super().__init__(form)
        self._form, self._key = form, form_key
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save)
        app = QApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.save_if_due)

    def offer(self) -> None:
        """Look for an unfinished entry and, if there is one, offer to continue it."""
        drafts, key = self._form.context.drafts, self._key
        self._form.context.operations.run_plain(
            self._form, lambda: drafts.load(key), on_done=self._on_loaded, on_error=lambda _error: True
        )

    def touch(self) -> None:
        """Something was typed. The timer is not restarted, so that a save is never later than its interval."""
        if not self._timer.isActive():
            self._timer.start()

    def save(self) -> None:
        """Save now."""
        self._timer.stop()
        drafts, key = self._form.context.drafts, self._key
        payload = _storable(self._form.raw_values())
        payload[_SAVED_AT] = self._form.context.clock.now().isoformat()
        self._form.context.operations.run_plain(
            self._form, lambda: drafts.save(key, payload), writes=True, on_error=self._on_save_failed
        )

    def save_if_due(self) -> None:
        """Save what the timer still waits for."""
        if self._timer.isActive():
            self.save()

    def drop(self) -> None:
        """Forget the draft."""
        self._timer.stop()
        drafts, key = self._form.context.drafts, self._key
        self._form.context.operations.run_plain(self._form, lambda: drafts.discard(key), writes=True)

    def _on_save_failed(self, _error: BaseException) -> bool:
        self._form.messages.show_warning(
            tr_noop("What you type cannot be kept as a draft at the moment. Save it before leaving this page.")
        )
        return True

    def _on_loaded(self, payload: dict[str, Any] | None) -> None:
        if not payload or self._form.dirty:
            return
        kept = dict(payload)
        saved_at = kept.pop(_SAVED_AT, None)
        self._form.messages.show_message(
            lambda: self._offer_text(saved_at),
            tone="info",
            action=tr_noop("Continue it"),
            on_action=lambda: self._form.set_raw_values(kept),
        )
        self._form.messages.closed.connect(self._on_offer_closed)

    def _on_offer_closed(self) -> None:
        self._form.messages.closed.disconnect(self._on_offer_closed)

    def _offer_text(self, saved_at: str | None) -> str:
        if saved_at is None:
            return tr("An unfinished entry was kept.")
        when = datetime.fromisoformat(saved_at).astimezone(UTC)
        return tr("An unfinished entry was kept, {ago}.", ago=formats.ago(when, self._form.context.clock.now()))


def _storable(values: dict[str, Any]) -> dict[str, Any]:
    """Raw values as JSON can hold them."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
