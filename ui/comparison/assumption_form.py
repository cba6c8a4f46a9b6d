"""What the costs take for granted, to be changed beside the table."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from app.comparison.ownership import Assumptions
from app.comparison.queries import ComparisonChoices, ComparisonTerms
from app.comparison.rules import MOST_KM, SPANS
from app.kernel.money import ZERO
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, IntegerField, MoneyField, PercentField, Section, SegmentField
from ui.kit.form import Form

_SHARES = ("city_share", "plug_in_share", "home_charging_share")
_PRICES = ("petrol_price", "diesel_price", "home_price", "public_price", "hydrogen_price")
_QUOTAS = ("quota_fuel", "quota_plug_in", "quota_electric")


class AssumptionForm(Form):
    """Named like the fields of `Assumptions`; choosing a city fills in its quotas."""

    def __init__(self, context: PageContext, choices: ComparisonChoices, terms: ComparisonTerms) -> None:
        self._choices = choices
        super().__init__(context, self._declared())
        self.show_terms(terms)
        self.changed.connect(self._on_changed)

    def show_terms(self, terms: ComparisonTerms) -> None:
        """Show what is assumed now."""
        assumed = terms.assumed or self._choices.usual
        values: dict[str, Any] = {name: getattr(assumed, name) for name in (*_PRICES, *_QUOTAS)}
        values |= {name: _percent(getattr(assumed, name)) for name in _SHARES}
        limit = assumed.third_party_limit
        values |= {"years": assumed.years, "annual_km": assumed.annual_km, "city": terms.city}
        values |= {"third_party_limit": "" if limit is None else str(limit)}
        self.set_values(values)

    def terms(self, before: ComparisonTerms) -> ComparisonTerms | None:
        """The terms with what stands here; None while something cannot be read."""
        typed = self.values()
        if any(typed[name] is None for name in ("annual_km", *_SHARES, *_PRICES)):
            return None
        base = before.assumed or self._choices.usual
        chosen: dict[str, Any] = {name: typed[name] / 100 for name in _SHARES}
        chosen |= {name: typed[name] for name in _PRICES}
        chosen |= {name: typed[name] or ZERO for name in _QUOTAS}
        limit = typed["third_party_limit"]
        assumed: Assumptions = replace(
            base, years=int(typed["years"]), annual_km=int(typed["annual_km"]),
            third_party_limit=Decimal(limit) if limit else None, **chosen,
        )  # fmt: skip
        return replace(before, assumed=assumed, city=typed["city"] or "none")

    def _declared(self) -> list[Section]:
        spans = [Choice(years, partial(years_words, years)) for years in SPANS]
        cities = [Choice(city.code, partial(str, city.name)) for city in self._choices.cities]
        limits = [Choice("", tr_noop("As usual"))]
        limits += [Choice(str(limit), partial(formats.yuan, limit)) for limit in self._choices.limits]
        litre, current, mass = tr_noop("Yuan a litre"), tr_noop("Yuan a kWh"), tr_noop("Yuan a kg")
        return [
            Section(tr_noop("Use"), [
                SegmentField("years", tr_noop("Kept for"), choices=spans, required=True),
                IntegerField("annual_km", tr_noop("Driven in a year"), suffix="km", least=0, most=MOST_KM,
                             required=True),
                PercentField("city_share", tr_noop("Of that in town"), required=True),
                PercentField("plug_in_share", tr_noop("Plug-in hybrids on electricity"), required=True),
            ]),
            Section(tr_noop("Energy prices"), [
                MoneyField("petrol_price", tr_noop("Petrol"), hint=litre, required=True),
                MoneyField("diesel_price", tr_noop("Diesel"), hint=litre, required=True),
                MoneyField("home_price", tr_noop("Electricity at home"), hint=current, required=True),
                MoneyField("public_price", tr_noop("Electricity in public"), hint=current, required=True),
                PercentField("home_charging_share", tr_noop("Charged at home"), required=True),
                MoneyField("hydrogen_price", tr_noop("Hydrogen"), hint=mass, required=True),
            ]),
            Section(tr_noop("Plates and insurance"), [
                ChoiceField("city", tr_noop("Plates in"), choices=cities, required=True, span=2),
                MoneyField("quota_fuel", tr_noop("Quota, petrol and diesel")),
                MoneyField("quota_plug_in", tr_noop("Quota, plug-in")),
                MoneyField("quota_electric", tr_noop("Quota, electric")),
                ChoiceField("third_party_limit", tr_noop("Third-party cover"), choices=limits, required=True),
            ]),
        ]  # fmt: skip

    def _on_changed(self, name: str) -> None:
        if name != "city":
            return
        city = next((one for one in self._choices.cities if one.code == self.value("city")), None)
        if city is not None:
            for field, amount in zip(_QUOTAS, (city.fuel, city.plug_in, city.electric), strict=True):
                self.set_value(field, amount)


def years_words(years: int) -> str:
    """How long vehicles are kept, in words."""
    return tr("{n} years", n=years)


def _percent(share: Decimal) -> Decimal:
    """A share in percent without needless places."""
    percent = share * 100
    whole = percent.to_integral_value()
    return whole if percent == whole else percent
