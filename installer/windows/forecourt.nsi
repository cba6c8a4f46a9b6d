; The Windows installer. makensis -DVERSION=0.1.0 -DSOURCE=dist\forecourt -DOUTPUT=setup.exe [-DICON=x.ico] forecourt.nsi
; Installs for the present user: no administrator is needed at the counter. Data in %LOCALAPPDATA%\Forecourt
; is never touched, neither by an update nor by removing the program.
Unicode true
SetCompressor /SOLID lzma
!include "MUI2.nsh"

!ifndef VERSION
  !error "say -DVERSION=…"
!endif
!ifndef SOURCE
  !error "say -DSOURCE=the built folder"
!endif
!ifndef OUTPUT
  !define OUTPUT "forecourt-setup.exe"
!endif

Name "Forecourt ${VERSION}"
OutFile "${OUTPUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Forecourt"
InstallDirRegKey HKCU "Software\Forecourt" "InstallDir"
!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Forecourt"

!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\forecourt.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString Running ${LANG_ENGLISH} "Forecourt is still open. Close it, then press Retry."
LangString Running ${LANG_SIMPCHINESE} "Forecourt 仍在运行。请先关闭，再点击“重试”。"

!macro WaitUntilClosed
  ; The program's own file cannot be opened for writing while it runs.
  IfFileExists "$INSTDIR\forecourt.exe" 0 +7
  ClearErrors
  FileOpen $0 "$INSTDIR\forecourt.exe" a
  IfErrors 0 +3
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(Running)" IDRETRY -3
  Abort
  FileClose $0
!macroend

Section "Forecourt"
  !insertmacro WaitUntilClosed
  ; Files of an older version must not be found by the new one.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Forecourt.lnk" "$INSTDIR\forecourt.exe"
  CreateShortcut "$DESKTOP\Forecourt.lnk" "$INSTDIR\forecourt.exe"
  WriteRegStr HKCU "Software\Forecourt" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Forecourt"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\forecourt.exe"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  !insertmacro WaitUntilClosed
  Delete "$SMPROGRAMS\Forecourt.lnk"
  Delete "$DESKTOP\Forecourt.lnk"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\forecourt.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\Forecourt"
SectionEnd
