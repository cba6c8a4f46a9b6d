"""Loans: schedules and the desking grid."""
