"""Assessments to incidents: which event in the world a report is about, and what that changes.

`fold(...)` takes one assessed article and the incidents near it, and answers with the incident as
it is now, whether that is worth telling, and why. `age(...)` is what time alone does. Both are
pure. `match` compares, `merge` joins, `change` decides what is told, `copies` counts independent
sources, `lifecycle` opens and closes, `by_hand` splits and merges on a person's word.
"""

from alerter.incidents.fold import Folded, NotFolded, fold
from alerter.incidents.lifecycle import age

__all__ = ["Folded", "NotFolded", "age", "fold"]
