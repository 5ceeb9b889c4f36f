"""The products whose lines failed, as a workbook to mend and import again: written in the columns the readers understand.

What is imported again unchanged makes the same product; the column of reasons is not read.
"""

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from onshelf.catalog.product import Product, Sku
from onshelf.catalog.store import get_products
from onshelf.clock import from_us
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.outcome import said
from onshelf.listing.report import line_pages
from onshelf.listing.workbook import Cells, workbook
from onshelf.store.db import Database
from onshelf.texts import Lang, text

_OPTIONS = 3  # as many options of a variant have columns; the platform's categories know no more
_HEADERS: dict[Lang, tuple[str, ...]] = {
    "zh": (
        "商家编码", "标题", "价格", "库存", "规格编码", "规格1名称", "规格1", "规格2名称", "规格2", "规格3名称", "规格3",
        "类目", "属性", "省", "市", "运费模板", "新旧程度", "图片", "描述", "错误原因(onshelf)",
    ),
    "en": (
        "outer_id", "title", "price", "stock", "sku_outer_id", "option1 name", "option1", "option2 name", "option2",
        "option3 name", "option3", "category", "properties", "province", "city", "postage_id", "condition", "picture",
        "description", "reason(onshelf)",
    ),
}  # fmt: skip
_WIDTHS = (20, 40, 10, 8, 16, 10, 10, 10, 10, 10, 10, 12, 24, 8, 8, 12, 8, 30, 40, 80)


async def failed_rows(db: Database, job: Job, lang: Lang) -> bytes:
    """Writes the products of a job's failed lines; those that are no longer here are left out.

    Pictures are named relative to the folder they have in common: there the workbook belongs, or `--pictures` names it.
    """
    folder = await _common_folder(db, job)
    return await workbook(
        text("listing.failed.sheet", lang),
        _HEADERS[lang],
        _rows(db, job, lang, folder),
        widths=_WIDTHS,
        made=from_us(job.created_us),
    )


async def _failed(db: Database, job: Job, lang: Lang = "zh") -> AsyncIterator[list[tuple[Product, str]]]:
    """Yields failed products with the reason, some hundred at a time."""
    async for page in line_pages(db, job.job_id, state=JobState.FAILED):
        known = await get_products(db, job.shop_id, [one.line.key for one in page])
        told = [(one.line.key, said(one.outcome, lang)) for one in page]
        yield [(known[key].product, f"{one.what}\n{one.remedy}".strip()) for key, one in told if key in known]


async def _common_folder(db: Database, job: Job) -> Path | None:
    folders = {
        str(Path(source).parent)
        async for page in _failed(db, job)
        for product, _ in page
        for source in product.pictures
        if "://" not in source
    }
    return Path(os.path.commonpath(folders)) if folders else None


async def _rows(db: Database, job: Job, lang: Lang, folder: Path | None) -> AsyncIterator[list[Cells]]:
    async for page in _failed(db, job, lang):
        yield [row for product, reason in page for row in rows_of(product, reason, folder)]


def rows_of(product: Product, reason: str, folder: Path | None) -> list[Cells]:
    """Returns the row of a product, or one for each of its variants; the first says what all share."""
    shared = (
        str(product.category_id),
        product.properties,
        product.province,
        product.city,
        str(product.delivery_template_id or ""),
        product.condition,
        "\n".join(_named(source, folder) for source in product.pictures),
        product.description,
        reason,
    )
    if not product.skus:
        none = ("",) * (1 + 2 * _OPTIONS)
        return [(product.outer_id, product.title, str(product.price), str(product.stock), *none, *shared)]
    first, *more = product.skus
    return [
        (product.outer_id, product.title, *_variant(first), *shared),
        *((product.outer_id, "", *_variant(sku), *("",) * len(shared)) for sku in more),
    ]


def _variant(sku: Sku) -> Sequence[str]:
    options = [part for option in sku.options[:_OPTIONS] for part in option]
    return (
        str(sku.price),
        str(sku.stock),
        sku.outer_id,
        *options,
        *("",) * (2 * _OPTIONS - len(options)),
    )


def _named(source: str, folder: Path | None) -> str:
    if folder is None or "://" in source:
        return source
    return Path(source).relative_to(folder).as_posix()
