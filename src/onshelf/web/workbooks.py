"""Workbooks as answers: handed to be saved under a name."""

from typing import Any
from urllib.parse import quote

from fastapi.responses import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"description": "A workbook.", "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}
"""What the description says of a route that answers with one."""


def workbook_answer(body: bytes, name: str) -> Response:
    """Hands a workbook to be saved; its name may be of any script."""
    quoted = quote(name)
    told = f'filename="{name}"' if quoted == name else f"filename*=UTF-8''{quoted}"
    return Response(body, media_type=XLSX, headers={"Content-Disposition": f"attachment; {told}"})
