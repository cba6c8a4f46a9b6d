"""The guided sale: the real windows, driven by key and mouse events, with pictures of every station."""
