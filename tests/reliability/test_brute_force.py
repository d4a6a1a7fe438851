"""Row 10: guessing passwords gets slow, and keeps nobody out who is known."""

from collections.abc import Callable

from argon2 import PasswordHasher

from smsc.engine.binds.backoff import Backoff
from smsc.engine.binds.passwords import Passwords, stored_hash, verify
from smsc.engine.binds.verification import KNOWN, UNKNOWN, Verification
from smsc.protocol.constants import BIND_TRANSCEIVER
from smsc.protocol.pdu.codec import Pdu, request
from smsc.testing.server import SmscHandle, start_smsc
from tests.peer import Peer
from tests.waiting import Took

HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
Figure = Callable[[int | str, str], None]
Connect = Callable[..., Peer]


def hashed(password: str) -> str:
    return "argon2:" + HASHER.hash(password)


def world(*names: str, **limits: object) -> SmscHandle:
    esmes = [{"system_id": name, "password": hashed("secret")} for name in names]
    nobody = {"centres": {"fire": None, "police": None, "medical": None}}
    return start_smsc(
        esmes=esmes,
        emergency=nobody,
        helplines=[],
        codes=[],
        clock={"mode": "real"},
        limits={"shutdown": "1s", **limits},
    )


def test_the_first_failures_are_free_and_each_after_them_doubles_the_wait() -> None:
    backoff = Backoff(5, 1.0, 60.0)
    waits = []
    now = 0.0
    for _ in range(14):
        waits.append(backoff.wait("10.0.0.1", "shop", now))
        now += waits[-1]
        backoff.failed("10.0.0.1", "shop", now)
    assert waits == [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_the_wait_counts_by_address_and_by_name() -> None:
    backoff = Backoff(0, 1.0, 60.0)
    backoff.failed("10.0.0.1", "shop", 0.0)
    assert backoff.wait("10.0.0.1", "shop", 0.0) == 1.0
    assert backoff.wait("10.0.0.1", "other", 0.0) == 0.5  # as much as a peer's first bind may be held up
    assert backoff.wait("10.0.0.2", "shop", 0.0) == 0.5
    assert backoff.wait("10.0.0.2", "other", 0.0) == 0.0


def test_a_client_with_a_wrong_password_does_not_hold_up_others_of_its_machine() -> None:
    backoff = Backoff(5, 1.0, 60.0)
    for _ in range(1_000):
        backoff.failed("127.0.0.1", "shop", 0.0)
    assert backoff.wait("127.0.0.1", "shop", 0.0) == 60.0
    assert backoff.wait("127.0.0.1", "other", 0.0) == 0.5
    assert backoff.is_blameless("127.0.0.1", "other")


def test_who_tries_many_names_waits_with_each_of_them() -> None:
    backoff = Backoff(0, 1.0, 60.0)
    for number in range(20):
        backoff.failed("10.0.0.1", f"name{number}", 0.0)
        assert backoff.wait("10.0.0.1", "shop", 0.0) == 0.5
    backoff.failed("10.0.0.1", "name20", 0.0)
    assert backoff.wait("10.0.0.1", "shop", 0.0) == 60.0
    assert not backoff.is_blameless("10.0.0.1", "shop")
    assert backoff.wait("10.0.0.2", "shop", 0.0) == 0.0


def test_who_has_bound_from_an_address_never_waits_there() -> None:
    backoff = Backoff(0, 1.0, 60.0)
    backoff.succeeded("10.0.0.1", "shop")
    for _ in range(100):
        backoff.failed("10.0.0.1", "shop", 0.0)
        backoff.failed("10.6.6.6", "shop", 0.0)
    assert backoff.wait("10.0.0.1", "shop", 0.0) == 0.0
    assert backoff.wait("10.6.6.6", "shop", 0.0) == 60.0
    assert backoff.wait("10.0.0.2", "shop", 0.0) == 0.5


def test_what_is_remembered_of_failures_is_bounded_and_ends() -> None:
    backoff = Backoff(0, 1.0, 60.0)
    for number in range(50_000):
        backoff.failed(f"10.0.{number >> 8}.{number & 255}", f"name{number}", 0.0)
    assert len(backoff._failures) <= 20_002
    backoff.failed("10.0.0.1", "shop", 1_000.0)
    assert len(backoff._failures) == 3  # the address, the name, and the two together


def test_a_verified_password_is_known_by_a_keyed_digest_only() -> None:
    stored = stored_hash(hashed("secret"))
    assert stored is not None
    assert stored_hash("secret") is None
    assert verify(stored, "secret")
    assert not verify(stored, "Secret")
    assert not verify("$argon2id$nonsense", "secret")
    passwords = Passwords()
    assert not passwords.is_verified("shop", stored, "secret")
    passwords.remember("shop", stored, "secret")
    assert passwords.is_verified("shop", stored, "secret")
    assert not passwords.is_verified("shop", stored, "Secret")
    assert not passwords.is_verified("shop", stored + "x", "secret")
    assert b"secret" not in repr(vars(passwords)).encode()


def test_hashed_passwords_let_the_right_one_in_and_nobody_else(peers: Connect) -> None:
    with world("shop") as smsc:
        assert peers(smsc).bind("shop", "secret") == 0
        assert peers(smsc).bind("shop", "wrong") == 0x0D
        assert peers(smsc).bind("nobody", "secret") == 0x0D
        assert peers(smsc).bind("shop", "secret") == 0


def test_brute_force_is_slowed_down_and_the_bound_peer_rebinds_at_once(
    peers: Connect, figure: Figure
) -> None:
    with world("shop", failed_bind_delay="50ms", failed_bind_delay_max="200ms") as smsc:
        peer = peers(smsc, "shop", "secret")
        with Took() as guessing:
            for _ in range(12):
                assert peers(smsc).bind("other", "guess") == 0x0D
        backoff = smsc.server.engine.authentication.backoff
        assert backoff.wait("127.0.0.1", "other", smsc.server.engine.delivery.link_now) > 0

        flood = [peers(smsc) for _ in range(50)]
        for attacker in flood:
            attacker.send(b"")
            attacker.ask(_bind("shop", "guess"))
        peer.close()
        with Took() as rebind:
            assert peers(smsc).bind("shop", "secret") == 0
    figure(10, f"12 guesses took {guessing} (delay 50-200 ms); known peer rebinds in {rebind}")


def _bind(system_id: str, password: str) -> Pdu:
    return request(BIND_TRANSCEIVER, system_id=system_id, password=password, interface_version=0x34)


def test_a_first_bind_beside_a_client_that_fails_over_and_over_waits_half_a_second(peers: Connect) -> None:
    with world("shop", "other", failed_binds_free=0, failed_bind_delay="60s") as smsc:
        assert peers(smsc).bind("shop", "wrong") == 0x0D
        assert peers(smsc).bind("other", "secret") == 0  # within the peer's own patience, 10 s


def test_parallel_guesses_wait_as_well_and_are_given_up(peers: Connect) -> None:
    with world("shop", failed_binds_free=0, failed_bind_delay="100ms", failed_bind_delay_max="400ms") as smsc:
        flood = [peers(smsc) for _ in range(20)]
        for attacker in flood:
            attacker.ask(_bind("none", "guess"))
        for attacker in flood:
            answer = attacker.pdu()
            assert answer is not None
            assert answer.status == 0x0D
        count = smsc.server.engine.authentication.backoff._failures["s none"].count
        assert count < 20  # the others were refused without a look at their passwords
        assert smsc.server.engine.authentication.waiting == 0


def test_a_session_that_waits_for_its_bind_reads_nothing_more(peers: Connect) -> None:
    limits = {"failed_binds_free": 0, "failed_bind_delay": "300ms", "failed_bind_delay_max": "300ms"}
    with world("shop", **limits) as smsc:
        assert peers(smsc).bind("shop", "wrong") == 0x0D
        peer = peers(smsc)
        peer.ask(_bind("shop", "secret"))
        peer.sock.settimeout(0.1)
        sent = 0
        try:
            while sent < 64 << 20:
                sent += peer.sock.send(bytes(65536))
        except (TimeoutError, ConnectionError):
            pass
        held = smsc.server.listener.connections
        assert all(connection.session.chunk_octets < 1 << 20 for connection in held.values())
        assert sent < 64 << 20


def test_the_bind_timer_does_not_run_while_the_server_makes_one_wait(peers: Connect) -> None:
    with world(
        "shop",
        failed_binds_free=0,
        failed_bind_delay="600ms",
        failed_bind_delay_max="600ms",
        bind_timeout="200ms",
    ) as smsc:
        assert peers(smsc).bind("shop", "wrong") == 0x0D
        assert peers(smsc).bind("shop", "secret") == 0


def test_unknown_names_cost_what_wrong_passwords_cost(peers: Connect, figure: Figure) -> None:
    """One verification each, and of a hash that takes as much work."""
    with world("shop", failed_binds_free=1000) as smsc:
        verified = watched(smsc)
        costs: dict[str, list[str]] = {}
        times = {"shop": Took(), "nobody": Took()}
        for name, taken in times.items():
            for _ in range(10):
                peer = peers(smsc)
                with taken:
                    assert peer.bind(name, "guess") == 0x0D
            costs[name] = [stored.rsplit("$", 2)[0] for stored in verified]  # all but salt and hash
            verified.clear()
        assert costs["shop"] == costs["nobody"]
        assert len(costs["shop"]) == 10
    figure(10, f"wrong password {times['shop']}, unknown name {times['nobody']}")


def watched(smsc: SmscHandle) -> list[str]:
    """The stored hashes that passwords are compared with from now on."""
    verified: list[str] = []
    gate = smsc.server.listener.port
    ordinary = gate.verify

    def verify(stored: str, given: str, done: Callable[[bool], None]) -> None:
        verified.append(stored)
        ordinary(stored, given, done)

    gate.verify = verify  # type: ignore
    return verified


def test_a_reconnect_storm_needs_one_slow_verification_per_name(peers: Connect) -> None:
    with world("shop") as smsc:
        verified = watched(smsc)
        for _ in range(50):
            assert peers(smsc).bind("shop", "secret") == 0
        assert len(verified) == 1


# --- whose turn it is: guesses wait for one another -----------------------------------------------


class Turns:
    """Verifications that take as long as the test wants."""

    def __init__(self) -> None:
        self.started: list[tuple[int, str, str]] = []
        self.dropped: list[str] = []
        self.queues: Verification[str] = Verification(self._start, self.dropped.append)

    def _start(self, pool: int, bind: str, stored: str) -> None:
        self.started.append((pool, bind, stored))

    def finish(self, pool: int) -> None:
        self.queues.done(pool)
        self.queues.serve(pool)


def test_a_first_bind_goes_before_every_guess() -> None:
    turns = Turns()
    for number in range(1_000):
        turns.queues.wait(UNKNOWN, f"unknown {number}", "hash", True)
        turns.queues.wait(KNOWN, f"guess {number}", "hash", False)
    turns.queues.wait(KNOWN, "peer", "hash", True)
    turns.queues.wait(KNOWN, "another peer", "hash", True)
    turns.finish(KNOWN)
    turns.finish(KNOWN)
    turns.finish(KNOWN)
    known = [bind for pool, bind, _ in turns.started if pool == KNOWN]
    assert known == ["guess 0", "peer", "another peer", "guess 999"]
    assert len(turns.dropped) == 2 * (1_000 - 1 - 64)


def test_a_wrong_password_waits_behind_unknown_names_as_they_do() -> None:
    turns = Turns()
    assert not turns.queues.refuse_later("wrong")  # nobody waits: it may be refused at once
    for number in range(3):
        turns.queues.wait(UNKNOWN, f"unknown {number}", "hash", True)
    assert turns.queues.refuse_later("wrong")
    assert [bind for _, bind, _ in turns.started] == ["unknown 0"]
    turns.finish(UNKNOWN)
    assert turns.started[1:] == [(UNKNOWN, "wrong", ""), (UNKNOWN, "unknown 2", "hash")]


def test_guesses_at_names_do_not_hold_up_a_first_bind(peers: Connect, figure: Figure) -> None:
    with world("shop", "other", failed_binds_free=1_000) as smsc:
        slow = smsc.server.engine.authentication
        flood = []
        for number in range(300):
            attacker = peers(smsc)
            attacker.ask(_bind(f"nobody{number}", "guess"))
            flood.append(attacker)
        with Took() as first:
            assert peers(smsc).bind("shop", "secret") == 0
        waited = len(slow.verification.guesses[UNKNOWN])
        for attacker in flood:
            answer = attacker.pdu()
            assert answer is not None
            assert answer.status == 0x0D
    figure(10, f"a first bind took {first} while {waited} guesses at unknown names waited")
