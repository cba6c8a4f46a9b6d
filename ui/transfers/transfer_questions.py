"""What is asked of people for each step of a transfer: short forms in the panel."""

from collections.abc import Callable
from typing import Any

from app.runtime.language import tr, tr_noop
from app.transfers.commands import (
    ApproveTransfer,
    CancelTransfer,
    ReceiveTransfer,
    RejectTransfer,
    SendOff,
    SetFreight,
)
from app.transfers.queries import TransferDetail, find_units_for_transfer
from app.transfers.rules import CertificateTravel, Condition, TransferState
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import (
    Field,
    IntegerField,
    LookupField,
    MoneyField,
    MultiLineField,
    PhoneField,
    SegmentField,
    TextField,
    ToggleField,
)
from ui.kit.panel_form import PanelForm
from ui.kit.printable import printable
from ui.transfers.words import choices

_REASON = 400
_KEYS = 2
Said = Callable[[Any], object]


def approve_question(context: PageContext, record: TransferDetail, *, said: Said) -> PanelForm:
    """Give the vehicle away; for a wish, say which one."""
    row = record.row
    fields: list[Field] = []
    if not row.unit_id:
        fields.append(
            LookupField(
                "unit_id", tr_noop("Vehicle"), required=True, span=2, placeholder=tr_noop("VIN, colour or place"),
                search=lambda reader, text: _fitting_units(reader, row.id, text),
            )
        )  # fmt: skip
    fields.append(MoneyField("transfer_price", tr_noop("Transfer price"), span=2))
    if record.unit_on_order:
        fields.append(ToggleField("order_along", "", text=tr_noop("The order on it goes along"), span=2))
    return PanelForm(
        context,
        lambda: tr("Give {vin} to {branch}?", vin=row.vin or str(row.model), branch=row.target.code),
        fields,
        verb=tr_noop("Approve"),
        command=lambda values: ApproveTransfer(
            transfer_id=row.id, expected_revision=row.revision, unit_id=values.get("unit_id"),
            order_along=bool(values.get("order_along")), transfer_price=values["transfer_price"],
        ),
        text=tr_noop("From then on only the other branch may hold or sell it. The centre confirms it."),
        on_done=said,
    )  # fmt: skip


def _fitting_units(reader: Any, transfer_id: str, text: str) -> list[Choice]:
    rows = find_units_for_transfer(reader, transfer_id)
    wanted = text.casefold()
    shown = [row for row in rows if wanted in f"{row.vin} {row.exterior_colour.zh} {row.location}".casefold()]
    return [_unit_choice(row) for row in shown]


def _unit_choice(row: Any) -> Choice:
    return Choice(row.id, lambda: row.vin, lambda: f"{row.exterior_colour} · {row.location}")


def reject_question(context: PageContext, record: TransferDetail, *, said: Said) -> PanelForm:
    """Keep the vehicle, and say why."""
    row = record.row
    return PanelForm(
        context,
        tr_noop("Keep the vehicle?"),
        [_reason()],
        verb=tr_noop("Reject"),
        command=lambda values: RejectTransfer(
            transfer_id=row.id, expected_revision=row.revision, reason=values["reason"]
        ),
        text=tr_noop("The other branch is told the reason."),
        danger=True,
        on_done=said,
    )


def cancel_question(context: PageContext, record: TransferDetail, *, said: Said) -> PanelForm:
    """Call it off, or turn the vehicle round."""
    row = record.row
    on_the_road = row.effective is TransferState.DEPARTED
    return PanelForm(
        context,
        tr_noop("Turn the vehicle round?") if on_the_road else tr_noop("Call this transfer off?"),
        [_reason()],
        verb=tr_noop("Turn it round") if on_the_road else tr_noop("Call off"),
        command=lambda values: CancelTransfer(
            transfer_id=row.id, expected_revision=row.revision, reason=values["reason"]
        ),
        text=tr_noop("The other branch is told the reason."),
        danger=True,
        on_done=said,
    )


def _reason() -> MultiLineField:
    return MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON, lines=2)


