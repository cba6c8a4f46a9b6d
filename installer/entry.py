"""What the packaged program starts with: the desk, or with a first word the service or the guided sale."""

import multiprocessing
import runpy
import sys

MODULES = {"service": "sync.server", "tour": "app.tour", "seed": "app.demo", "restore": "app.desk.restore"}


def module_for(arguments: list[str]) -> tuple[str, list[str]]:
    """The module to start and the arguments it gets."""
    if arguments and arguments[0] in MODULES:
        return MODULES[arguments[0]], arguments[1:]
    return "app", arguments


if __name__ == "__main__":
    multiprocessing.freeze_support()
    module, rest = module_for(sys.argv[1:])
    sys.argv = [sys.argv[0], *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=False)
