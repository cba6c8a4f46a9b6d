"""Inspections before delivery: checklists, answers, defects, results."""
