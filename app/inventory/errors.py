"""What stock refuses."""

from typing import Any

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class VehicleAlreadySold(DomainError):
    code = "vehicle_already_sold"
    text = tr_noop("This vehicle is already sold on order {order}. Choose another unit.")


class VehicleAlreadyDelivered(DomainError):
    code = "vehicle_already_delivered"
    text = tr_noop("This vehicle has been delivered. Choose another unit.")


class VehicleHeldByOther(DomainError):
    code = "vehicle_held_by_other"
    text = tr_noop("A colleague holds this vehicle until {until}. Choose another unit or ask for its release.")


class VehicleSecuredElsewhere(DomainError):
    code = "vehicle_secured_elsewhere"
    text = tr_noop("The centre keeps this vehicle for desk {desk} until {until}. Ask them, or choose another unit.")


class VehicleNotForSale(DomainError):
    code = "vehicle_not_for_sale"
    text = tr_noop("This vehicle cannot be sold now: {obstacles}. Settle that first or choose another unit.")


class VehiclePromised(DomainError):
    code = "vehicle_promised"
    text = tr_noop("This vehicle goes to branch {branch} with transfer {number}. Choose another unit.")


class VehicleLeft(DomainError):
    code = "vehicle_left"
    text = tr_noop("This vehicle has left the house and stands at no place. Take it back first.")


class HoldTooLong(DomainError):
    code = "hold_too_long"
    text = tr_noop("A hold lasts at most {hours} hours. Choose an earlier time; it can be extended later.")


class HoldInPast(DomainError):
    code = "hold_in_past"
    text = tr_noop("This time has passed. Choose a later one.")


class VehicleNotHeld(DomainError):
    code = "vehicle_not_held"
    text = tr_noop("No hold is running on this vehicle. Hold it first.")


class HoldNotYours(DomainError):
    code = "hold_not_yours"
    text = tr_noop("{name} holds this vehicle. Ask them or a manager.")


class VinCheckDigitWrong(DomainError):
    """Only a warning: the command goes through with `vin_warning_acknowledged`."""

    code = "vin_check_digit_wrong"
    text = tr_noop("{warning} If the car shows exactly this VIN, confirm it.")


class VinAlreadyInStock(DomainError):
    code = "vin_already_in_stock"
    text = tr_noop("This VIN is already in stock as {stock_number} ({branch}). Open that unit instead.")


class StockNumberTaken(DomainError):
    code = "stock_number_taken"
    text = tr_noop("Stock number {stock_number} belongs to {vin}. Choose another, or leave it empty for the next one.")


class FloorAboveList(DomainError):
    code = "floor_above_list"
    text = tr_noop("The floor price {floor} is above the list price {list}. Lower one or raise the other.")


class PriceMissing(DomainError):
    code = "price_missing"
    text = tr_noop("The price must be above zero. Enter it with VAT.")


class ArrivalInFuture(DomainError):
    code = "arrival_in_future"
    text = tr_noop("{date} has not come yet. Enter the day it arrived, or mark the unit as in transit.")


class ManufacturedAfterArrival(DomainError):
    code = "manufactured_after_arrival"
    text = tr_noop("It cannot have been made on {made}, after it arrived on {arrived}. Correct one of the two days.")


class OdometerOutOfRange(DomainError):
    code = "odometer_out_of_range"
    text = tr_noop("An odometer shows 0 to 2,000,000 km. Correct the number.")


class UnitInUse(DomainError):
    code = "unit_in_use"
    text = tr_noop("This unit is held, sold, delivered or quoted and stays in the books. Settle that first.")


class UnitSoldUnchangeable(DomainError):
    code = "unit_sold_unchangeable"
    text = tr_noop("VIN and trim of a sold unit stay as they are on paper. Cancel the order first.")


class ColumnNotMapped(DomainError):
    code = "column_not_mapped"
    text = tr_noop("No column is chosen for: {fields}. Choose one for each of them.")


class TrimNotNamed(DomainError):
    code = "trim_not_named"
    text = tr_noop("The model is missing. Fill in make, series, year and trim.")


class TrimNotInCatalogue(DomainError):
    code = "trim_not_in_catalogue"
    text = tr_noop("“{name}” is not in the catalogue. Correct the name or add the trim first.")


class TrimNotClear(DomainError):
    code = "trim_not_clear"
    text = tr_noop("“{name}” fits several trims: {trims}. Add make, series or model year.")


class DateUnreadable(DomainError):
    code = "date_unreadable"
    text = tr_noop("“{value}” is not a date. Write it like 2026-11-22.")


class NumberUnreadable(DomainError):
    code = "number_unreadable"
    text = tr_noop("“{value}” is not a whole number. Use digits only.")


class StockStateUnknown(DomainError):
    code = "stock_state_unknown"
    text = tr_noop("“{value}” is not a stock state. Write “in stock” or “in transit”.")


class VinTwiceInFile(DomainError):
    code = "vin_twice_in_file"
    text = tr_noop("This VIN stands on line {line} already. Delete one of the two rows.")


class StockNumberTwiceInFile(DomainError):
    code = "stock_number_twice_in_file"
    text = tr_noop("This stock number stands on line {line} already. Change one of the two.")


class ImportHasErrors(DomainError):
    """`problems` are the rows that became wrong since the file was checked."""

    code = "import_has_errors"
    text = tr_noop("{rows} rows cannot be taken in. Nothing was imported. Mend them, or choose to leave them out.")

    def __init__(self, *, problems: tuple[object, ...] = (), **params: Any) -> None:
        super().__init__(**params)
        self.problems = problems


class NothingToImport(DomainError):
    code = "nothing_to_import"
    text = tr_noop("No row of this file can be taken in. Look at the report and mend the file.")


class HandoverBlocked(DomainError):
    code = "handover_blocked"
    text = tr_noop("This vehicle cannot be handed over yet: {obstacles}. Settle that first.")


class AlreadyWaiting(DomainError):
    code = "already_waiting"
    text = tr_noop("This customer waits for it already, at place {place}. Look at the queue.")


class WantedUnitFree(DomainError):
    code = "wanted_unit_free"
    text = tr_noop("Nobody has this vehicle: hold or sell it instead of waiting for it.")


class WishNotWaiting(DomainError):
    code = "wish_not_waiting"
    text = tr_noop("This customer does not wait any more ({state}). Let them join the queue again.")


class NotInThisQueue(DomainError):
    code = "not_in_this_queue"
    text = tr_noop("The two do not wait for the same vehicle. Choose somebody of this queue.")


class OfferRunning(DomainError):
    code = "offer_running"
    text = tr_noop("{name} has an offer already, until {time}. Wait for the answer.")


class NotWanted(DomainError):
    code = "not_wanted"
    text = tr_noop("This customer waits for another vehicle. Choose one that fits.")


class OfferNotFree(DomainError):
    code = "offer_not_free"
    text = tr_noop("This vehicle is not free any more. Choose another one.")


class QueueNotYours(DomainError):
    code = "queue_not_yours"
    text = tr_noop("{name} entered this customer. Ask them or a manager.")


class MovedTooOften(DomainError):
    code = "moved_too_often"
    text = tr_noop("This place in the queue was changed too often. Let the customer leave and join again.")
