import contextlib
import re
import string
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.checkout.links import MAX_KEY, MAX_LINK, Link, parse
from domain.errors import Invalid

UNREADABLE = "The link holds a character that no address may hold. Copy it again from the browser."


def refusal(typed: str, platform: str = "") -> str:
    with pytest.raises(Invalid) as caught:
        parse(typed, platform=platform)
    assert list(caught.value.errors) == ["link"]
    return caught.value.errors["link"]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("example.com", "https://example.com/"),
        ("  <https://Example.COM/Page>\u200b", "https://example.com/Page"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("HTTPS://EXAMPLE.COM./A", "https://example.com/A"),
        ("//example.com/a", "https://example.com/a"),
        ("example.com/a#part", "https://example.com/a"),
        ("example.com/a/./b/../c/", "https://example.com/a/c/"),
        ("example.com/a/..", "https://example.com/"),
        ("example.com/a?utm_source=x&b=2&fbclid=y&UTM_Medium=z", "https://example.com/a?b=2"),
        ("example.com/%7euser/%e4%bd%a0?q=%2f", "https://example.com/~user/%E4%BD%A0?q=%2F"),
        ("example.com/100%", "https://example.com/100%25"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("http://8.8.8.8/x", "http://8.8.8.8/x"),
        ("http://[2606:4700:0::1111]/x", "http://[2606:4700::1111]/x"),
    ],
)
def test_link_is_written_in_one_way(typed: str, url: str) -> None:
    assert parse(typed).url == url


@pytest.mark.parametrize(
    ("typed", "label", "url"),
    [
        ("instagram.com/p/Cx_1-z?igsh=1", "Instagram post", "https://www.instagram.com/p/Cx_1-z/"),
        ("instagram.com/Anna.B/p/Cx1/", "Instagram post by @anna.b", "https://www.instagram.com/anna.b/p/Cx1/"),
        ("m.instagram.com/reels/Cx1", "Instagram reel", "https://www.instagram.com/reel/Cx1/"),
        ("instagram.com/stories/Anna/123/", "Instagram story by @anna", "https://www.instagram.com/stories/anna/123/"),
        ("instagram.com/Anna", "Instagram profile @anna", "https://www.instagram.com/anna/"),
        ("tiktok.com/@Anna/video/12?_r=1", "TikTok video by @anna", "https://www.tiktok.com/@anna/video/12"),
        ("youtu.be/dQw4w9WgXcQ?si=x", "YouTube video", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("m.youtube.com/shorts/dQw4w9WgXcQ", "YouTube Short", "https://www.youtube.com/shorts/dQw4w9WgXcQ"),
        ("youtube.com/@Anna/videos", "YouTube channel @anna", "https://www.youtube.com/@anna"),
        ("facebook.com/Anna/posts/12?mibextid=1", "Facebook post by Anna", "https://www.facebook.com/Anna/posts/12"),
        ("twitter.com/Anna/status/12?s=20", "Post on X by @anna", "https://x.com/anna/status/12"),
        ("linkedin.com/company/Anna-GmbH/about/", "LinkedIn page anna-gmbh", "https://www.linkedin.com/company/anna-gmbh/"),
        ("telegram.me/s/Anna", "Telegram channel @anna", "https://t.me/anna"),
        ("instagram.com/explore/tags/tea", "Website instagram.com", "https://instagram.com/explore/tags/tea"),
        ("www.example.com/p", "Website example.com", "https://www.example.com/p"),
    ],
)  # fmt: skip
def test_link_says_what_was_understood(typed: str, label: str, url: str) -> None:
    assert (parse(typed).label, parse(typed).url) == (label, url)


@pytest.mark.parametrize(
    "spellings",
    [
        ("instagram.com/p/Cx1", "https://www.instagram.com/p/Cx1/?igsh=a", "http://m.instagram.com/reel/Cx1",
         "https://instagram.com/anna/p/Cx1/#c"),
        ("youtu.be/dQw4w9WgXcQ", "https://www.youtube.com/watch?list=a&v=dQw4w9WgXcQ&t=4s",
         "https://youtube.com/shorts/dQw4w9WgXcQ", "https://m.youtube.com/live/dQw4w9WgXcQ"),
        ("x.com/Anna/status/1", "https://mobile.twitter.com/anna/status/1/photo/1", "x.com/i/status/1"),
        ("t.me/Anna/12", "https://telegram.me/s/anna/12"),
        ("example.com", "http://www.example.com/", "https://example.com:443", "m.example.com/#top"),
        ("example.com/a?b=1&c=2", "https://www.example.com/a/?c=2&utm_campaign=x&b=1"),
    ],
    ids=lambda spellings: spellings[0],
)  # fmt: skip
def test_spellings_of_one_address_share_the_key(spellings: tuple[str, ...]) -> None:
    assert len({parse(spelling).key for spelling in spellings}) == 1


def test_different_addresses_have_different_keys() -> None:
    addresses = [
        "instagram.com/p/Cx1", "instagram.com/p/cx1", "instagram.com/cx1", "youtu.be/abcdefghijk", "example.com/A",
        "example.com/a", "example.com:81/a", "example.com/a?b=1", "example.org/a",
    ]  # fmt: skip

    assert len({parse(address).key for address in addresses}) == len(addresses)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.",
        "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021",
        "0", "0.0.0.0", "10.0.0.1", "10.1", "172.16.5.4", "192.168.0.1", "3232235521",
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[::ffff:192.168.0.1]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]",
    ],
)  # fmt: skip
def test_private_and_reserved_addresses_are_refused_in_every_notation(host: str) -> None:
    assert refusal(f"http://{host}/") == "That address belongs to a private or reserved network. Give a public one."


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "router", "printer.local", "db.internal", "nas.lan",
                                  "1.0.0.127.in-addr.arpa", "name"])  # fmt: skip
