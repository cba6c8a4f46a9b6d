#!/usr/bin/env bash
# Makes dist/forecourt_VERSION_ARCH.deb from the one-folder build. Needs dpkg-deb; run from anywhere.
#   installer/linux/build.sh            build the program, then the package
#   installer/linux/build.sh --package  only the package, from an existing dist/forecourt
set -euo pipefail

case "${1:-}" in
    -h | --help)
        sed -n '2,4p' "$0" | sed 's/^# \{0,1\}//'
        exit 0
        ;;
esac

root="$(cd "$(dirname "$0")/../.." && pwd)"
python="${FORECOURT_VENV:-$root/.venv}/bin/python"
cd "$root"
[ -x "$python" ] || { echo "No environment yet: run 'python3 bootstrap.py doctor' first." >&2; exit 3; }
command -v dpkg-deb >/dev/null || { echo "dpkg-deb is missing: this script needs Debian or Ubuntu." >&2; exit 3; }

if [ "${1:-}" != "--package" ]; then
    "$python" -c 'import PyInstaller' 2>/dev/null ||
        "$python" -m pip install --disable-pip-version-check -q -c constraints.txt pyinstaller
    "$python" build_spec.py --build
fi
[ -x dist/forecourt/forecourt ] || { echo "dist/forecourt is missing: run without --package." >&2; exit 3; }

version="$("$python" -c 'import build_spec; print(build_spec.version())')"
architecture="$(dpkg --print-architecture)"
staging="$(mktemp -d)"
trap 'rm -rf "$staging"' EXIT
chmod 755 "$staging"

install -d "$staging/DEBIAN" "$staging/opt" "$staging/usr/bin" "$staging/usr/share/applications" \
    "$staging/usr/share/icons/hicolor/scalable/apps" "$staging/usr/share/doc/forecourt"
cp -a dist/forecourt "$staging/opt/forecourt"
ln -s /opt/forecourt/forecourt "$staging/usr/bin/forecourt"
install -m 644 installer/linux/forecourt.desktop "$staging/usr/share/applications/"
install -m 644 resources/app_icon/forecourt.svg "$staging/usr/share/icons/hicolor/scalable/apps/"
install -m 644 resources/fonts/OFL.txt "$staging/usr/share/doc/forecourt/OFL.txt"
install -m 644 resources/icons/LICENSE "$staging/usr/share/doc/forecourt/icons-LICENSE"
# Some wheels bring their debugging symbols along; a desk has no use for them.
if command -v strip >/dev/null; then
    find "$staging/opt" \( -name 'libpython*.so*' -o -path '*/zstandard/*.so' -o -path '*/sqlcipher3/*.so' \) \
        -exec strip --strip-debug {} +
fi
# Whoever built it may not be who owns it, and a tight umask must not lock users out of the program.
chmod -R u=rwX,go=rX "$staging/opt"

sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
    -e "s/@SIZE@/$(du -sk "$staging/opt" | cut -f1)/" \
    -e "s/@DEPENDS@/$("$python" installer/linux/depends.py)/" \
    installer/linux/control.in >"$staging/DEBIAN/control"

package="dist/forecourt_${version}_${architecture}.deb"
dpkg-deb --root-owner-group -Zxz -z3 --build "$staging" "$package"
echo "$package"
