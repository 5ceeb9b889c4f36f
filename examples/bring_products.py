"""Brings products into a shop in one streaming request; each line of the answer tells of one product.

    python examples/bring_products.py SHOP

ONSHELF_KEY holds a key of an operator, ONSHELF_URL where the service is (http://127.0.0.1:8787 unless told).
"""

import http.client
import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any

URL = os.environ.get("ONSHELF_URL", "http://127.0.0.1:8787")
PRODUCTS = [  # what an ERP would read from its own tables
    {"outer_id": "QZ-0417", "title": "连衣裙 2026 夏季新款 收腰显瘦", "price": "59.00", "stock": 5},
    {"outer_id": "QZ-0418", "title": "", "price": "abc"},
]


def main(shop: str) -> None:
    body = "".join(json.dumps(product, ensure_ascii=False) + "\n" for product in PRODUCTS).encode()
    request = urllib.request.Request(f"{URL}/api/v1/shops/{shop}/imports", data=body)
    request.add_header("Authorization", "Bearer " + os.environ["ONSHELF_KEY"])
    request.add_header("Content-Type", "application/x-ndjson")
    told: dict[str, Any] = {}
    try:
        with urllib.request.urlopen(request) as reply:
            for line in reply:
                told = json.loads(line)
                faults = "; ".join(fault["message"] for fault in told.get("faults", ()))
                print(told.get("outer_id", ""), told.get("status", told), faults)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{error.code} {error.reason}: {error.read().decode('utf-8', 'replace')}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(error or type(error).__name__, file=sys.stderr)
    if "import_id" not in told:  # the last line has it
        raise SystemExit("the answer broke off: send again what it did not tell of")
    if "code" in told:
        raise SystemExit("{code}: {title} {remedy}".format(**told))


if __name__ == "__main__":
    main(*sys.argv[1:])
