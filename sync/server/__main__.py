"""`python -m sync.server`: run and administer the central service."""

import sys

from sync.server.command_line import main

if __name__ == "__main__":
    sys.exit(main())
