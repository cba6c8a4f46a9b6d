import subprocess
import sys
from pathlib import Path

import pytest

import build_spec
from installer import entry, system_packages

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "path",
    [
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/lib/libicudata.so.73",
        "PySide6/QtWidgets.abi3.so",
        "PySide6/QtOpenGL.pyd",
        "PySide6/Qt6Pdf.dll",
        "PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PySide6/Qt/plugins/printsupport/libcupsprintersupport.so",
        "PySide6/Qt/translations/qtbase_zh_CN.qm",
        "numpy.libs/libscipy_openblas64.so",
        "resources/fonts/NotoSansSC-Regular.ttf",
        "sqlcipher3/_sqlite3.so",
    ],
)
def test_what_a_window_needs_is_kept(path: str) -> None:
    assert build_spec.is_kept(path)


@pytest.mark.parametrize(
    "path",
    [
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/lib/libQt6WebEngineCore.so.6",
        "libQt6Qml.so.6",
        "PySide6/QtCharts.abi3.so",
        "PySide6/Qt6Multimedia.dll",
        "PySide6/Qt/lib/QtQuick3D.framework/Versions/A/QtQuick3D",
        "PySide6/Qt/lib/libavcodec.so.61",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/qml/QtQuick/Controls/qmldir",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/resources/icudtl.dat",
        "libgtk-3.so.0",
    ],
)
def test_what_no_page_uses_is_dropped(path: str) -> None:
    assert not build_spec.is_kept(path)


def test_every_qt_module_in_the_source_is_kept() -> None:
    used = set()
    for folder in ("app", "db", "sync", "ui"):
        for file in (ROOT / folder).rglob("*.py"):
            for line in file.read_text(encoding="utf-8").splitlines():
                words = line.split()
                if words[:1] in (["from"], ["import"]) and words[1].startswith("PySide6.Qt"):
                    used.add(words[1].removeprefix("PySide6.Qt").rstrip(","))
    assert used <= build_spec.QT_MODULES | {""}


def test_the_specification_is_python_and_names_everything() -> None:
    text = build_spec.specification("build/forecourt.png")
    compile(text, "forecourt.spec", "exec")
    assert "installer/entry.py" in text
    for source, _ in build_spec.PROJECT_DATA:
        assert (ROOT / source).exists()


def test_the_icon_is_drawn(tmp_path: Path) -> None:
    code = f"import build_spec; from pathlib import Path; print(build_spec.draw_icons(Path({str(tmp_path)!r})))"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert Path(answer.stdout.strip().splitlines()[-1]).stat().st_size > 1000


def test_the_packaged_program_can_also_be_the_service() -> None:
    assert entry.module_for([]) == ("app", [])
    assert entry.module_for(["--profile", "x"]) == ("app", ["--profile", "x"])
    assert entry.module_for(["service", "--port", "1"]) == ("sync.server", ["--port", "1"])


def test_the_package_depends_on_what_the_bootstrap_looks_for() -> None:
    answer = subprocess.run(
        [sys.executable, str(ROOT / "installer" / "linux" / "depends.py")], capture_output=True, text=True, check=True
    )
    for package in (system_packages.BASE | system_packages.X11 | system_packages.WAYLAND).values():
        assert package in answer.stdout


@pytest.mark.parametrize("script", ["linux/build.sh", "macos/build.sh"])
def test_the_build_scripts_explain_themselves(script: str) -> None:
    path = ROOT / "installer" / script
    answer = subprocess.run(["bash", str(path), "--help"], capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "dist/" in answer.stdout
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
