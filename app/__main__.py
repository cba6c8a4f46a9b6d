"""`python -m app`: the desk's window. `python -m app reconcile`: its books against the centre, without one."""

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and run; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["reconcile"]:
        from app.wiring.reconcile import main as reconcile

        return reconcile(given[1:])
    parser = argparse.ArgumentParser(prog="bootstrap.py run", description="Open the desk's window.",
        epilog="`python -m app reconcile --help`: hold the books against the centre, without a window.",
    )  # fmt: skip
    parser.add_argument("--profile", metavar="DIR", help="folder of the desk's data (default: the user's own)")
    parser.add_argument("--language", choices=("en", "zh_CN"), help="start in this language")
    chosen = parser.parse_args(given)

    from app.runtime.paths import open_profile
    from app.wiring.start import run

    return run(open_profile(chosen.profile), spoken=chosen.language)


if __name__ == "__main__":
    sys.exit(main())
