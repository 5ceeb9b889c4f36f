"""What a spreadsheet that we write may hold: text and numbers, nothing that is computed when it is opened. Pure."""

TEXT_ONLY = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
"""Options of a workbook that is written row by row and keeps every text a text."""
_LONGEST = 32_000  # characters; a cell holds 32,767, and a longer description is a fault anyway


def fit(cell: str) -> str:
    """Makes a text fit for a cell: what XML cannot hold becomes U+FFFD, which a later check finds again."""
    if cell.isprintable():
        return cell[:_LONGEST]
    return "".join(char if char in "\t\n\r" or _holds(ord(char)) else "\ufffd" for char in cell[:_LONGEST])


def _holds(code: int) -> bool:
    return code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)
