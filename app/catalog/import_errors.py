"""What imports, their undoing and exports of the catalogue refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class NewTrimNeedsEnergy(DomainError):
    code = "new_trim_needs_energy"
    text = tr_noop("This trim is new, so its energy is needed. Choose a column for it, or one energy for all rows.")


class RecordElsewhere(DomainError):
    code = "record_elsewhere"
    text = tr_noop("This row names an entry that stands elsewhere in the catalogue ({name}). Empty its ID column.")


class ImportUndoneAlready(DomainError):
    code = "import_undone_already"
    text = tr_noop("This import was taken back on {at}. There is nothing left to undo.")


class ImportChangedSince(DomainError):
    code = "import_changed_since"
    text = tr_noop("After this import somebody changed {n} of its entries, first {name}. Mend them by hand instead.")


class ImportInUse(DomainError):
    code = "import_in_use"
    text = tr_noop("Vehicles are in the books for {n} of the added trims, first {name}. They stay in the catalogue.")


class JsonMalformed(DomainError):
    code = "json_malformed"
    text = tr_noop("“{name}” is no list of entries in JSON: look at line {line}. Save it again, or use CSV or XLSX.")


class UnpackedTooLarge(DomainError):
    code = "unpacked_too_large"
    text = tr_noop("Unpacked, “{name}” has more than {limit} MB. Split it into several files.")


class EncodingDoesNotFit(DomainError):
    code = "encoding_does_not_fit"
    text = tr_noop("“{name}” is not written in {encoding}. Choose another encoding, or let it be recognised.")


class NothingToExport(DomainError):
    code = "nothing_to_export"
    text = tr_noop("There is nothing to export here yet. Enter or import a trim first.")


class PriceRateOutOfRange(DomainError):
    code = "price_rate_out_of_range"
    text = tr_noop("One unit of the price column is worth {rate} yuan: that cannot be. Enter a rate above zero.")
