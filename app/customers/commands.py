"""What can be done about customers, their consents and the vehicles they own."""

from dataclasses import dataclass, field

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCustomer(Command):
    """Enter a customer; returns the id. Required: `kind`, `name`, `phone`, and for a company `contact_name`.

    `kind`: person or company. `identity_kind`: identity_card, passport, company_code, other; the number may come
    later (empty). `contact_identity_number`: the identity card of whoever acts for a company.
    `region_code`: six digits of the administrative division. A customer with the same phone or identity number refuses
    it (CustomerDuplicate) unless `despite_duplicate`. Undone by RemoveCustomer.
    """

    kind: str
    name: str
    phone: str = field(repr=False)
    identity_kind: str = ""
    identity_number: str = field(default="", repr=False)
    second_phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    region_code: str = ""
    address: str = field(default="", repr=False)
    contact_name: str = ""
    contact_identity_number: str = field(default="", repr=False)
    legal_representative: str = ""
    paper_language: str = "zh_CN"
    source: str = "walk_in"
    owner_staff_id: str | None = None
    note: str = ""
    despite_duplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCustomer(Command):
    """Change a customer; None leaves a value as it is, so that a masked value never has to be shown to be kept.

    An empty `owner_staff_id` takes the owner away. Undone by the former values.
    """

    customer_id: str
    expected_revision: int
    kind: str | None = None
    name: str | None = None
    phone: str | None = field(default=None, repr=False)
    identity_kind: str | None = None
    identity_number: str | None = field(default=None, repr=False)
    second_phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    region_code: str | None = None
    address: str | None = field(default=None, repr=False)
    contact_name: str | None = None
    contact_identity_number: str | None = field(default=None, repr=False)
    legal_representative: str | None = None
    paper_language: str | None = None
    source: str | None = None
    owner_staff_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCustomer(Command):
    """Take back a customer entered by mistake; refused once any document or payment names them."""

    customer_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCustomer(Command):
    """Bring back a customer removed by mistake; undoes RemoveCustomer."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveConsent(Command):
    """Record that a customer agrees to one purpose (and, for sharing, one recipient); returns the consent's id."""

    customer_id: str
    purpose: str
    recipient: str = ""
    channel: str = "in_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent(Command):
    """End a consent; as easy as giving it, so no reason is asked for."""

    consent_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealPersonalData(Command):
    """Show one masked value; returns it. The reveal and its reason are kept in the audit trail.

    `field`: identity_number, phone, second_phone, email, address or contact_identity_number.
    """

    customer_id: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCustomerVehicle(Command):
    """Enter a vehicle a customer owns; returns the id. Plate or VIN is required. Undone by RemoveCustomerVehicle."""

    customer_id: str
    plate: str = ""
    vin: str = ""
    description: str = ""
    odometer_km: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCustomerVehicle(Command):
    """Change what is known of a customer's vehicle; None leaves a value as it is. Undone by the former values."""

    customer_vehicle_id: str
    expected_revision: int
    plate: str | None = None
    vin: str | None = None
    description: str | None = None
    odometer_km: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCustomerVehicle(Command):
    """Take a vehicle off a customer; refused while an appointment is open for it."""

    customer_vehicle_id: str
