"""Clients nobody here wrote, each in a process of its own, all asked and answering in the same way.

An adapter (`tests/clients/python`, `tests/clients/node`) hands a client one order a line and prints what its user would have
got. The clients themselves are in `build/clients`, where `make clients` or `make test` installs them.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

HERE = Path(__file__).parents[1] / "clients"
INSTALLED = HERE.parents[1] / "build" / "clients"
PYTHON_PATH = INSTALLED / "python"
NODE_PATH = INSTALLED / "node" / "node_modules"
BEIJING = {"python": "CST-8", "node": "Asia/Shanghai"}
"""Most clients write the wall time of their machine, and the gateway reads it as Beijing's. Source: top-protocol.md 1.3."""

JSON_ONLY, POSTS_ONLY, NO_FILES = "reads JSON only", "always posts", "knows no files"
NO_GZIP = "does not ask for it"
ROUNDS_IDS = "rounds ids above 2^53"
BROKEN_FILES = "sends how Python shows the bytes"

SEEDED = 11223344
"""The item a new sandbox holds."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Stranger:
    """A client of somebody else."""

    name: str  # on the conformance page and in the tests' ids
    package: str
    registry: str  # where its package is published
    adapter: str  # its file below tests/clients
    cannot: Mapping[str, str] = field(default_factory=dict)  # what no user of it can do → why

    @property
    def language(self) -> str:
        return self.adapter.split("/", 1)[0]

    @property
    def missing(self) -> str:
        """Tells why it cannot run here; empty when it can."""
        if self.language == "node" and not (shutil.which("node") and NODE_PATH.is_dir()):
            return "!!! TESTS WITH NODE.JS CLIENTS SKIPPED: install nodejs and npm, then `make clients` !!!"
        if self.language == "python" and not PYTHON_PATH.is_dir():
            return "!!! TESTS WITH PYTHON CLIENTS SKIPPED: they are not installed, run `make clients` !!!"
        return ""

    @property
    def environment(self) -> dict[str, str]:
        """Returns where it finds itself, and the time of Beijing."""
        own = {"PYTHONPATH": str(PYTHON_PATH), "NODE_PATH": str(NODE_PATH), "TZ": BEIJING[self.language]}
        return {**os.environ, **own}

    def command(self, *arguments: str) -> list[str]:
        """Returns what starts its adapter. Its warnings are its authors' business."""
        program = [sys.executable, "-W", "ignore"] if self.language == "python" else ["node", "--no-warnings"]
        return [*program, str(HERE / self.adapter), *arguments]


STRANGERS = (
    Stranger(
        "topsdk-python",
        "topsdk",
        "PyPI",
        "python/topsdk_client.py",
        {
            "xml": JSON_ONLY,
            "get": POSTS_ONLY,
            "gzip": NO_GZIP,
            "any bytes": "sends files as text",
            "wall time": "writes milliseconds",
        },
    ),
    Stranger(
        "taobaopy",
        "taobaopy",
        "PyPI",
        "python/taobaopy_client.py",
        {"xml": JSON_ONLY, "get": POSTS_ONLY},
    ),
    Stranger(
        "taobaopyx",
        "taobaopyx",
        "PyPI",
        "python/taobaopyx_client.py",
        {"xml": JSON_ONLY, "get": POSTS_ONLY},
    ),
    Stranger(
        "node-taobao-topclient",
        "node-taobao-topclient",
        "npm",
        "node/topclient.js",
        {"upload": NO_FILES, "any bytes": NO_FILES, "gzip": NO_GZIP},
    ),
    Stranger(
        "top-node",
        "top",
        "npm",
        "node/top.js",
        {"xml": JSON_ONLY, "upload": NO_FILES, "any bytes": NO_FILES, "gzip": NO_GZIP},
    ),
    Stranger("topsdk-node", "topsdk", "npm", "node/topsdk.js", {"gzip": NO_GZIP}),
    Stranger(
        "ali-topSdk",
        "ali-topSdk",
        "npm",
        "node/alitopsdk.js",
        {"xml": JSON_ONLY, "get": POSTS_ONLY, "gzip": NO_GZIP, "exact ids": ROUNDS_IDS},
    ),
    Stranger(
        "py-taobao-open",
        "py-taobao-open",
        "PyPI",
        "python/py_taobao_open_client.py",
        {
            "xml": JSON_ONLY,
            "get": POSTS_ONLY,
            "gzip": NO_GZIP,
            "upload": BROKEN_FILES,
            "wall time": "writes milliseconds",
        },
    ),
)

