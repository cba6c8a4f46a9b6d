"""What the catalogue refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class VinLengthWrong(DomainError):
    code = "vin_length_wrong"
    text = tr_noop("A VIN has 17 characters; this has {length}. Compare it with the car.")


class VinCharactersWrong(DomainError):
    code = "vin_characters_wrong"
    text = tr_noop("A VIN never contains {characters}. Look again: I is usually 1, O and Q are usually 0.")


class VinMisread(VinCharactersWrong):
    """The wrong letters read as digits give a VIN with the right check digit: `meant`."""

    code = "vin_misread"
    text = tr_noop("A VIN never contains {characters}. Compare with the car: it may be {meant}.")


class SpecificationUnknown(DomainError):
    code = "specification_unknown"
    text = tr_noop("There is no parameter “{parameter}” in the dictionary. Map the column to a known one or skip it.")


class SpecificationNotNumber(DomainError):
    code = "specification_not_number"
    text = tr_noop("{parameter} is a number; “{value}” is not. Enter digits only, or choose another unit.")


class SpecificationOutOfRange(DomainError):
    code = "specification_out_of_range"
    text = tr_noop("{parameter} lies between {lowest} and {highest}; {value} does not. Check the value and its unit.")


class SpecificationChoiceUnknown(DomainError):
    code = "specification_choice_unknown"
    text = tr_noop("“{value}” is not a choice for {parameter}. Choose one of: {choices}.")


class SpecificationTextTooLong(DomainError):
    code = "specification_text_too_long"
    text = tr_noop("{parameter} has at most {limit} characters; this has {length}. Shorten it.")


class UnitUnknown(DomainError):
    code = "unit_unknown"
    text = tr_noop("The unit “{unit}” is unknown. Choose one from the list.")


class UnitsDoNotMatch(DomainError):
    code = "units_do_not_match"
    text = tr_noop("{found} cannot be converted to {wanted}. Choose a unit of the same kind.")


class NameTaken(DomainError):
    code = "name_taken"
    text = tr_noop("“{name}” is in the catalogue already. Use that entry or choose another name.")


class NotNewEnergy(DomainError):
    code = "not_new_energy"
    text = tr_noop("Only new-energy vehicles can be listed in the tax directory. Clear the mark or correct the energy.")


class TrimInUse(DomainError):
    code = "trim_in_use"
    text = tr_noop("Units of this trim are in the books ({units}). It stays in the catalogue.")


class TrimWanted(DomainError):
    code = "trim_wanted"
    text = tr_noop("Customers wait for this trim ({wishes}). Take them off the queue first, or keep the trim.")


class YearOutOfRange(DomainError):
    code = "year_out_of_range"
    text = tr_noop("A model year lies between {lowest} and {highest}; {year} does not. Check it.")


class SeatsOutOfRange(DomainError):
    code = "seats_out_of_range"
    text = tr_noop("A vehicle has 1 to 60 seats; this says {seats}. Correct it.")


class PriceNegative(DomainError):
    code = "price_negative"
    text = tr_noop("A guide price cannot be below zero. Correct it.")


class FileNotReadable(DomainError):
    code = "file_not_readable"
    text = tr_noop("“{name}” cannot be read. Close it in other programs, check your access to it, and try again.")


class FileTooLarge(DomainError):
    code = "file_too_large"
    text = tr_noop("This file has {size} MB; at most {limit} MB can be read. Split it into several files.")


class PastedTextTooLarge(DomainError):
    code = "pasted_text_too_large"
    text = tr_noop("The pasted text has {size} MB; at most {limit} MB fit. Save it as a CSV file and import that.")


class FileEmpty(DomainError):
    code = "file_empty"
    text = tr_noop("There are no rows in “{name}”. Choose another file or sheet.")


class NotATable(DomainError):
    code = "not_a_table"
    text = tr_noop("“{name}” is neither a CSV text nor an XLSX workbook. Save the table in one of these forms.")


class OldWorkbook(DomainError):
    code = "old_workbook"
    text = tr_noop("“{name}” is an old or protected workbook. Remove the password and save it as XLSX or CSV.")


class TextDamaged(DomainError):
    code = "text_damaged"
    text = tr_noop("“{name}” is damaged on line {line}: characters are missing there. Save it again as CSV in UTF-8.")


class WorkbookMalformed(DomainError):
    code = "workbook_malformed"
    text = tr_noop("The workbook “{name}” is damaged. Open it in a spreadsheet program and save it again as XLSX.")


class FormulasUnsolved(DomainError):
    code = "formulas_unsolved"
    text = tr_noop(
        "“{name}” holds formulas without their results: {n}, first in cell {cell}. Open it in a spreadsheet program, "
        "save it there, and choose it again."
    )


class WorkbookTooLarge(DomainError):
    code = "workbook_too_large"
    text = tr_noop("Unpacked, the workbook “{name}” has more than {limit} MB. Copy the rows into a new workbook.")


class CsvMalformed(DomainError):
    code = "csv_malformed"
    text = tr_noop("The row that begins on line {line} cannot be read. Mend its quotation marks: one too many or few.")


class TooManyRows(DomainError):
    code = "too_many_rows"
    text = tr_noop("At most {limit} rows can be imported at once. Split the file.")


class TooManyColumns(DomainError):
    code = "too_many_columns"
    text = tr_noop("Row {line} has more than {limit} columns. Check the separator of the file.")


class PackageMissing(DomainError):
    code = "package_missing"
    text = tr_noop("The package “{package}” is not installed. Install it with the demo extra and try again.")


class SignInFailed(DomainError):
    code = "sign_in_failed"
    text = tr_noop("Name or password is wrong. Try again.")


class SpecificationColumnMissing(DomainError):
    code = "specification_column_missing"
    text = tr_noop("No column is chosen for: {fields}. Choose one for each of them.")


class SpecificationTwice(DomainError):
    code = "specification_twice"
    text = tr_noop("This trim stands on line {line} already. Delete one of the two rows.")


class SpecificationsRefused(DomainError):
    code = "specifications_refused"
    text = tr_noop("{rows} rows cannot be taken in. Nothing was imported. Mend the file and try again.")


class NothingToTakeIn(DomainError):
    code = "nothing_to_take_in"
    text = tr_noop("There is no row in this file that can be taken in. Mend the file and try again.")


class NumberExpected(DomainError):
    code = "number_expected"
    text = tr_noop("“{value}” is not a whole number. Use digits only.")


class EnergyUnknown(DomainError):
    code = "energy_unknown"
    text = tr_noop("“{value}” is not an energy. Write one of: {choices}.")
