"""What a browser says it is, in the words people know it by. Pure; a browser may say what it likes, so nothing hangs on it."""

import re

BROWSERS = {
    "DingTalk": "DingTalk",
    "MicroMessenger": "WeChat",
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Version": "Safari",
}
"""Part of a User-Agent before its version -> name; most say several, and the first of these is the one meant."""
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def shown_agent(said: str) -> str:
    """Returns browser, version and system as in `Chrome 156 · Windows`; what is none of these stays as it was said."""
    found = next(
        (
            f"{name} {version[1]}"
            for part, name in BROWSERS.items()
            if (version := re.search(rf"{part}[/(](\d+)", said))
        ),
        "",
    )
    system = next((name for part, name in SYSTEMS.items() if part in said), "")
    return " · ".join(part for part in (found, system) if part) if found else said
