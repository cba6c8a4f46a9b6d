import json
import sys

import pytest

from app.runtime.errors import ResourceMissing
from app.runtime.resources import load_json, resource_path, resource_root


def test_resources_are_found_in_the_source_tree() -> None:
    assert resource_path("icons/car.svg").read_text(encoding="utf-8").count("currentColor") == 1
    assert resource_path("fonts").is_dir()


@pytest.mark.parametrize(
    "name", ["", "../pyproject.toml", "icons/../../pyproject.toml", "/etc/passwd", "C:/x", "icons\\car.svg"]
)
def test_names_that_leave_the_folder_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a name inside the resources"):
        resource_path(name)


def test_a_link_out_of_the_folder_is_refused(tmp_path, monkeypatch) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "outside").write_text("x")
    (tmp_path / "resources" / "link").symlink_to(tmp_path / "outside")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    with pytest.raises(ValueError, match="not a name inside"):
        resource_path("link")


def test_a_packaged_program_finds_its_own(tmp_path, monkeypatch) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "rates.json").write_text('{"rate": "0.10"}')
    (tmp_path / "resources" / "broken.json").write_text('{"rate": ')
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    load_json.cache_clear()
    try:
        assert resource_root() == tmp_path / "resources"
        assert load_json("rates.json") == {"rate": "0.10"}
        assert load_json("rates.json") is load_json("rates.json")
        for name in ("broken.json", "absent.json"):
            with pytest.raises(ResourceMissing) as caught:
                load_json(name)
            assert name in caught.value.message()
    finally:
        load_json.cache_clear()


def test_every_icon_can_be_recoloured_and_the_licences_are_there() -> None:
    icons = sorted(resource_path("icons").glob("*.svg"))
    assert len(icons) > 70
    for icon in icons:
        text = icon.read_text(encoding="utf-8")
        assert 'stroke="currentColor"' in text, icon.name
        assert 'viewBox="0 0 24 24"' in text, icon.name
    assert "ISC License" in resource_path("icons/LICENSE").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in resource_path("fonts/OFL.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("cut", ["Regular", "Bold"])
def test_paper_accepts_the_fonts(cut: str) -> None:
    from reportlab.pdfbase.ttfonts import TTFontFile

    characters = TTFontFile(str(resource_path(f"fonts/NotoSansSC-{cut}.ttf"))).charToGlyph
    assert all(ord(one) in characters for one in "壹贰叁肆伍陆柒捌玖拾佰仟万元角分整䶮𬭊¥￥，。（）")


def test_translations_of_this_package_are_complete_json() -> None:
    texts = json.loads(resource_path("translations/zh_CN/app.runtime.json").read_text(encoding="utf-8"))
    assert all(isinstance(english, str) and isinstance(chinese, str) and chinese for english, chinese in texts.items())
