"""The night job of an ERP: brings products in, publishes them, follows the job and says what failed.

    python examples/night_job.py SHOP products.ndjson [--go]

Without --go everything is a dry run. ONSHELF_KEY holds a key of an operator, ONSHELF_URL where the service is. A lost answer
is asked for again with the same Idempotency-Key, so that nothing is done twice; the next run has keys of its own.
"""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

URL = os.environ.get("ONSHELF_URL", "http://127.0.0.1:8787")
PASSING = (
    409,
    429,
    503,
)  # under way, too often, not possible now: each says in Retry-After when to ask again
JSON, LINES = "application/json", "application/x-ndjson"


def ask(path: str, body: bytes | None = None, kind: str = JSON) -> Any:
    """Returns the answer; one that was lost is asked for again. Raises SystemExit telling what is wrong."""
    request = urllib.request.Request(f"{URL}/api/v1{path}", data=body)
    request.add_header("Authorization", "Bearer " + os.environ["ONSHELF_KEY"])
    request.add_header("Content-Type", kind)
    request.add_header("Accept-Language", "en")
    if (
        body is not None and "dry_run=true" not in path
    ):  # a dry run does nothing, and is to tell what is so now
        request.add_header("Idempotency-Key", str(uuid.uuid4()))
    rests_s = [1, 5, 30, 60]
    while True:
        try:
            with urllib.request.urlopen(request, timeout=600) as reply:
                return [json.loads(line) for line in reply] if kind == LINES else json.load(reply)
        except urllib.error.HTTPError as error:
            if error.code not in PASSING or not rests_s:
                raise SystemExit("{code}: {title} {remedy}".format(**said(error))) from None
            told_s = error.headers.get("Retry-After", "")
            time.sleep(max(rests_s.pop(0), int(told_s) if told_s.isdecimal() else 0))
        except (
            OSError,
            http.client.HTTPException,
        ) as error:  # no whole answer: it may be done, and the key tells
            if not rests_s:
                raise SystemExit(str(error)) from None
            time.sleep(rests_s.pop(0))


def said(error: urllib.error.HTTPError) -> dict[str, Any]:
    """Returns what an answer says is wrong; a proxy on the way says little."""
    bare = {"code": error.code, "title": error.reason, "remedy": ""}
    try:
        told = json.load(error)
    except (ValueError, OSError, http.client.HTTPException):
        return bare
    return bare | told if isinstance(told, dict) else bare


def rows(path: str) -> Iterator[dict[str, Any]]:
    """Walks a list to its end."""
    cursor = ""
    while True:
        page = ask(f"{path}&limit=200{cursor}")
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"


def main(shop: str, file: str, go: str = "") -> None:
    dry, products = "" if go else "?dry_run=true", Path(file).read_bytes()
    *lines, tally = ask(f"/shops/{shop}/imports{dry}", products, LINES) or [{}]
    for line in lines:
        for fault in line["faults"]:
            print(f"line {line['line']} {line['outer_id']}: {fault['message']} {fault['remedy']}")
    if "import_id" not in tally:
        raise SystemExit("the answer broke off: bring the products in again")
    if "code" in tally:
        raise SystemExit("{code}: {title} {remedy}".format(**tally))
    print("imported:", tally)

    begun = ask(f"/shops/{shop}/publishing{dry}", b"{}")
    if begun["job"] is None:
        print("nothing begun:", begun["plan"] or "there is nothing to do")
        return
    job = begun["job"]["job"]
    while (state := ask(f"/jobs/{job}")["state"]) not in ("succeeded", "failed", "cancelled"):
        time.sleep(10)  # or be told by a webhook: job.ended
    print(job, state)
    for row in rows(f"/jobs/{job}/lines?state=failed&fields=key,message,remedy"):
        print(row["key"], row["message"], row["remedy"])


if __name__ == "__main__":
    main(*sys.argv[1:])
