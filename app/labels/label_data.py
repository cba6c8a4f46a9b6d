"""What a label says, in words and numbers: nothing of the database and nothing of the page."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.labels import Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelUnit:
    """One vehicle. `specifications` are the first things a customer asks, `(name, value)`."""

    id: str
    vin: str
    stock_number: str
    make: Bilingual
    series: Bilingual
    year: int
    trim: Bilingual
    energy: Bilingual
    exterior_colour: Bilingual
    interior_colour: Bilingual
    location: str
    list_price: Decimal
    guide_price: Decimal
    specifications: tuple[tuple[Bilingual, Bilingual], ...] = ()

    @property
    def heading(self) -> Bilingual:
        """Make and series."""
        make, series = self.make.en or self.make.zh, self.series.en or self.series.zh
        return Bilingual(f"{self.make.zh} {self.series.zh}", f"{make} {series}")

    @property
    def version(self) -> Bilingual:
        """Year and trim."""
        return Bilingual(f"{self.year}款 {self.trim.zh}", f"{self.year} {self.trim.en or self.trim.zh}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealer:
    """Who sells, as it stands on a price sheet, and the day of printing."""

    name: Bilingual
    phone: str
    address: Bilingual
    on: date
