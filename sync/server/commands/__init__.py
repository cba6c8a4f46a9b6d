"""The service's commands, one module a group.

A group has `add(to: Subcommands)`. It adds its commands with `to.command(name, run, help=…)`, which gives the parser
for further options; `run(asked, settings)` returns the exit status, and `with_store(run)` opens the database for one
that is `run(store, asked)`. OSError and ValueError become a line on standard error.
"""

from sync.server.commands import backups, books, desks, log, people, serving, stamping, storage

GROUPS = (serving, desks, people, storage, stamping, log, backups, books)
