"""One look for all pages: no class of the sheet is idle, and no template asks for a class the sheet does not know."""

import re
from importlib.resources import files
from pathlib import Path

WEB = Path(str(files("onshelf.web")))
SHEET = re.sub(r"/\*.*?\*/", "", (WEB / "static" / "onshelf.css").read_text("utf-8"), flags=re.DOTALL)
TEMPLATES = {path.name: path.read_text("utf-8") for path in sorted((WEB / "templates").glob("*.html"))}
SCRIPTS = "\n".join(
    path.read_text("utf-8") for path in (WEB / "static").glob("*.js") if not path.name.endswith(".min.js")
)
CLASSES = re.compile(r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"')
BLOCK, FILLED = re.compile(r"\{%.*?%\}"), re.compile(r"([\w-]*)\{\{(.*?)\}\}")
WORD = re.compile(r"'([a-z][a-z0-9 -]*)'")


def asked_for(source: str) -> tuple[set[str], set[str]]:
    """Returns the classes a template asks for by name, and the beginnings of those it puts together."""
    names: set[str] = set()
    begun: set[str] = set()
    for value in CLASSES.findall(source):
        for token in BLOCK.sub(" ", FILLED.sub(_kept, value)).split():
            if "\0" in token:
                begun.add(token.partition("\0")[0])
            else:
                names.add(token)
    return names, begun - {""}


def _kept(filled: re.Match[str]) -> str:
    """Whole classes to choose from stay; of one that is put together its beginning stays."""
    begun, choice = filled[1], filled[2].strip()
    chosen = WORD.findall(choice) if choice.startswith("'") and not begun else []
    return " ".join(chosen) or f"{begun}\0"


def known() -> set[str]:
    """Returns the classes the sheet speaks of."""
    selectors = re.sub(r"\{[^{}]*\}", " ", re.sub(r'"[^"]*"', "", SHEET))
    return set(re.findall(r"\.([a-z][\w-]*)", selectors))


def test_no_template_asks_for_a_class_the_sheet_does_not_know() -> None:
    in_scripts = set(re.findall(r"[.\"' ]([a-z][a-z0-9-]+)", SCRIPTS))

    strange = {
        name: missing
        for name, source in TEMPLATES.items()
        if (missing := asked_for(source)[0] - known() - in_scripts)
    }

    assert strange == {}


def test_no_class_of_the_sheet_is_idle() -> None:
    names = set().union(*(asked_for(source)[0] for source in TEMPLATES.values()))
    begun = tuple(
        set(re.findall(r"([a-z-]+-)\$\{", SCRIPTS)).union(
            *(asked_for(source)[1] for source in TEMPLATES.values())
        )
    )

    idle = {
        one
        for one in known() - names
        if not one.startswith(begun) and not re.search(rf"\b{re.escape(one)}\b", SCRIPTS)
    }

    assert idle == set()
