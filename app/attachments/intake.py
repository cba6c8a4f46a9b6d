"""Taking files in: looking what they really are, making pictures small and anonymous, storing the bytes.

Runs on worker threads, before the command that attaches what was stored. Pictures are kept as upright JPEGs without
the place, device and other notes the camera put in; documents are kept as they are.
"""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.attachments.commands import StoredFile
from app.attachments.errors import (
    ContentMissing,
    FileDamaged,
    FileEmpty,
    FileEndingWrong,
    FileHasMacros,
    FileKindNotPicture,
    FileKindUnknown,
    FileTooLarge,
    FileUnreadable,
    PictureOfPhone,
    PictureTooLarge,
)
from app.attachments.queries import ContentRef, get_content
from app.attachments.rules import (
    DOCX,
    ENDINGS,
    GIVEN_BYTES,
    ICON_SIDE,
    JPEG,
    JPEG_QUALITY,
    LONG_SIDE,
    MOST_PIXELS,
    PDF,
    PICTURES,
    PNG,
    SMALL_QUALITY,
    THUMB_SIDE,
    WEBP,
    XLSX,
    clean_name,
    ending_matches,
    fitted,
)
from app.kernel.clock import BRANCH_TIME
from app.kernel.errors import DomainError
from app.kernel.unit_of_work import Reader
from app.runtime.atomic_file import environment_problem
from app.runtime.language import tr
from db.contents import ContentStore, digest_of
from sync.protocol.limits import CONTENT_BYTES

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Progress = Callable[[str, float | None], None]
_EXIF_ORIENTATION, _EXIF_IFD, _EXIF_TAKEN, _EXIF_OFFSET = 0x0112, 0x8769, 0x9003, 0x9011
_PHONE_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_WORDS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WebP", PDF: "PDF", XLSX: "XLSX", DOCX: "DOCX"}


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that is in memory, such as a picture from the clipboard."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Files whose bytes are stored, and why the others were not taken."""

    files: tuple[StoredFile, ...]
    refused: tuple[DomainError, ...] = ()


