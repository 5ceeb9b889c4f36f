"""Every method of both catalogues, run by newman.

Takes minutes: `make clients` runs it, `make test` does not.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from strangers import NEWMAN, Desk, run_collection

from onshelf.platforms.top.catalogue import names

MAKER = Path(__file__).parents[2] / "scripts" / "postman_collection.py"
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(NEWMAN.missing), reason=NEWMAN.missing),
    pytest.mark.parametrize("client", [NEWMAN.name]),
]


def test_every_known_method_is_answered_or_refused_in_its_own_form(
    client: str, desk: Desk, tmp_path: Path
) -> None:
    collection, picture = tmp_path / "all.json", "postman-picture.png"
    with collection.open("w") as made:
        subprocess.run([sys.executable, str(MAKER)], stdout=made, check=True, timeout=120)
    picture_of_typed = MAKER.parents[1] / "docs" / "reference" / picture
    (tmp_path / picture).write_bytes(picture_of_typed.read_bytes())

    outcome = run_collection(collection, desk)

    assert outcome["failures"] == []
    assert outcome["requests"] == len(names())
