"""`python -m onshelf.sandbox`: the sandbox as a process; one JSON line on stdout says where everything is."""

import argparse
import math
from pathlib import Path

import uvloop

from onshelf.sandbox.platform import Options
from onshelf.sandbox.quota import Limits
from onshelf.sandbox.seeded import MOST
from onshelf.sandbox.server import serve


def main(arguments: list[str] | None = None) -> None:
    """Reads the options and serves until interrupted."""
    given = _parser().parse_args(arguments)
    limits = Limits(per_second=given.per_second, per_minute=given.per_minute, per_day=given.per_day)
    options = Options(
        app_key=given.app_key,
        app_secret=given.app_secret,
        session=given.session,
        seller_nick=given.seller_nick,
        seed=given.seed,
        items=given.items,
        state=given.state,
        more_apps=dict(given.app),
        limits=limits,
        replay=given.replay,
        redeliver_s=given.tmc_redeliver_s,
    )
    uvloop.run(serve(options, port=given.port, tmc_port=given.tmc_port, host=given.host))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="onshelf-sandbox", description=__doc__)
    defaults = Options()
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--tmc-port", type=int, default=0, help="of the message service; 0 takes a free one")
    parser.add_argument(
        "--tmc-redeliver-s",
        type=_seconds,
        default=defaults.redeliver_s,
        help="seconds until an unconfirmed message is pushed again",
    )
    parser.add_argument("--host", default="127.0.0.1", help="loopback unless told otherwise")
    parser.add_argument("--state", type=Path, help="file loaded at the start and written at the end")
    parser.add_argument("--replay", type=Path, help="a file of calls and replies that answers equal calls")
    parser.add_argument("--seed", type=int, default=0, help="of ids, tokens and faults")
    parser.add_argument(
        "--items", type=_items, default=0, help="the first shop begins with so many, made from the seed"
    )
    parser.add_argument("--app-key", default=defaults.app_key)
    parser.add_argument("--app-secret", default=defaults.app_secret)
    parser.add_argument("--session", default=defaults.session)
    parser.add_argument("--seller-nick", default=defaults.seller_nick)
    parser.add_argument(
        "--app", type=_app, action="append", default=[], metavar="KEY=SECRET", help="another app"
    )
    for window in ("second", "minute", "day"):
        parser.add_argument(
            f"--per-{window}", type=int, help=f"calls a {window} of the first app; unlimited without"
        )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"use seconds, more than 0, not {text!r}")
    return seconds


def _items(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST:
        raise argparse.ArgumentTypeError(f"use 0 to {MOST}, not {text!r}")
    return int(text)


def _app(text: str) -> tuple[str, str]:
    key, equals, secret = text.partition("=")
    if not (key and equals and secret):
        raise argparse.ArgumentTypeError(f"use KEY=SECRET, not {text!r}")
    return key, secret


if __name__ == "__main__":
    main()