def send_question(context: PageContext, record: TransferDetail, *, said: Said) -> PanelForm:
    """Who carries it, with what."""
    row = record.row
    form = PanelForm(
        context,
        lambda: tr("Send {vin} to {branch}", vin=row.vin, branch=row.target.code),
        [
            TextField("carrier", tr_noop("Carrier"), max_length=60, placeholder=tr_noop("Empty: own driver"),
                      check=printable),
            TextField("driver", tr_noop("Driver"), check=printable, required=True, max_length=60),
            PhoneField("driver_phone", tr_noop("Driver's phone")),
            IntegerField("odometer_km", tr_noop("Odometer"), required=True, suffix=tr_noop("km")),
            IntegerField("keys", tr_noop("Keys"), required=True),
            MoneyField("freight", tr_noop("Freight")),
            SegmentField("certificate_by", tr_noop("Certificate of conformity"), choices=choices(CertificateTravel),
                         span=2, required=True),
            TextField("courier_number", tr_noop("Courier number"), check=printable, max_length=40, span=2),
        ],
        verb=tr_noop("Send off"),
        command=lambda values: SendOff(transfer_id=row.id, expected_revision=row.revision, **values),
        on_done=said,
    )  # fmt: skip
    form.form.set_values(
        {"keys": _KEYS, "certificate_by": CertificateTravel.ALONG.value, "odometer_km": record.unit_odometer_km}
    )

    def fit(name: str) -> None:
        if name == "certificate_by":
            by_courier = form.form.value("certificate_by") == CertificateTravel.COURIER
            form.form.set_field_visible("courier_number", by_courier)

    form.form.changed.connect(fit)
    fit("certificate_by")
    return form


def receive_question(context: PageContext, record: TransferDetail, *, said: Said) -> PanelForm:
    """What stands in the yard."""
    row = record.row
    form = PanelForm(
        context,
        lambda: tr("Take {vin} in", vin=row.vin),
        [
            IntegerField("odometer_km", tr_noop("Odometer"), required=True, suffix=tr_noop("km")),
            IntegerField("keys_arrived", tr_noop("Keys"), required=True),
            SegmentField("condition", tr_noop("Condition"), choices=choices(Condition), span=2, required=True),
            MultiLineField("damage_note", tr_noop("What is damaged"), check=printable, required=True, span=2, lines=2,
                           max_length=_REASON),
            ToggleField("certificate_arrived", tr_noop("Certificate of conformity"), text=tr_noop("It is here"),
                        span=2),
            TextField("location", tr_noop("Place"), max_length=60, span=2),
        ],
        verb=tr_noop("Take it in"),
        command=lambda values: ReceiveTransfer(transfer_id=row.id, expected_revision=row.revision, **values),
        text=tr_noop("It is this branch's as soon as the centre has confirmed it."),
        on_done=said,
    )  # fmt: skip
    form.form.set_values(
        {
            "odometer_km": record.departure_odometer_km, "keys_arrived": record.keys or _KEYS,
            "condition": Condition.GOOD.value,
            "certificate_arrived": record.certificate_by in ("", CertificateTravel.ALONG.value),
        }
    )  # fmt: skip

    def fit(name: str) -> None:
        if name == "condition":
            form.form.set_field_visible("damage_note", form.form.value("condition") == Condition.DAMAGED)

    form.form.changed.connect(fit)
    fit("condition")
    return form


def freight_question(context: PageContext, record: TransferDetail, *, said: Said) -> PanelForm:
    """What the carriage costs."""
    row = record.row
    form = PanelForm(
        context,
        tr_noop("Freight"),
        [MoneyField("freight", tr_noop("Freight"), span=2)],
        verb=tr_noop("Note it"),
        command=lambda values: SetFreight(
            transfer_id=row.id, expected_revision=row.revision, freight=values["freight"]
        ),
        text=tr_noop("It becomes part of what the vehicle has cost the receiving branch."),
        on_done=said,
    )
    form.form.set_values({"freight": record.freight})
    return form
