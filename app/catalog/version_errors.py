"""What versions of the catalogue refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class EffectiveDateOutOfRange(DomainError):
    code = "effective_date_out_of_range"
    text = tr_noop("A change comes into force between {first} and {last}. What was valid before stays as it was.")


class VersionInForce(DomainError):
    code = "version_in_force"
    text = tr_noop("This version is in force since {day} and stays in the history. Make a further change instead.")


class VersionWithdrawnAlready(DomainError):
    code = "version_withdrawn_already"
    text = tr_noop("This change was withdrawn already. Look at the history.")


class VersionNotWithdrawn(DomainError):
    code = "version_not_withdrawn"
    text = tr_noop("This change was not withdrawn, so there is nothing to let come after all. Look at the history.")


class VersionDayPassed(DomainError):
    code = "version_day_passed"
    text = tr_noop("The day on which this change was to come into force, {day}, is here or past. Enter it anew.")


class ChangedSinceVersion(DomainError):
    code = "changed_since_version"
    text = tr_noop("Since then somebody changed the same again ({fields}). Change it by hand instead.")


class NothingToTakeBack(DomainError):
    code = "nothing_to_take_back"
    text = tr_noop("This entry has no value of its own here, so there is nothing to take back.")


class EntryNotEmpty(DomainError):
    code = "entry_not_empty"
    text = tr_noop("There are entries below this one ({entries}). Remove those first.")


class VersionsOfDifferentEntries(DomainError):
    code = "versions_of_different_entries"
    text = tr_noop("These versions are of two different entries. Choose two of the same one.")


class EntryNotRemoved(DomainError):
    code = "entry_not_removed"
    text = tr_noop("“{name}” stands in the catalogue already, so there is nothing to put back.")


class EntryAboveRemoved(DomainError):
    code = "entry_above_removed"
    text = tr_noop("What “{name}” stood below is no longer in the catalogue. Put that back first.")
