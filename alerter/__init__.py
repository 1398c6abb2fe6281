"""Alerter: warns the people who guard embassies. Start reading in `domain`, then `pipeline`."""

import os

__version__ = "0.1.0"

# Before numpy starts: its matrices are too small here to share between cores, and threads that
# wait for work cost a quarter of the time that judging takes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
