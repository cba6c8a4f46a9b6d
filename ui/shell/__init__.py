"""The window around the pages: sign-in, navigation, palette, status, notifications."""
