"""What the handles tell of many messages."""

from __future__ import annotations

from smsc.testing import SmscHandle

KARI, OLA = "4790000001", "4790000002"


def test_the_latest_of_many_messages_is_the_latest(smsc: SmscHandle) -> None:
    for number in range(1001):
        smsc.send(KARI, OLA, f"Hei {number}")
    assert len(smsc.messages(source=KARI)) == 1001
    assert [message.text for message in smsc.messages(source=KARI, limit=2)] == ["Hei 0", "Hei 1"]
    assert smsc.handset(KARI).sent()[-1].text == "Hei 1000"
    assert smsc.wait_for_message(text="Hei 1000").destination == OLA
