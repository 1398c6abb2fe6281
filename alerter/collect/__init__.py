"""From the web to entries: ask, decode, parse, recognise; rhythm and health of feeds.

    poller    many feeds at once, each job through:
      fetch     one conditional GET with caps and a deadline (decode, auth; alerter.net guards it)
      parsing   a killable worker process (worker, wire): charset, bombs, split, parse, clean, dates
    identity  which entries are new, revised or known
    after     the state of a feed after a poll: rhythm, health, outage
    coverage  what is seen and what is not

Everything but `fetch`, `parsing` and `poller` is pure. The workers import no database and no model.
"""