def take_in(
    reader: Reader, given: Sequence[Path | GivenFile], *, pictures_only: bool = False,
    progress: Progress | None = None,
) -> TakenIn:  # fmt: skip
    """Store the bytes of files at this desk and tell what `AttachFiles` needs to know of them.

    `progress(message, fraction)` is called before each file and may raise to stop. Raises DiskFull and the like.
    """
    store: ContentStore = reader.session.info["contents"]
    files, refused = [], []
    for number, one in enumerate(given):
        name = clean_name(one.name) or tr("File")
        if progress is not None:
            progress(name, number / len(given))
        try:
            prepared = prepare(name, _bytes_of(name, one), pictures_only=pictures_only)
        except DomainError as error:
            refused.append(error)
            continue
        try:
            for content in prepared.contents:
                store.put(content)
        except OSError as error:
            raise environment_problem(error, folder=store.folder) from error
        files.append(prepared.file)
    return TakenIn(tuple(files), tuple(refused))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file as it will be kept: what is to be known of it, and the bytes of each of its contents."""

    file: StoredFile
    contents: tuple[bytes, ...]


def prepare(name: str, content: bytes, *, pictures_only: bool = False) -> Prepared:
    """Look what a file is and make what is kept of it; raises one of the attachment errors."""
    media_type = kind_of(name, content)
    if not ending_matches(name, media_type):
        raise FileEndingWrong(name=name, kind=_WORDS[media_type])
    if media_type in PICTURES:
        return _prepare_picture(name, content)
    if pictures_only:
        raise FileKindNotPicture(name=name)
    if len(content) > CONTENT_BYTES:
        raise FileTooLarge(name=name, limit=CONTENT_BYTES >> 20)
    sha256 = digest_of(content)
    file = StoredFile(
        file_name=name, media_type=media_type, size=len(content), sha256=sha256, source_sha256=sha256
    )  # fmt: skip
    return Prepared(file, (content,))


def kind_of(name: str, content: bytes) -> str:
    """What a file is by its first bytes; raises FileEmpty, FileKindUnknown, FileDamaged or FileHasMacros."""
    if not content:
        raise FileEmpty(name=name)
    if content[:3] == b"\xff\xd8\xff":
        return JPEG
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if b"%PDF-" in content[:1024]:
        return PDF
    if content[:4] == b"PK\x03\x04":
        return _office_kind(name, content)
    if content[4:8] == b"ftyp" and content[8:12] in _PHONE_BRANDS:
        raise PictureOfPhone(name=name, kind="AVIF" if content[8:12].startswith(b"avi") else "HEIC")
    raise FileKindUnknown(name=name)


def turned(reader: Reader, kept: StoredFile, content: ContentRef, degrees: int) -> StoredFile:
    """Store a picture that is kept, turned clockwise by 90, 180 or 270 degrees; tells what `ReplaceAttachment` needs.

    Raises ContentMissing while its bytes are not at this desk, FileDamaged, DiskFull and the like.
    """
    from PIL import Image

    found = get_content(reader, content)
    if found is None:
        raise ContentMissing(name=kept.file_name)
    picture, _taken_at, _as_kept = _opened(kept.file_name, found)
    ways = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    prepared = _prepare_picture(kept.file_name, _jpeg(picture.transpose(ways[degrees % 360]), JPEG_QUALITY))
    store: ContentStore = reader.session.info["contents"]
    try:
        for one in prepared.contents:
            store.put(one)
    except OSError as error:
        raise environment_problem(error, folder=store.folder) from error
    return replace(
        prepared.file, title=kept.title, taken_at=kept.taken_at, position=kept.position,
        source_sha256=kept.source_sha256,
    )  # fmt: skip


def _office_kind(name: str, content: bytes) -> str:
    """XLSX or DOCX by the parts they list; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileDamaged(name=name) from error
    if any(part.endswith("vbaProject.bin") for part in parts):
        raise FileHasMacros(name=name)
    if "[Content_Types].xml" in parts and "xl/workbook.xml" in parts:
        return XLSX
    if "[Content_Types].xml" in parts and "word/document.xml" in parts:
        return DOCX
    raise FileKindUnknown(name=name)


def _bytes_of(name: str, given: Path | GivenFile) -> bytes:
    if isinstance(given, GivenFile):
        content = given.content
    else:
        try:
            with given.open("rb") as stream:
                content = stream.read(GIVEN_BYTES + 1)
        except OSError as error:
            raise FileUnreadable(name=name) from error
    if len(content) > GIVEN_BYTES:
        raise FileTooLarge(name=name, limit=GIVEN_BYTES >> 20)
    return content


# --- pictures ------------------------------------------------------------------------------------


def _prepare_picture(name: str, content: bytes) -> Prepared:
    picture, taken_at, as_kept = _opened(name, content)
    whole = content if as_kept else _jpeg(_fit(picture, LONG_SIDE), JPEG_QUALITY)
    kept = fitted(*picture.size, LONG_SIDE)
    thumb = _fit(_kept_again(whole), THUMB_SIDE)
    thumb_bytes = _jpeg(thumb, SMALL_QUALITY)
    icon_bytes = _jpeg(_fit(thumb, ICON_SIDE), SMALL_QUALITY)
    file = StoredFile(
        file_name=name, media_type=JPEG, size=len(whole), sha256=digest_of(whole), source_sha256=digest_of(content),
        width=kept[0], height=kept[1], thumb_sha256=digest_of(thumb_bytes), thumb_size=len(thumb_bytes),
        icon_sha256=digest_of(icon_bytes), icon_size=len(icon_bytes), taken_at=taken_at,
    )  # fmt: skip
    return Prepared(file, (whole, thumb_bytes, icon_bytes))


