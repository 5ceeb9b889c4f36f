"""Follows what happens in the shops, as it happens; after a break it goes on where it was.

    python examples/follow_events.py [LAST_ID [COUNT]]

ONSHELF_KEY holds a key, ONSHELF_URL where the service is (http://127.0.0.1:8787 unless told).
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

URL = os.environ.get("ONSHELF_URL", "http://127.0.0.1:8787")
SILENCE_S = 60  # a sign of life comes every 15 s


def follow(last: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    """Yields (id, event) until the connection breaks; `last`: the id seen last, empty for only what is to come."""
    request = urllib.request.Request(f"{URL}/api/v1/events?after={last}")
    request.add_header("Authorization", "Bearer " + os.environ["ONSHELF_KEY"])
    with urllib.request.urlopen(request, timeout=SILENCE_S) as reply:
        for line in reply:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                last = value
            if name == "data":
                yield last, json.loads(value)


def main(last: str = "", count: str = "0") -> None:
    left = int(count) or -1
    while left:
        try:
            for seen, event in follow(last):
                last = seen
                print(last, event["type"], event["data"], flush=True)
                left -= 1
                if not left:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            print(f"the connection broke ({error}); again in 3 s", file=sys.stderr)
        time.sleep(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