def test_names_of_an_inner_network_are_refused(host: str) -> None:
    assert "is not on the public internet" in refusal(f"https://{host}/page")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Give the link that this order is for."),
        (" \t", "Give the link that this order is for."),
        ("look: https://example.com", "Give one link, without spaces."),
        ("https://a.com https://b.com", "Give one link, without spaces."),
        ("ftp://example.com/", "The link must start with https:// or http://."),
        ("javascript:alert(1)", "The link must start with https:// or http://."),
        ("mailto:anna@example.com", "The link must start with https:// or http://."),
        ("http:example.com", "The link must start with https:// or http://."),
        ("file:///etc/passwd", "The link must start with https:// or http://."),
        ("https://anna:secret@example.com/", "A link must not hold a user name or password before the host."),
        ("https://example.com@127.0.0.1/", "A link must not hold a user name or password before the host."),
        ("https:\\\\example.com", UNREADABLE),
        ("https://exam\x00ple.com", UNREADABLE),
        ("https://example.com:99999/", "This is not an address that a browser could open."),
        ("https://[::1", "This is not an address that a browser could open."),
        ("https:///page", "The link names no website."),
        ("https://a..example.com/", "“a..example.com” is not the name of a website."),
        ("https://exa%6dple.com/", "“exa%6dple.com” is not the name of a website."),
        ("https://256.1.1.1/", "“256.1.1.1” is not the name of a website."),
        ("https://08.1.1.1/", "“08” is not the name of a website."),
        ("https://1.2.3.4.5/", "“1.2.3.4.5” is not the name of a website."),
        ("https://-a.example.com/", "“-a.example.com” is not the name of a website."),
        ("https://example.com/" + "a" * MAX_LINK, "The link is too long: an address has at most 2,000 characters."),
        ("https://example.com/" + "ä" * 900, "The link is too long: an address has at most 2,000 characters."),
    ],
)  # fmt: skip
def test_what_is_no_link_is_refused_with_its_reason(typed: str, sentence: str) -> None:
    assert refusal(typed) == sentence


def test_name_is_understood_where_the_platform_has_profiles() -> None:
    assert parse("@Anna", platform="instagram") == parse("https://instagram.com/anna")
    assert parse("@anna", platform="tiktok").label == "TikTok profile @anna"


@pytest.mark.parametrize(("typed", "platform"), [("@anna", "websites"), ("@anna", ""), ("@an/na", "instagram")])
def test_name_is_refused_where_it_means_nothing(typed: str, platform: str) -> None:
    assert refusal(typed, platform) == "Give the whole address, as the browser shows it, instead of a name with @."


def test_long_keys_fit_their_column_and_stay_different() -> None:
    one, other = (parse(f"https://example.com/{'a' * 600}{end}").key for end in "xy")

    assert len(one) <= MAX_KEY
    assert one != other


_SITES = ["example.com", "instagram.com", "youtube.com", "youtu.be", "x.com", "t.me", "facebook.com", "tiktok.com"]
_SEGMENT = st.text(st.sampled_from(string.ascii_letters + string.digits + "-_.~%äß@+"), min_size=1, max_size=8)
_PATHS = st.lists(
    st.sampled_from(["p", "reel", "watch", "status", "video", "shorts", "s", "..", "."]) | _SEGMENT, max_size=4
)
_QUERIES = st.dictionaries(st.sampled_from(["v", "list", "id", "a"]), _SEGMENT, max_size=2)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    query = "&".join(f"{name}={value}" for name, value in draw(_QUERIES).items())
    return f"{draw(st.sampled_from(_SITES))}/{'/'.join(draw(_PATHS))}?{query}"


def parse_or_skip(typed: str) -> Link:
    try:
        return parse(typed)
    except Invalid:
        assume(False)
        raise


@given(addresses() | st.text(max_size=60))
def test_normalising_twice_changes_nothing(typed: str) -> None:
    link = parse_or_skip(typed)

    assert parse(link.url) == link


@given(
    addresses(),
    st.sampled_from(["", "http://", "https://", "HTTPS://", "https://www.", "http://m.", "//"]),
    st.sampled_from(["", "#part", "&utm_source=x", "&fbclid=1#part"]),
)
def test_two_spellings_share_the_key(address: str, before: str, after: str) -> None:
    assert parse_or_skip(before + address + after).key == parse_or_skip(address).key


@given(st.text(max_size=40) | st.builds("{}://{}.{}".format, st.sampled_from(["http", "ftp"]), st.text(), st.text()))
def test_any_text_becomes_a_plain_http_address_or_a_sentence(typed: str) -> None:
    with contextlib.suppress(Invalid):
        parts = urlsplit(parse(typed).url)

        assert parts.scheme in {"http", "https"}
        assert re.fullmatch(r"[a-z0-9_.-]+(:\d+)?|\[[0-9a-f:.]+\](:\d+)?", parts.netloc)
