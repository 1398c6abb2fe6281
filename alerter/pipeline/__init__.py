"""The flow: load, call a stage, save; one transaction per unit of work. One file per step.

    poll      feeds due now           -> articles, feed states
    assess    articles not assessed   -> assessments
    enrich    promising articles      -> their whole text, to be assessed again
    fold      new assessments         -> incidents and, in the same transaction, deliveries
    deliver   deliveries due          -> sent, later or dead
    tend      what time itself brings -> reminders, digests, drills, tempo, coverage, retention

Each step is a function `step(..., store, settings, now)` that does all there is to do at `now`
and returns a count of what it did, so that the daemon, the command line and a test on a virtual
clock run the very same code.
"""
