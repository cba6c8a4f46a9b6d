"""Reading customers: masked, in pages, with what they signed, paid and agreed to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from app.customers.history import HistoryRow, RevealRow, list_customer_history, list_reveals
from app.customers.rules import duplicate_keys, mask_address, mask_email, mask_identity, mask_phone
from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.lists import listed
from db.models.contracts import Contract
from db.models.customers import Consent, Customer, CustomerVehicle
from db.models.desk import SearchEntry
from db.models.staff import StaffMember
from db.search import find_rowids

__all__ = [
    "ConsentRow", "CustomerDetails", "CustomerRow", "DuplicateRow", "HistoryRow", "OwnedVehicleRow", "RevealRow",
    "count_customers", "find_customers", "find_duplicates", "get_customer", "list_consents", "list_customer_history",
    "list_customers", "list_reveals",
]  # fmt: skip

PERSONAL_FIELDS = ("identity_number", "phone", "second_phone", "email", "address", "contact_identity_number")
"""What is masked, and revealed only with a reason."""

MOST_MATCHES = 20_000
"""So many matches of a text are sorted and counted; more are only paged through, the newest first."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in a list; phone and identity number are masked."""

    id: str
    cursor: str
    revision: int
    kind: str
    name: str
    phone: str
    identity_kind: str
    identity_number: str
    contact_name: str
    source: str
    branch_id: str
    owner_staff_id: str | None
    owner_name: str
    paper_language: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent; it holds while `withdrawn_at` is None."""

    id: str
    purpose: str
    recipient: str
    notice_version: str
    channel: str
    given_at: datetime
    withdrawn_at: datetime | None
    contract_id: str | None = None
    document: str = ""
    """The number of the sealed document in which it was given, if it was."""

    @property
    def holds(self) -> bool:
        """Whether it is in force."""
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class OwnedVehicleRow:
    """A vehicle the customer brings to the workshop."""

    id: str
    revision: int
    plate: str
    vin: str
    description: str
    odometer_km: int


@dataclass(frozen=True, slots=True)
class CustomerDetails:
    """One customer with everything a page shows.

    Personal values are masked; `revealable` names those that are filled and can be asked for with RevealPersonalData.
    """

    id: str
    revision: int
    branch_id: str
    kind: str
    name: str
    identity_kind: str
    identity_number: str
    phone: str
    second_phone: str
    email: str
    region_code: str
    address: str
    contact_name: str
    contact_identity_number: str
    legal_representative: str
    paper_language: str
    source: str
    owner_staff_id: str | None
    owner_name: str
    note: str
    created_at: datetime
    updated_at: datetime
    revealable: frozenset[str]
    consents: tuple[ConsentRow, ...]
    vehicles: tuple[OwnedVehicleRow, ...]

    def agrees_to(self, purpose: str) -> bool:
        """Whether a consent to the purpose is in force."""
        return any(consent.purpose == purpose and consent.holds for consent in self.consents)


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """Somebody who shares a phone or identity number; `matched` is the English key of what is shared."""

    id: str
    name: str
    kind: str
    phone: str
    matched: str


def list_customers(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 100,
    text: str | None = None,
    kind: str | None = None,
    source: str | None = None,
    owner_staff_id: str | None = None,
    branch_id: str | None = None,
    sort: str | None = None,
    descending: bool = False,
) -> tuple[CustomerRow, ...]:
    """Customers from behind the cursor `after`: the newest first, or by `sort` ("name", "created_at").

    `text` finds names, pinyin, initials, pieces of phones and identity numbers. Raises ValueNotAllowed for an order
    or a cursor that is none.
    """
    reader.require(Permission.CUSTOMERS_VIEW)
    query = _filtered(_customers(), kind=kind, source=source, owner_staff_id=owner_staff_id, branch_id=branch_id)
    wanted = (text or "").strip()
    if wanted and sort is None:
        return _newest_matches(reader, query, wanted, after=after, limit=limit)
    if wanted:
        query = query.where(Customer.id.in_(_matching_ids(reader, wanted)))
    query = _sorted(query, sort, descending=descending or sort is None, after=after).limit(limit)
    return tuple(_customer_row(*row, cursor=_cursor(row[0], sort)) for row in reader.session.execute(query))


def count_customers(
    reader: Reader,
    *,
    text: str | None = None,
    kind: str | None = None,
    source: str | None = None,
    owner_staff_id: str | None = None,
    branch_id: str | None = None,
) -> tuple[int, int]:
    """How many match (of a text, at most `MOST_MATCHES` are counted), and how many there are."""
    reader.require(Permission.CUSTOMERS_VIEW)
    everyone = select(func.count()).select_from(Customer).where(Customer.deleted_at.is_(None))
    matching = _filtered(everyone, kind=kind, source=source, owner_staff_id=owner_staff_id, branch_id=branch_id)
    if text and text.strip():
        matching = matching.where(Customer.id.in_(_matching_ids(reader, text.strip())))
    return reader.session.scalar(matching) or 0, reader.session.scalar(everyone) or 0


def find_customers(reader: Reader, text: str, *, limit: int = 12) -> tuple[CustomerRow, ...]:
    """Customers for a choice while somebody types; the newest ones for an empty text."""
    return list_customers(reader, text=text, limit=limit)


def get_customer(reader: Reader, customer_id: str) -> CustomerDetails:
    """One customer, masked, with consents and vehicles; raises RecordNotFound."""
    reader.require(Permission.CUSTOMERS_VIEW)
    customer = reader.get(Customer, customer_id)
    owner = reader.session.get(StaffMember, customer.owner_staff_id) if customer.owner_staff_id else None
    return _details(customer, owner, list_consents(reader, customer_id), _vehicles(reader, customer_id))


def list_consents(reader: Reader, customer_id: str) -> tuple[ConsentRow, ...]:
    """Everything a customer agreed to, also what was withdrawn; the newest first."""
    reader.require(Permission.CUSTOMERS_VIEW)
    query = (
        select(Consent, Contract.number)
        .outerjoin(Contract, Contract.id == Consent.contract_id)
        .where(Consent.customer_id == customer_id, Consent.deleted_at.is_(None))
        .order_by(Consent.given_at.desc(), Consent.id.desc())
    )
    return tuple(
        ConsentRow(
            c.id, c.purpose, c.recipient, c.notice_version, c.channel, c.given_at, c.withdrawn_at, c.contract_id,
            number or "",
        )
        for c, number in reader.session.execute(query)
    )  # fmt: skip


def find_duplicates(
    reader: Reader, *, phone: str = "", identity: str = "", ignore_id: str | None = None, limit: int = 5
) -> tuple[DuplicateRow, ...]:
    """Customers with the same phone (either of theirs) or identity number, while somebody types.

    What is not yet a phone or an identity number matches nobody. `ignore_id` leaves out the customer being edited.
    """
    reader.require(Permission.CUSTOMERS_VIEW)
    return duplicates_of(reader.session, phone=phone, identity=identity, ignore_id=ignore_id, limit=limit)


def duplicates_of(
    session: Session, *, phone: str, identity: str, ignore_id: str | None = None, limit: int = 5
) -> tuple[DuplicateRow, ...]:
    """The same for a handler, inside its transaction."""
    found: dict[str, DuplicateRow] = {}
    for key in duplicate_keys(phones=(phone,), identity_number=identity):
        for condition in _same(key.what, key.value):
            query = select(Customer).where(condition, Customer.deleted_at.is_(None)).limit(limit + 1)
            for other in session.scalars(query):
                if other.id != ignore_id:
                    row = DuplicateRow(other.id, other.name, other.kind, mask_phone(other.phone), key.what)
                    found.setdefault(other.id, row)
    return tuple(found.values())[:limit]


def _same(what: str, value: str) -> tuple[Any, ...]:
    if what == "phone":  # two queries, because one with OR would read the whole table
        return Customer.phone == value, Customer.second_phone == value
    return (Customer.identity_number == value,)


def _customers() -> Select[Customer, str | None]:
    return (
        select(Customer, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == Customer.owner_staff_id)
        .where(Customer.deleted_at.is_(None))
    )


def _filtered(
    query: Any, *, kind: str | None, source: str | None, owner_staff_id: str | None, branch_id: str | None
) -> Any:
    wanted = {"kind": kind, "source": source, "owner_staff_id": owner_staff_id, "branch_id": branch_id}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(Customer, name) == value)
    return query


def _sorted(query: Any, sort: str | None, *, descending: bool, after: str | None) -> Any:
    if sort not in (None, "name", "created_at"):
        raise ValueNotAllowed(value=str(sort)[:40])
    columns = (Customer.name_pinyin, Customer.id) if sort == "name" else (Customer.id,)
    if after is not None:
        values = after.rsplit("|", 1)
        if len(values) != len(columns):
            raise ValueNotAllowed(value=after[:40])
        place, cursor = tuple_(*columns), tuple_(*values)
        query = query.where(place < cursor if descending else place > cursor)
    return query.order_by(*(c.desc() if descending else c.asc() for c in columns))


def _cursor(customer: Customer, sort: str | None) -> str:
    return f"{customer.name_pinyin}|{customer.id}" if sort == "name" else customer.id


def _matching_ids(reader: Reader, text: str) -> Any:
    rowids = find_rowids(reader.session.connection(), kind="customer", text=text, limit=MOST_MATCHES)
    return select(SearchEntry.record_id).where(SearchEntry.id.in_(listed(rowids)))


def _newest_matches(reader: Reader, query: Any, text: str, *, after: str | None, limit: int) -> tuple[CustomerRow, ...]:
    """Matches in the order of the search index, read on until the filters have let `limit` of them through."""
    if after is not None and not after.isdecimal():
        raise ValueNotAllowed(value=after[:40])
    before = None if after is None else int(after)
    rows: list[CustomerRow] = []
    portion = limit
    while len(rows) < limit:
        rowids = find_rowids(reader.session.connection(), kind="customer", text=text, limit=portion, before=before)
        if not rowids:
            break
        joined = query.add_columns(SearchEntry.id).join(SearchEntry, SearchEntry.record_id == Customer.id)
        joined = joined.where(SearchEntry.id.in_(listed(rowids))).order_by(SearchEntry.id.desc())
        found = reader.session.execute(joined.limit(limit - len(rows)))
        rows += [_customer_row(customer, owner, cursor=str(n)) for customer, owner, n in found]
        if len(rowids) < portion:
            break
        before, portion = rowids[-1], min(portion * 4, MOST_MATCHES)
    return tuple(rows)


def _customer_row(customer: Customer, owner_name: str | None, *, cursor: str) -> CustomerRow:
    return CustomerRow(
        id=customer.id,
        cursor=cursor,
        revision=customer.revision,
        kind=customer.kind,
        name=customer.name,
        phone=mask_phone(customer.phone) if customer.phone else "",
        identity_kind=customer.identity_kind,
        identity_number=mask_identity(customer.identity_number) if customer.identity_number else "",
        contact_name=customer.contact_name,
        source=customer.source,
        branch_id=customer.branch_id,
        owner_staff_id=customer.owner_staff_id,
        owner_name=owner_name or "",
        paper_language=customer.paper_language,
        created_at=customer.created_at,
    )


def masked(field: str, value: str) -> str:
    """A personal value of a customer as anybody may see it; empty for an empty one."""
    masks = {
        "identity_number": mask_identity, "contact_identity_number": mask_identity, "email": mask_email,
        "address": mask_address,
    }  # fmt: skip
    return masks.get(field, mask_phone)(value) if value else ""


def _details(
    customer: Customer,
    owner: StaffMember | None,
    consents: tuple[ConsentRow, ...],
    vehicles: tuple[OwnedVehicleRow, ...],
) -> CustomerDetails:
    shown = {name: masked(name, getattr(customer, name)) for name in PERSONAL_FIELDS}
    return CustomerDetails(
        id=customer.id,
        revision=customer.revision,
        branch_id=customer.branch_id,
        kind=customer.kind,
        name=customer.name,
        identity_kind=customer.identity_kind,
        region_code=customer.region_code,
        contact_name=customer.contact_name,
        legal_representative=customer.legal_representative,
        paper_language=customer.paper_language,
        source=customer.source,
        owner_staff_id=customer.owner_staff_id,
        owner_name=owner.name if owner else "",
        note=customer.note,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        revealable=frozenset(name for name, value in shown.items() if value),
        consents=consents,
        vehicles=vehicles,
        **shown,
    )


def _vehicles(reader: Reader, customer_id: str) -> tuple[OwnedVehicleRow, ...]:
    query = (
        select(CustomerVehicle)
        .where(CustomerVehicle.customer_id == customer_id, CustomerVehicle.deleted_at.is_(None))
        .order_by(CustomerVehicle.id.desc())
    )
    return tuple(
        OwnedVehicleRow(v.id, v.revision, v.plate, v.vin, v.description, v.odometer_km)
        for v in reader.session.scalars(query)
    )
