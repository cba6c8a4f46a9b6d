"""Taking files in: what they really are, what is kept of them, what is refused."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.attachments import errors
from app.attachments.intake import GivenFile, prepare, take_in
from app.attachments.rules import DOCX, JPEG, LONG_SIDE, PDF, XLSX, clean_name, fitted, name_for_disk
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.contents import digest_of
from db.engine import Database
from sync.protocol.limits import CONTENT_BYTES
from tests.factories import pictures
from tests.factories.pictures import camera_notes, office_file, picture


class TestAPicture:
    def test_is_kept_upright_and_without_the_cameras_notes(self) -> None:
        given_bytes = picture(size=(400, 200), exif=camera_notes(orientation=6))
        assert b"Secret Phone" in given_bytes
        prepared = prepare("IMG_1.jpg", given_bytes)
        assert (prepared.file.width, prepared.file.height) == (200, 400)
        assert prepared.file.taken_at is not None
        assert prepared.file.taken_at.isoformat() == "2026-11-20T09:30:00+08:00"
        for content in prepared.contents:
            kept = Image.open(io.BytesIO(content))
            assert not kept.getexif()
            assert not {"exif", "comment", "xmp", "icc_profile"} & set(kept.info)
            assert b"Secret Phone" not in content

    def test_is_capped_and_has_two_small_ones(self) -> None:
        prepared = prepare("wide.png", picture(size=(3000, 150), kind="PNG"))
        whole, thumb, icon = (Image.open(io.BytesIO(content)) for content in prepared.contents)
        assert whole.format == "JPEG"
        assert whole.size == (LONG_SIDE, 128)
        assert max(thumb.size) == 480
        assert max(icon.size) == 160
        assert (prepared.file.width, prepared.file.height) == whole.size

    def test_taken_in_again_stays_as_it_is(self) -> None:
        first = prepare("a.jpg", picture(size=(700, 500), exif=camera_notes(orientation=8)))
        again = prepare("a.jpg", first.contents[0])
        assert again.contents == first.contents
        assert again.file.source_sha256 == first.file.sha256

    def test_with_transparency_lies_on_white(self) -> None:
        packed = io.BytesIO()
        Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(packed, "PNG")
        kept = Image.open(io.BytesIO(prepare("logo.png", packed.getvalue()).contents[0]))
        assert all(level > 250 for level in kept.getpixel((20, 20)))

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_of_each_kind_becomes_a_jpeg(self, kind: str) -> None:
        assert prepare("photo", picture(kind=kind)).file.media_type == JPEG

    def test_behind_which_another_one_hides_is_packed_again(self) -> None:
        hidden = picture(2, exif=camera_notes())
        prepared = prepare("a.jpg", picture(1) + hidden)
        assert b"Secret Phone" not in prepared.contents[0]

    def test_with_too_many_pixels_is_refused_before_it_is_unpacked(self) -> None:
        bomb = io.BytesIO()
        Image.new("1", (20_000, 10_000)).save(bomb, "PNG")
        assert len(bomb.getvalue()) < 100_000
        with pytest.raises(errors.PictureTooLarge):
            prepare("bomb.png", bomb.getvalue())

    @pytest.mark.parametrize("kept", [0.3, 0.8])
    def test_that_is_cut_short_is_refused(self, kept: float) -> None:
        content = picture(size=(600, 600), kind="PNG")
        with pytest.raises(errors.FileDamaged):
            prepare("cut.png", content[: int(len(content) * kept)])


class TestADocument:
    @pytest.mark.parametrize(
        ("name", "content", "kind"),
        [
            ("a.pdf", pictures.PDF, PDF),
            ("a.xlsx", office_file(), XLSX),
            ("a.docx", office_file("word/document.xml"), DOCX),
        ],
    )
    def test_is_kept_as_it_is(self, name: str, content: bytes, kind: str) -> None:
        prepared = prepare(name, content)
        assert prepared.contents == (content,)
        assert prepared.file.media_type == kind
        assert prepared.file.sha256 == digest_of(content)

    @pytest.mark.parametrize(
        ("name", "content", "error"),
        [
            ("a.pdf", b"", errors.FileEmpty),
            ("a.exe", b"MZ\x90\x00" + b"\x00" * 200, errors.FileKindUnknown),
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", errors.FileKindUnknown),
            ("a.jpg", pictures.PDF, errors.FileEndingWrong),
            ("a.pdf", picture(), errors.FileEndingWrong),
            ("a.pdf.exe", pictures.PDF, errors.FileEndingWrong),
            ("a.zip", office_file("other.txt"), errors.FileKindUnknown),
            ("a.xlsx", office_file("xl/workbook.xml", "xl/vbaProject.bin"), errors.FileHasMacros),
            ("a.xlsx", b"PK\x03\x04nonsense", errors.FileDamaged),
            ("a.pdf", b"%PDF-" + b" " * CONTENT_BYTES, errors.FileTooLarge),
        ],
    )
    def test_that_is_not_what_it_should_be_is_refused(
        self, name: str, content: bytes, error: type[Exception]
    ) -> None:  # fmt: skip
        with pytest.raises(error):
            prepare(name, content)

    def test_is_no_picture(self) -> None:
        with pytest.raises(errors.FileKindNotPicture):
            prepare("a.pdf", pictures.PDF, pictures_only=True)


class TestNames:
    @pytest.mark.parametrize(
        ("given_name", "kept"),
        [
            ("../../etc/passwd.jpg", "passwd.jpg"),
            ("C:\\Users\\x\\照片.jpg", "照片.jpg"),
            ("gpj.\u202eexe.jpg", "gpj.exe.jpg"),
            ("a\x00b\n.pdf", "ab.pdf"),
            ("...", ""),
        ],
    )
    def test_are_data(self, given_name: str, kept: str) -> None:
        assert clean_name(given_name) == kept

    @given(st.text(max_size=400))
    def test_for_the_disk_stay_in_their_folder(self, name: str) -> None:
        safe = name_for_disk(name, PDF)
        assert Path(safe).name == safe
        assert safe.lower().endswith(".pdf")
        assert not set(safe) & set('<>:"/\\|?*')
        assert clean_name(clean_name(name)) == clean_name(name)

    def test_that_windows_forbids_are_changed(self) -> None:
        assert name_for_disk("con.pdf", PDF) == "_con.pdf"


@given(st.integers(1, 40_000), st.integers(1, 40_000), st.integers(1, 4000))
def test_a_picture_that_is_fitted_is_never_enlarged(width: int, height: int, side: int) -> None:
    small = fitted(width, height, side)
    assert 1 <= max(small) <= max(side, 1)
    assert small[0] <= width
    assert small[1] <= height


class TestTakingIn:
    def test_stores_what_is_good_and_tells_of_the_rest(
        self, dispatcher: Dispatcher, database: Database, actor: Actor, tmp_path: Path
    ) -> None:  # fmt: skip
        (tmp_path / "good.jpg").write_bytes(picture())
        given_files = [tmp_path / "good.jpg", tmp_path / "missing.jpg", GivenFile("bad.jpg", b"nothing")]
        taken = dispatcher.read(take_in, actor, given_files)
        assert [error.code for error in taken.refused] == ["attachment_unreadable", "attachment_kind_unknown"]
        (file,) = taken.files
        for sha256, size in file.contents:
            content = database.contents.read(sha256)
            assert content is not None
            assert len(content) == size

    def test_can_be_stopped_between_files(self, dispatcher: Dispatcher, actor: Actor) -> None:
        class Enough(Exception):
            pass

        def progress(_message: str, fraction: float | None) -> None:
            if fraction:
                raise Enough

        with pytest.raises(Enough):
            dispatcher.read(take_in, actor, [GivenFile("a.jpg", picture(n)) for n in (1, 2)], progress=progress)


@pytest.mark.parametrize(("brand", "kind"), [(b"heic", "HEIC"), (b"mif1", "HEIC"), (b"avif", "AVIF")])
def test_a_picture_of_a_telephone_is_refused_with_what_to_do(brand: bytes, kind: str) -> None:
    with pytest.raises(errors.PictureOfPhone) as refused:
        prepare("IMG_0042.HEIC", b"\x00\x00\x00\x18ftyp" + brand + bytes(16))
    assert kind in refused.value.message() and "JPEG" in refused.value.message()
