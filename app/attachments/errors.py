"""What cannot be attached."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class SubjectUnknown(DomainError):
    code = "attachment_subject_unknown"
    text = tr_noop("Pictures and documents cannot be kept for this kind of record. Choose another place for them.")


class ContentMissing(DomainError):
    code = "attachment_content_missing"
    text = tr_noop("The file “{name}” is no longer at this desk. Add it again.")


class TooManyFiles(DomainError):
    code = "attachment_too_many_files"
    text = tr_noop("A record holds at most {limit} files of a kind. Remove some first, or add fewer.")


class FileKindUnknown(DomainError):
    code = "attachment_kind_unknown"
    text = tr_noop("“{name}” is of no kind that can be kept: JPEG, PNG, WebP, PDF, XLSX, DOCX. Convert it first.")


class PictureOfPhone(FileKindUnknown):
    """HEIC and AVIF, as telephones take them."""

    code = "attachment_picture_of_phone"
    text = tr_noop(
        "“{name}” is a {kind} picture, which other desks may not be able to show. Save it as JPEG and add it again; on "
        "an iPhone choose Settings › Camera › Formats › Most Compatible."
    )


class FileKindNotPicture(DomainError):
    code = "attachment_not_a_picture"
    text = tr_noop("“{name}” is a document, not a picture. Add it under the documents.")


class FileEndingWrong(DomainError):
    code = "attachment_ending_wrong"
    text = tr_noop("“{name}” is really a {kind} file. Give it the right ending if you trust it, then add it again.")


class FileDamaged(DomainError):
    code = "attachment_damaged"
    text = tr_noop("“{name}” is damaged or incomplete and cannot be shown. Take it from its source again.")


class FileEmpty(DomainError):
    code = "attachment_empty"
    text = tr_noop("“{name}” is empty. Take it from its source again.")


class FileTooLarge(DomainError):
    code = "attachment_too_large"
    text = tr_noop("“{name}” is larger than {limit} MB. Make it smaller, for instance by saving fewer pages.")


class PictureTooLarge(DomainError):
    code = "attachment_picture_too_large"
    text = tr_noop("“{name}” has more than {limit} million pixels. Save it with fewer and add it again.")


class FileUnreadable(DomainError):
    code = "attachment_unreadable"
    text = tr_noop("“{name}” cannot be read. Check that it is still there and that you may open it.")


class FileHasMacros(DomainError):
    code = "attachment_has_macros"
    text = tr_noop("“{name}” contains macros, which are not kept. Save it without them and add it again.")
