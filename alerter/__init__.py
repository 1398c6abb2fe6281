"""Alerter: warns the people who guard embassies. Start reading in `domain`, then `pipeline`."""

__version__ = "0.1.0"
