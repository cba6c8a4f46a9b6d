"""What can be wrong with printing."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class PageRangeUnreadable(DomainError):
    code = "page_range_unreadable"
    text = tr_noop("“{pages}” is no range of pages. Write it like 1-3, 5; leave it empty for all pages.")


class PageRangeOutside(DomainError):
    code = "page_range_outside"
    text = tr_noop("This document has {count} pages; “{pages}” names none of them. Choose other pages.")


class CopiesOutside(DomainError):
    code = "copies_outside"
    text = tr_noop("Print 1 to {limit} copies at once.")


class NothingToPrint(DomainError):
    code = "nothing_to_print"
    text = tr_noop("Nothing is chosen. Choose the papers to print in the list.")


class TooManyPapers(DomainError):
    code = "too_many_papers"
    text = tr_noop("At most {limit} papers are printed as one job. Choose fewer.")


class PrintedDocumentDiffers(DomainError):
    code = "printed_document_differs"
    text = tr_noop("The document changed since it was shown. Open it again and print what it is now.")


class PrinterRefuses(DomainError):
    code = "printer_refuses"
    text = tr_noop(
        "The printer “{printer}” does not take the job. See that it is switched on and has paper, then print again."
    )


class FormUnknown(DomainError):
    code = "preprinted_form_unknown"
    text = tr_noop("There is no form “{form}”. Choose one of the list.")


class FormUnsuited(DomainError):
    code = "preprinted_form_unsuited"
    text = tr_noop("The form “{form}” is not about this kind of record. Choose another form.")


class FormTextTooLong(DomainError):
    code = "preprinted_form_text_too_long"
    text = tr_noop("This does not fit into its place on the form. Shorten it, or write it by hand.")
