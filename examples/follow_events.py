"""Follows what happens in the shops, as it happens; after a break it goes on where it was.

    python examples/follow_events.py [LAST_ID [COUNT]]

ONSHELF_KEY holds a key, ONSHELF_URL where the service is (http://127.0.0.1:8787 unless told).
"""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

URL = os.environ.get("ONSHELF_URL", "http://127.0.0.1:8787")
SILENCE_S = 60  # a sign of life comes every 15 s
REST_S = 3
PASSING = (408, 429, 500, 502, 503, 504)  # any other refusal stays one: key, id or address are to be mended


def follow(last: str = "") -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yields (id, event) until the connection breaks; None: a sign of life, nothing more happened up to there.

    `last`: the id seen last, empty for only what is to come.
    """
    request = urllib.request.Request(f"{URL}/api/v1/events?after={last}")
    request.add_header("Authorization", "Bearer " + os.environ["ONSHELF_KEY"])
    with urllib.request.urlopen(request, timeout=SILENCE_S) as reply:
        place, data = last, ""
        for line in reply:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                place = value
            elif name == "data":
                data = value
            elif line == b"\n":  # only now it is whole
                yield place, json.loads(data) if data else None
                data = ""


def main(last: str = "", count: str = "0") -> None:
    left = int(count) or -1
    while left:
        rest_s = REST_S
        try:
            for seen, event in follow(last):
                last = seen
                if event is None:
                    continue
                print(last, event["type"], event["data"], flush=True)
                left -= 1
                if not left:
                    return
        except urllib.error.HTTPError as error:
            if error.code not in PASSING:
                raise SystemExit(
                    f"{error.code} {error.reason}: {error.read().decode('utf-8', 'replace')}"
                ) from None
            told_s = error.headers.get("Retry-After", "")
            rest_s = max(rest_s, int(told_s) if told_s.isdecimal() else 0)
        except (OSError, http.client.HTTPException) as error:
            print(f"the connection broke ({error}); again in {rest_s} s", file=sys.stderr)
        time.sleep(rest_s)


if __name__ == "__main__":
    main(*sys.argv[1:])
