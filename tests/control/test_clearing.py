"""DELETE /messages: all are forgotten at once, and what they took is given back in small steps."""

from __future__ import annotations

from itertools import pairwise

from tests.engine.lab import Lab

KARI, OLA = "4790000001", "4799000007"  # Ola's handset is switched off
RECIPIENTS = 1_000


def full() -> Lab:
    """A message waits for each of many handsets that are switched off."""
    lab = Lab()
    for number in range(RECIPIENTS):
        lab.control.put_subscriber(f"47{41_000_000 + number}", {"powered": False})
    lab.settle()
    kari = lab.bind(KARI)
    for number in range(RECIPIENTS):
        kari.submit(f"47{41_000_000 + number}", "hei")
    lab.settle()
    assert len(lab.engine.queues.recipients) == RECIPIENTS
    return lab


def test_all_are_forgotten_at_once_and_taken_apart_in_steps() -> None:
    lab = full()
    recipients = list(lab.engine.queues.recipients.values())
    steps = lab.control.clearing()
    apart = [sum(one.only is None and one.lanes is None for one in recipients)]
    next(steps)
    assert (lab.engine.unfinished(), len(lab.engine.queues.recipients)) == (0, 0)
    lab.settle()
    assert lab.control.messages(None, None, None, 10, None) == []
    apart += [sum(one.only is None and one.lanes is None for one in recipients) for _ in steps]
    apart.append(sum(one.only is None and one.lanes is None for one in recipients))
    assert apart[0] == 0
    assert apart[-1] == RECIPIENTS
    assert max(after - before for before, after in pairwise(apart)) <= 256


def test_who_has_a_new_message_meanwhile_keeps_it() -> None:
    lab = full()
    steps = lab.control.clearing()
    next(steps)
    kari = lab.bind("4790000003")
    kari.submit("4741000005", "ny")
    lab.settle()
    for _ in steps:
        lab.settle()
    assert lab.engine.unfinished() == 1
    lab.patch("4741000005", powered=True)
    assert lab.bind("4741000005").inbox == ["ny"]
    lab.settle()
    assert lab.engine.unfinished() == 0
    assert len(lab.again().control.messages(None, None, None, 10, None)) == 1


def test_steps_that_nobody_waits_for_are_made_at_once() -> None:
    lab = full()
    recipients = list(lab.engine.queues.recipients.values())
    steps = lab.control.clearing()
    next(steps)
    steps.close()
    assert all(one.only is None and one.lanes is None for one in recipients)
