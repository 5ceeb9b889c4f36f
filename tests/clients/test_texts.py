"""Any text, as other people's clients encode and sign it: none is refused for its signature, none arrives changed."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strangers import SEEDED, Desk, Json, Running, clients

from onshelf.sandbox.policy import Policy

VALUES = st.text(st.characters(codec="utf-8"), max_size=30)
NAMES = st.from_regex(r"x[A-Za-z0-9]{0,3}(_[A-Za-z0-9]{1,3}){0,2}", fullmatch=True)
PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30)
TITLES = PRINTABLE.filter(lambda title: not Policy().banned(title))
few = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@clients()
@given(fields=st.dictionaries(NAMES, VALUES, max_size=5))
@few
def test_no_text_makes_a_signature_wrong(client: Running, fields: Json) -> None:
    assert client.ask("taobao.time.get", **fields)["time"]


@clients()
@given(title=TITLES)
@few
def test_a_title_arrives_as_it_was_written(client: Running, desk: Desk, title: str) -> None:
    client.ask("taobao.item.update", num_iid=SEEDED, title=title)

    (item,) = desk.control("items")
    assert item["title"] == title
