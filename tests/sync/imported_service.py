"""Imports what a service is made of, once, for those that are forked from this process (see `forked_service`)."""

import gc

import sync.server.command_line
import sync.server.running
import sync.server.web
import sync.server.worker
import tests.sync.forked_service
import tests.sync.watched_service
from db.base import replicated_models

__all__ = ["sync", "tests"]

replicated_models()
gc.collect()
gc.freeze()  # the copies share these pages: nothing of them is looked through there
