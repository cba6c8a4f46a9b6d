#!/usr/bin/env bash
# Makes dist/Forecourt.dmg from the one-folder build. Needs macOS with Xcode's command line tools.
#   installer/macos/build.sh
# SIGNING_IDENTITY="Developer ID Application: …"  signs the program; without it only this Mac opens it without asking.
# NOTARY_PROFILE=name                             also has it notarised (xcrun notarytool store-credentials name).
set -euo pipefail

case "${1:-}" in
    -h | --help)
        sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//'
        exit 0
        ;;
esac
[ "$(uname)" = "Darwin" ] || { echo "This script runs on macOS only." >&2; exit 3; }

root="$(cd "$(dirname "$0")/../.." && pwd)"
python="$root/.venv/bin/python"
cd "$root"
[ -x "$python" ] || { echo "No environment yet: run 'python3 bootstrap.py run' first." >&2; exit 3; }

"$python" -m pip install --disable-pip-version-check -q -c constraints.txt pyinstaller
"$python" build_spec.py --build

if [ -n "${SIGNING_IDENTITY:-}" ]; then
    codesign --force --deep --options runtime --timestamp --sign "$SIGNING_IDENTITY" dist/Forecourt.app
    codesign --verify --deep --strict dist/Forecourt.app
fi

staging="$(mktemp -d)"
trap 'rm -rf "$staging"' EXIT
cp -R dist/Forecourt.app "$staging/"
ln -s /Applications "$staging/Applications"
rm -f dist/Forecourt.dmg
hdiutil create -volname Forecourt -srcfolder "$staging" -format UDZO dist/Forecourt.dmg

if [ -n "${SIGNING_IDENTITY:-}" ] && [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit dist/Forecourt.dmg --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple dist/Forecourt.dmg
fi
echo dist/Forecourt.dmg
