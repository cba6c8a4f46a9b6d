"""`python -m app`: the desk's window."""

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bootstrap.py run", description="Open the desk's window.")
    parser.add_argument("--profile", metavar="DIR", help="folder of the desk's data (default: the user's own)")
    parser.add_argument("--language", choices=("en", "zh_CN"), help="start in this language")
    chosen = parser.parse_args(arguments)

    from app.runtime.paths import open_profile
    from app.wiring.start import run

    return run(open_profile(chosen.profile), spoken=chosen.language)


if __name__ == "__main__":
    sys.exit(main())
