"""Tests of the pages about printing."""
