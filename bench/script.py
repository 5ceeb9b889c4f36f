"""A publish as a short script does it with aiohttp: reads, signs, sends, decodes, reads back; keeps no record, checks nothing.

Run by `publish.py` as a rival; alone: python bench/script.py SANDBOX_INFO_JSON PRODUCTS_CSV
"""

import asyncio
import csv
import hmac
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import msgspec
import uvloop
from figures import Run, cpu_s

CONCURRENCY = 32
READ_BACK = 20  # items a call


class Script:
    """One loop over the rows of a product file."""

    def __init__(self, info: dict[str, Any], folder: Path, http: aiohttp.ClientSession) -> None:
        self.info = info
        self.folder = folder
        self.http = http
        self.made: list[int] = []

    def signed(self, method: str, params: dict[str, str]) -> dict[str, str]:
        """Adds the protocol's parameters and the signature."""
        params |= {
            "method": method,
            "app_key": self.info["app_key"],
            "session": self.info["session"],
            "v": "2.0",
        }
        params |= {
            "format": "json",
            "sign_method": "hmac",
            "timestamp": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600)),
        }
        said = "".join(name + value for name, value in sorted(params.items()))
        return params | {
            "sign": hmac.digest(self.info["app_secret"].encode(), said.encode(), "md5").hex().upper()
        }

    async def call(
        self, method: str, params: dict[str, str], picture: tuple[str, bytes] | None = None
    ) -> Any:
        """Makes a call and returns what stands inside the reply's root."""
        signed = self.signed(method, params)
        query, data = (
            (None, aiohttp.FormData(signed)) if picture is None else (signed, aiohttp.FormData(params))
        )
        if picture is not None:
            data.add_field("img", picture[1], filename=picture[0], content_type="image/jpeg")
        async with self.http.post(self.info["gateway"], params=query, data=data) as reply:
            ((root, told),) = json.loads(await reply.read()).items()
        if root == "error_response":
            raise SystemExit(f"{method}: {told}")
        return told

    async def publish(self, row: dict[str, str]) -> None:
        """Uploads the picture, makes the item, and reads back every twenty."""
        content = (self.folder / row["图片"]).read_bytes()
        title = {"picture_category_id": "0", "image_input_title": "a.jpg", "title": row["商家编码"]}
        picture = (await self.call("taobao.picture.upload", title, ("a.jpg", content)))["picture"]
        item = {
            "type": "fixed", "stuff_status": "new", "cid": "50000671", "location.state": "浙江", "location.city": "杭州",
            "outer_id": row["商家编码"], "title": row["标题"], "price": row["价格"], "num": row["库存"], "desc": row["描述"],
            "pic_path": picture["picture_path"].partition("/imgextra/")[2] or picture["picture_path"],
        }  # fmt: skip
        self.made.append((await self.call("taobao.item.add", item))["item"]["num_iid"])
        if len(self.made) % READ_BACK == 0:
            ids = ",".join(map(str, self.made[-READ_BACK:]))
            fields = "num_iid,title,price,num,approve_status,outer_id"
            await self.call("taobao.items.seller.list.get", {"fields": fields, "num_iids": ids})

    async def run(self, rows: Sequence[dict[str, str]]) -> None:
        left: Iterator[dict[str, str]] = iter(rows)

        async def work() -> None:
            for row in left:
                await self.publish(row)

        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))


async def main(info: dict[str, Any], file: Path, rows: Sequence[dict[str, str]]) -> Run:
    began, used = perf_counter(), cpu_s()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        script = Script(info, file.parent, http)
        await script.run(rows)
    return Run(len(script.made), perf_counter() - began, cpu_s() - used)


if __name__ == "__main__":
    given = Path(sys.argv[2])
    with given.open(encoding="utf-8", newline="") as catalogue:
        products = list(csv.DictReader(catalogue))
    print(msgspec.json.encode(uvloop.run(main(json.loads(sys.argv[1]), given, products))).decode())
