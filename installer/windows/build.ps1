# Makes dist\forecourt-setup.exe. Run in PowerShell from anywhere; needs Python 3.11 or newer and NSIS 3.
#   installer\windows\build.ps1
$ErrorActionPreference = "Stop"
$root = Resolve-Path (Join-Path $PSScriptRoot "..\..")
Set-Location $root

$python = Join-Path $root ".venv\Scripts\python.exe"
if (-not (Test-Path $python)) { throw "No environment yet: run 'py bootstrap.py run' first." }

& $python -m pip install --disable-pip-version-check -q -c constraints.txt pyinstaller
if ($LASTEXITCODE -ne 0) { throw "pip could not install PyInstaller." }
& $python build_spec.py --build
if ($LASTEXITCODE -ne 0) { throw "PyInstaller failed." }

$version = & $python -c "import build_spec; print(build_spec.version())"
$makensis = (Get-Command makensis -ErrorAction SilentlyContinue).Source
if (-not $makensis) { $makensis = Join-Path ${env:ProgramFiles(x86)} "NSIS\makensis.exe" }
if (-not (Test-Path $makensis)) { throw "makensis is missing: install NSIS 3." }
& $makensis /V2 "/DVERSION=$version" "/DSOURCE=$root\dist\forecourt" "/DOUTPUT=$root\dist\forecourt-setup.exe" `
    "/DICON=$root\build\forecourt.ico" (Join-Path $PSScriptRoot "forecourt.nsi")
if ($LASTEXITCODE -ne 0) { throw "makensis failed." }
Write-Output "dist\forecourt-setup.exe"
