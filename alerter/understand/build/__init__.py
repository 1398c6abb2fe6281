"""Builders of the generated files of this package; run by hand, never by the daemon."""
