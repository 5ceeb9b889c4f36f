"""Receives webhooks of onshelf: checks the signature and the age, drops repeats, answers at once.

    WEBHOOK_SECRET=whsec_… python examples/receive_webhook.py [PORT [COUNT]]

The secret is shown when the webhook is made. Signature after the Standard Webhooks specification.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
TOLERANCE_S = 300
seen: set[str] = set()  # a real program keeps these with what it does


class Receiver(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message_id, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        mac = hmac.digest(KEY, f"{message_id}.{at}.".encode() + body, hashlib.sha256)
        right = "v1," + base64.b64encode(mac).decode()
        signed = any(hmac.compare_digest(one, right) for one in self.headers["webhook-signature"].split())
        good = signed and abs(time.time() - int(at)) < TOLERANCE_S
        self.send_response(204 if good else 401)
        self.end_headers()
        if good and message_id not in seen:
            seen.add(message_id)
            event = json.loads(body)
            print(event["type"], event["data"], flush=True)

    def log_message(self, *_: object) -> None:
        """Says nothing of its own."""


def main(port: str = "9000", count: str = "0") -> None:
    server = HTTPServer(("127.0.0.1", int(port)), Receiver)
    print(f"listening at http://127.0.0.1:{server.server_port}/", flush=True)
    left = int(count) or -1
    while left:
        server.handle_request()
        left -= 1


if __name__ == "__main__":
    main(*sys.argv[1:])
