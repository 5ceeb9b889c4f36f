"""A session's browser in the words people know it by."""

import pytest

from onshelf.web.console.agent import shown_agent

MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            f"{MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
            "Chrome 126 · Windows",
        ),
        (
            f"{MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.56",
            "Edge 126 · Windows",
        ),
        (
            f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
            "Safari 17 · macOS",
        ),
        (f"{MOZILLA} (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128 · Linux"),
        (
            f"{MOZILLA} (Linux; Android 14) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36 MicroMessenger/8.0.49",
            "WeChat 8 · Android",
        ),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 17_4 like Mac OS X) DingTalk(7.5.0)", "DingTalk 7 · iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_named_and_what_is_none_stays_as_it_was_said(said: str, shown: str) -> None:
    assert shown_agent(said) == shown