def _kept_again(whole: bytes) -> "Picture":
    """What is kept, unpacked at a fraction of its size: so equal contents have equal small pictures."""
    from PIL import Image

    picture: Any = Image.open(io.BytesIO(whole), formats=("JPEG",))
    picture.draft("RGB", (2 * THUMB_SIDE, 2 * THUMB_SIDE))
    return picture.convert("RGB")  # type: ignore[no-any-return]


def _opened(name: str, content: bytes) -> "tuple[Picture, datetime | None, bool]":
    """The picture upright in plain RGB, when it was taken, and whether the file is already what would be kept.

    Its size is looked at before it is unpacked.
    """
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the house's own limit is checked here, with words of its own
    try:
        picture: Any = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
        if picture.size[0] * picture.size[1] > MOST_PIXELS:
            raise PictureTooLarge(name=name, limit=MOST_PIXELS // 1_000_000)
        exif = picture.getexif()
        taken_at = _taken_at(exif.get_ifd(_EXIF_IFD))
        as_kept = picture.mode in ("RGB", "L") and max(picture.size) <= LONG_SIDE and _has_no_notes(content)
        # A JPEG can be unpacked at a fraction of its size, in a fraction of the time.
        picture.draft("RGB", (LONG_SIDE, LONG_SIDE))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        return _plain(upright if exif.get(_EXIF_ORIENTATION, 1) != 1 else picture), taken_at, as_kept
    except DomainError:
        raise
    except Exception as error:  # what a forged file makes a decoder raise is not listed anywhere
        raise FileDamaged(name=name) from error


def _plain(picture: "Picture") -> "Picture":
    """RGB as screens show it: a wide colour space converted, transparency laid on white."""
    from PIL import Image, ImageCms

    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "L", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            screen = ImageCms.createProfile("sRGB")
            picture = ImageCms.profileToProfile(picture, source, screen, outputMode="RGB") or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile: the colours as they are
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        over = picture.convert("RGBA")
        ground = Image.new("RGB", over.size, (255, 255, 255))
        ground.paste(over, mask=over.getchannel("A"))
        return ground
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _has_no_notes(content: bytes) -> bool:
    """Whether it is a JPEG with only what is needed to show it: no EXIF, XMP, comment or profile, nothing behind.

    Then its bytes are kept as they are, and nothing is lost by packing it again.
    """
    if content[:3] != b"\xff\xd8\xff" or not content.endswith(b"\xff\xd9"):
        return False
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return False
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xDA:
            # One picture only: a second one behind it (a preview, a depth map) may have notes of its own.
            return content.find(b"\xff\xd8\xff", at) < 0
        if 0xE1 <= marker <= 0xEF or marker == 0xFE:
            return False
        at += 2 + length
    return False


def _fit(picture: "Picture", side: int) -> "Picture":
    from PIL import Image

    size = fitted(*picture.size, side)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _jpeg(picture: "Picture", quality: int) -> bytes:
    """The bytes, without anything but the picture; equal pictures give equal bytes."""
    packed = io.BytesIO()
    picture.copy().save(packed, "JPEG", quality=quality, optimize=True, exif=b"", icc_profile=None, comment=b"")
    return packed.getvalue()


def _taken_at(exif: Any) -> datetime | None:
    """When the camera says it was taken; where it names no time zone, the branch's."""
    told, offset = str(exif.get(_EXIF_TAKEN, "")), str(exif.get(_EXIF_OFFSET, "")).strip()
    try:
        if offset:
            return datetime.strptime(f"{told} {offset}", "%Y:%m:%d %H:%M:%S %z")
        return datetime.strptime(told, "%Y:%m:%d %H:%M:%S").replace(tzinfo=BRANCH_TIME)
    except ValueError:
        return None


def accepted_endings(*, pictures_only: bool) -> tuple[str, ...]:
    """The endings of files that can be added, for a file dialog."""
    kinds = [kind for kind in ENDINGS if kind in PICTURES or not pictures_only]
    return tuple(ending for kind in kinds for ending in ENDINGS[kind])
