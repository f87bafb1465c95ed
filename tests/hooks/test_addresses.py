"""Where announcements may be sent, and where not."""

from __future__ import annotations

import pytest

from app.hooks.addresses import UnfitUrlError, check_url, is_public

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an example of what is refused
    "255.255.255.255",
    "224.0.0.1",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "::127.0.0.1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", [*PRIVATE, "", "nonsense", "127.1", "0x7f.0.0.1"])
def test_an_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.org/hooks",
        "https://crm.example.org",
        "https://crm.example.org:8443/a?key=1",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
    ],
)
def test_a_public_address_may_be_used(url: str) -> None:
    assert check_url(url, anywhere=False).hostname


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "unreadable"),
        ("crm.example.org/hooks", "unreadable"),
        ("ftp://crm.example.org/", "unreadable"),
        ("file:///etc/passwd", "unreadable"),
        ("https://", "unreadable"),
        ("https://a:b@crm.example.org/", "unreadable"),
        ("https://crm.example.org/#part", "unreadable"),
        ("https://crm.example.org/a b", "unreadable"),
        ("https://crm.example.org/\r\nHost: other", "unreadable"),
        ("https://crm.example.org\\@127.0.0.1/", "unreadable"),
        ("https://crm.example.org:99999/", "unreadable"),
        ("https://crm.example.org:0/", "unreadable"),
        ("https://crm.example.org/" + "x" * 500, "unreadable"),
        ("https://кириллица.example.org/", "unreadable"),
        ("http://crm.example.org/", "not_https"),
        ("https://localhost/", "not_public"),
        ("https://crm/", "not_public"),
        ("https://crm.internal/", "not_public"),
        ("https://printer.local./", "not_public"),
        ("https://2130706433/", "not_public"),
        ("https://0x7f000001/", "not_public"),
        ("https://127.1/", "not_public"),
        ("https://0177.0.0.1/", "not_public"),
        *((f"https://{f'[{one}]' if ':' in one else one}/", "not_public") for one in PRIVATE if "%" not in one),
    ],
)
def test_any_other_is_refused_and_why(url: str, why: str) -> None:
    with pytest.raises(UnfitUrlError, match=why):
        check_url(url, anywhere=False)


@pytest.mark.parametrize("url", ["http://localhost:9000/hook", "http://127.0.0.1:9000/", "https://crm.internal/"])
def test_a_developers_own_machine_may_be_used_in_development(url: str) -> None:
    assert check_url(url, anywhere=True).hostname
