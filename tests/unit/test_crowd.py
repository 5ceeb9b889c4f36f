"""How many connections there may be, and who makes room."""

from dataclasses import dataclass
from ipaddress import ip_network

from hypothesis import given
from hypothesis import strategies as st

from onshelf.web.crowd import Crowd


@dataclass(eq=False)
class One:
    """A connection."""

    address: str = "203.0.113.1"
    idle: bool = True
    is_cut: bool = False

    def cut(self) -> None:
        self.is_cut = True


def test_the_oldest_that_waits_makes_room() -> None:
    crowd, busy, old, young = Crowd(4), One("a", idle=False), One("b"), One("c")
    fourth, newcomer = One("d", idle=False), One("e")
    entered = [crowd.enter(one) for one in (busy, old, young, fourth, newcomer)]

    assert entered == [True] * 5
    assert [one.is_cut for one in (busy, old, young, fourth)] == [False, True, False, False]
    assert len(crowd) == 4


def test_nobody_who_is_being_answered_is_cut() -> None:
    crowd = Crowd(4)
    streams = [One(address, idle=False) for address in "aabb"]
    newcomer = One("c")

    assert all(map(crowd.enter, streams))
    assert not crowd.enter(newcomer)
    assert not any(one.is_cut for one in streams)
    crowd.leave(streams[0])
    assert crowd.enter(newcomer)


def test_one_address_has_half_and_the_rest_is_for_others() -> None:
    crowd = Crowd(10)
    greedy = [One(idle=False) for _ in range(8)]

    assert [crowd.enter(one) for one in greedy] == [True] * 5 + [False] * 3
    assert crowd.enter(One("203.0.113.2"))


def test_a_proxy_that_brings_everybody_may_have_all() -> None:
    crowd = Crowd(10, [ip_network("203.0.113.0/24")])

    assert all(crowd.enter(One(idle=False)) for _ in range(10))


def test_a_greedy_address_makes_room_for_itself_alone() -> None:
    crowd, other = Crowd(10), One("203.0.113.2")
    crowd.enter(other)
    idle = [One() for _ in range(9)]

    assert all(map(crowd.enter, idle))
    assert [one.is_cut for one in idle] == [True] * 4 + [False] * 5
    assert not other.is_cut


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=60))
def test_there_are_never_more_than_there_may_be(moves: list[tuple[str, bool, bool]]) -> None:
    """Whatever comes and goes: the count is that of those who entered and neither left nor were cut."""
    crowd = Crowd(5)
    inside: list[One] = []
    for address, idle, leaves in moves:
        if leaves and inside:
            crowd.leave(inside.pop())
            continue
        one = One(address, idle)
        if crowd.enter(one):
            inside.append(one)
        inside = [other for other in inside if not other.is_cut]
        assert len(crowd) == len(inside) <= 5
