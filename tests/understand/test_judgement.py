"""Reading, training, judging and explaining, on a small model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from alerter.domain.article import Article
from alerter.domain.errors import ModelError
from alerter.domain.scales import Category, Status
from alerter.understand.assess import Assessor, load_classifier
from alerter.understand.classifier import Classifier
from alerter.understand.concepts import NAMES
from alerter.understand.embed import Matrix
from alerter.understand.items import Item, Reader, head_of
from alerter.understand.labelled import Labelled, event_groups
from alerter.understand.lexicon import shipped
from alerter.understand.model import load_model
from alerter.understand.passages import best_passages, discounted
from alerter.understand.train import TooFewError, Trained, fold_numbers, train

from .conftest import FakeEmbedder

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
READER = Reader(shipped())


def article(title: str, summary: str = "", body: str = "") -> Article:
    return Article(
        id="a1", feed="f", title=title, summary=summary, body=body, lang="en", first_seen=NOW
    )


@pytest.fixture(scope="module")
def assessor(small_model: Path) -> Assessor:
    return Assessor(load_classifier(small_model, FakeEmbedder()), shipped())


def feature(title: str, name: str, lead: str = "") -> float:
    return float(READER.read(Item(title=title, lead=lead, lang="en")).concepts[NAMES.index(name)])


def test_a_weapon_beside_the_embassy_is_nearer_than_one_far_off() -> None:
    """Nearness in the sentence is a number that falls with distance."""
    near = feature("Rocket hits embassy", "mission~indirect_fire")
    far = feature(
        "Rocket fired at the border kills four soldiers, says a statement read by the embassy",
        "mission~indirect_fire",
    )
    assert near > far > 0


def test_names_of_places_are_no_evidence_for_concepts() -> None:
    """The concept features of two texts that differ in the city are the same."""
    one = READER.read(Item(title="Rocket hits embassy in Baghdad", lang="en")).concepts
    two = READER.read(Item(title="Rocket hits embassy in Lisbon", lang="en")).concepts
    assert np.allclose(one, two, atol=0.05)


def test_what_is_learned_of_one_word_holds_for_its_like() -> None:
    """Words that name a concept are read as the concept."""
    marked = READER.read(Item(title="Gunmen storm the consulate", lang="en")).marked
    assert "<mission>" in marked


def test_without_a_summary_the_first_sentences_are_the_lead() -> None:
    """And no more of the body than those."""
    item = head_of("T", "", "One went. Two came. Three stayed. Four left.")
    assert "Three stayed." in item.lead
    assert "Four" not in item.lead


@limits(max_examples=60, deadline=None)
@given(title=st.text(max_size=200), lead=st.text(max_size=300))
def test_no_text_breaks_the_reader(title: str, lead: str) -> None:
    """Any text of any script gives finite numbers, the same each time."""
    item = head_of(title, lead, "")
    one, two = READER.read(item), READER.read(item)
    assert np.isfinite(one.concepts).all()
    assert list(one.word_hashes) == list(two.word_hashes)


def test_a_lone_surrogate_is_read_as_an_unknown_sign() -> None:
    """Broken JSON escapes must not stop a batch."""
    assert head_of("a \ud800 b", "", "").title == "a ? b"


def test_reports_of_one_event_never_stand_on_both_sides(few_rows: list[Labelled]) -> None:
    """The split keeps events whole."""
    same = [replace(row, event="one" if i < 40 else row.event) for i, row in enumerate(few_rows)]
    groups = event_groups(same)
    folds = fold_numbers(np.array([row.label for row in same]), groups, 3)
    assert len(set(folds[:40])) == 1


def test_near_copies_are_one_event_even_without_a_slug(few_rows: list[Labelled]) -> None:
    """A wire story printed twice is no test of anything."""
    item = Item(title="Two rockets fell beside the embassy wall in the early hours of Monday")
    near = Item(title="Two rockets fell beside the embassy wall in the early hours of Tuesday")
    rows = [
        replace(few_rows[0], item=item, event=None),
        replace(few_rows[1], item=near, event=None),
    ]
    assert len(set(event_groups(rows))) == 1


def test_training_twice_gives_the_same_bytes(
    few_rows: list[Labelled], small_model: Path, tmp_path: Path
) -> None:
    """From the same rows and seed, to the bit."""
    again = train(few_rows, READER, embed=None, seed=1, progress=lambda *_: None)
    again.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (small_model / "plain.npz").read_bytes()


def test_too_few_examples_are_refused_in_words(few_rows: list[Labelled]) -> None:
    """Instead of an error from the depths of a solver."""
    with pytest.raises(TooFewError, match="at least"):
        train(few_rows[:12], READER, embed=None, seed=1, progress=lambda *_: None)


def test_held_out_predictions_know_threats_from_routine(
    few_rows: list[Labelled], small_plain: Trained
) -> None:
    """Even a small model orders unseen events far better than chance."""
    trained = small_plain
    labels = np.array([row.label for row in few_rows], dtype=bool)
    assert trained.held_out[labels].mean() > trained.held_out[~labels].mean() + 0.2


def test_an_attack_scores_above_routine(assessor: Assessor) -> None:
    """And is told with category, evidence and a reason."""
    attack = article("Gunmen open fire on US embassy in Nairobi", "Two guards were wounded.")
    routine = article("Ambassador presents credentials to the president")
    high, low = assessor.assess([attack, routine], now=NOW)
    assert high.probability > low.probability
    assert high.threat
    assert high.category in set(Category)
    assert high.status in {Status.OCCURRED, Status.WARNING, Status.AFTERMATH}
    assert high.host == "KE"
    assert high.sending == ("US",)
    assert "embassy" in high.why
    assert not low.threat
    assert low.why


def test_evidence_is_what_the_probability_loses(assessor: Assessor) -> None:
    """Taking the heaviest sentence away lowers the probability by its weight."""
    title, lead = "Bomb explodes at the embassy gate", "The weather stayed mild. Trade talks go on."
    whole = assessor.assess([article(title, lead)], now=NOW)[0]
    best = whole.evidence[0]
    assert best.text == title
    without = assessor.assess([article("", lead)], now=NOW)[0]
    assert whole.probability - without.probability == pytest.approx(best.weight, abs=0.01)


def test_batches_do_not_change_the_answer(assessor: Assessor) -> None:
    """An article gets the same assessment alone and among others."""
    batch = [article("Bomb at the embassy"), article("Film festival opens"), article("x")]
    together = assessor.assess(batch, now=NOW)
    alone = [assessor.assess([one], now=NOW)[0] for one in batch]
    assert [a.probability for a in together] == pytest.approx(
        [a.probability for a in alone], abs=2e-4
    )


def test_a_report_deep_in_a_long_body_is_found() -> None:
    """The passage that names a mission and an act is read; one that looks back is not."""
    body = (
        "Markets were shut. Residents fled. Water ran out. Shops closed early. "
        "Gunmen fired on the French embassy on Monday. The lull held. "
        "Years ago a bomb destroyed the US embassy, an anniversary marked today."
    )
    found = best_passages("Day two", body, shipped(), lang="en", year=2026, skip_lead=True)
    assert found
    assert "French embassy" in found[0].item.lead
    assert not any(one.item.lead.startswith("Years ago") for one in found)


def test_a_discount_lowers_and_never_leaves_the_scale() -> None:
    """Log-odds are taken off, so 1 stays below 1 and 0 stays at least 0."""
    assert 0 <= discounted(0.0, 2.0) < discounted(0.5, 2.0) < 0.5 < discounted(1.0, 2.0) < 1


def test_a_model_with_vectors_is_refused_without_an_embedder(small_model: Path) -> None:
    """It would judge by half of what it was trained on."""
    with pytest.raises(ModelError, match="needs an embedder"):
        Classifier(load_model(small_model / "multilingual.npz"))


def test_without_an_embedder_the_plain_model_is_taken(small_model: Path) -> None:
    """Everything works without the extra, with a model of its own."""
    assert load_classifier(small_model, None).version.startswith("plain-")


def test_the_screen_decides_before_anything_costs(small_model: Path) -> None:
    """What does not pass is never embedded."""

    class Counting(FakeEmbedder):
        seen = 0

        def embed(self, texts: Sequence[str]) -> Matrix:
            self.seen += len(texts)
            return super().embed(texts)

    counting = Counting()
    classifier = load_classifier(small_model, counting)
    verdicts = classifier.judge([READER.read(Item(title="Cup final ends in a draw", lang="en"))])
    assert not verdicts[0].passed
    assert counting.seen == 0
