"""Beside the flow: the only SQL. One file per topic; `engine` knows SQLite from PostgreSQL.

`Store.open(url)` migrates and connects; `store.begin()` is one write transaction, `store.read()`
one consistent read. Both give a `Tx`, whose attributes are the topics.
"""

from alerter.store.store import Store, Tx

__all__ = ["Store", "Tx"]
