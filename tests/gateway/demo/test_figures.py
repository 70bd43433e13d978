"""The measures that the demo publishes: none that is refused, and none twice."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from gateway.demo.figures import questions
from gateway.measuring.publishing import scope_of
from gateway.pages.measure_topics import TOPICS
from hmis.measures.publishing.counted import Scope


def test_what_the_demo_publishes_may_stand_beside_each_other_and_fills_every_topic() -> None:
    scopes: dict[str, list[Scope]] = defaultdict(list)
    for question in questions():
        scopes[question.measure.name].append(scope_of(question))
    assert not [
        pair for found in scopes.values() for pair in combinations(found, 2) if pair[0].meets(pair[1])
    ]
    # Active people are counted together with unduplicated ones.
    wanted = {name for topic in TOPICS.values() for name in (topic.measure, topic.beside) if name}
    assert wanted <= {*scopes, "active-people"}