OAUTH = (
    Stranger("requests-oauthlib", "requests-oauthlib", "PyPI", "python/oauthlib_client.py"),
    Stranger("authlib", "authlib", "PyPI", "python/authlib_client.py"),
    Stranger("simple-oauth2", "simple-oauth2", "npm", "node/oauth.js"),
)
"""Clients of OAuth at large; asked for links and tokens. The last two name their app in a header unless told otherwise."""

NEWMAN = Stranger("newman", "newman", "npm", "node/postman.js")
"""Runs Postman's collections; asked by `run_collection`."""


def clients(*needs: str) -> pytest.MarkDecorator:
    """Runs a check with every client that can do all it needs: the check's `client`."""
    able = [one for one in STRANGERS if not set(needs) & set(one.cannot)]
    return pytest.mark.parametrize("client", able, indirect=True, ids=[one.name for one in able])


class Refused(Exception):
    """The client told its user of a platform error: `args` are code and sub_code."""


class Failed(Exception):
    """The client broke: no platform error, no answer."""


@dataclass(frozen=True)
class Desk:
    """The controls of a sandbox."""

    info: Mapping[str, Any]  # its start-up line

    def control(self, path: str, order: Mapping[str, object] | None = None) -> Any:
        """Uses a control: POST with an order, else GET."""
        body = None if order is None else json.dumps(order).encode()
        with urlopen(Request(f"{self.info['control']}/{path}", data=body), timeout=30) as reply:
            return json.load(reply)

    def agree(self, link: str = "") -> str:
        """Clicks through the authorise page as the seller, and returns the address the browser is sent to."""
        asked = {
            "client_id": self.info["app_key"],
            "response_type": "code",
            "redirect_uri": "http://127.0.0.1/",
        }
        page = urlsplit(link or f"{self.info['oauth']}/authorize?{urlencode(asked)}")
        chosen = urlencode({"nick": self.info["seller_nick"]})
        browser = HTTPConnection(page.hostname or "", page.port, timeout=30)
        browser.request("POST", f"{page.path}?{page.query}", chosen)
        back = browser.getresponse().getheader("location")
        browser.close()
        assert back, "the page sends nobody back"
        return back

    def code(self) -> str:
        """Lets the seller agree, and returns the code that says so."""
        return parse_qs(urlsplit(self.agree()).query)["code"][0]


class Running:
    """A client at work: asked over the pipes of its process."""

    def __init__(self, stranger: Stranger, info: Mapping[str, Any], **environment: str) -> None:
        self.stranger, self._info = stranger, info
        self._process = subprocess.Popen(
            stranger.command(info["gateway"]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**stranger.environment, **environment},
        )

    def ask(
        self,
        method: str,
        *,
        session: str | None = None,
        secret: str | None = None,
        app_key: str | None = None,
        verb: str = "",
        files: Mapping[str, bytes] | None = None,
        **params: object,
    ) -> Any:
        """Makes a call and returns what stands inside the reply's root; without a root, or as text, all of it.

        Raises: Refused, Failed.
        """
        order = {
            "method": method,
            "params": params,
            "session": self._info["session"] if session is None else session,
            "secret": secret or self._info["app_secret"],
            "app_key": app_key or self._info["app_key"],
            "verb": verb,
            "files": {name: base64.b64encode(one).decode() for name, one in (files or {}).items()},
        }
        outcome = self._exchange(order)
        if "refused" in outcome:
            raise Refused(*outcome["refused"])
        if "failed" in outcome:
            raise Failed(outcome["failed"])
        answer = outcome["answer"]
        root = method.removeprefix("taobao.").replace(".", "_") + "_response"
        return answer.get(root, answer) if isinstance(answer, dict) else answer

    def _exchange(self, order: Mapping[str, Any]) -> Json:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"{self.stranger.name} has ended"
        outcome: Json = json.loads(line)
        return outcome

    def refusal(self, method: str, **how: Any) -> tuple[object, ...]:
        """Makes a call that is to be refused, and returns code and sub_code as its user gets them."""
        with pytest.raises(Refused) as refused:
            self.ask(method, **how)
        return refused.value.args

    def stop(self) -> None:
        """Ends its input, and waits for it."""
        self._process.communicate(timeout=30)


def run_collection(collection: Path, desk: Desk, *, folder: str = "", **variables: object) -> Json:
    """Makes the requests of a Postman collection: all, or those of one folder.

    Returns `requests` and `assertions` as counts, and `failures`, each with `method`, `test` and `message`.
    """
    own = {name: desk.info[name] for name in ("gateway", "app_key", "app_secret", "session", "num_iid")}
    command = NEWMAN.command(str(collection), json.dumps({**own, **variables}), *([folder] if folder else []))
    done = subprocess.run(
        command, env=NEWMAN.environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    outcome: Json = json.loads(done.stdout)
    return outcome
