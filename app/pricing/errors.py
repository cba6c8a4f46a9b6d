"""What pricing refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class PriceDayInPast(DomainError):
    code = "price_day_in_past"
    text = tr_noop("Prices can count from {today} at the earliest. Choose a later first day.")


class CampaignDaysWrong(DomainError):
    code = "campaign_days_wrong"
    text = tr_noop("A campaign needs a last day that is not before its first.")


class CampaignNameMissing(DomainError):
    code = "campaign_name_missing"
    text = tr_noop("Give the campaign a name: it stands on the customer's offer.")


class CampaignOver(DomainError):
    code = "campaign_over"
    text = tr_noop("The last day of this campaign has passed. Make a new one with other days.")


class NothingToPrice(DomainError):
    code = "nothing_to_price"
    text = tr_noop("No vehicle or trim would get another price. Choose others, or another formula.")


class PriceNotPossible(DomainError):
    """A line that cannot be; the preview marks it."""

    code = "price_not_possible"
    text = tr_noop("{name}: {problem}. Change this line or leave it out.")


class PricesChangedMeanwhile(DomainError):
    code = "prices_changed_meanwhile"
    text = tr_noop("{count} of these vehicles were sold, held or priced anew meanwhile. Look at the preview again.")


class FormulaNeedsPresentPrice(DomainError):
    code = "formula_needs_present_price"
    text = tr_noop("A trim's price is set to an amount or to a percentage of the guide price.")


class TooManyPrices(DomainError):
    code = "too_many_prices"
    text = tr_noop("At most {limit} lines fit into one price change. Choose fewer vehicles, or whole trims.")


class ApprovalOfOwnPrices(DomainError):
    code = "approval_of_own_prices"
    text = tr_noop("Prices are approved by somebody else than whoever proposed them. Ask another manager.")


class PricesInForce(DomainError):
    code = "prices_in_force"
    text = tr_noop("These prices count already. Make another price change to set new ones.")


class CampaignNotRunning(DomainError):
    code = "campaign_not_running"
    text = tr_noop("Only a campaign that is scheduled or running can be ended.")
