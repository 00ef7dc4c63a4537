import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog.names import clean_description, clean_name
from domain.catalog.platforms import label, platform_of


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("\U0001d408\U0001d427\U0001d42c\U0001d42d\U0001d41a views", "Insta views"),
        ("\uff32\uff25\uff21\uff23\uff28 24h", "REACH 24h"),  # full-width letters
        ("  Story \t\n reach  ", "Story reach"),
        ("Story\u200b\ufeff reach\u202e", "Story reach"),
        ("Story\x00\x1breach", "Story reach"),
        ("\u26a1\ufe0f Fast \U0001f525", "\u26a1\ufe0f Fast \U0001f525"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 parents", "\U0001f468\u200d\U0001f469\u200d\U0001f467 parents"),
        ("Likes &amp; views", "Likes & views"),
        ("R\u0336\u0337\u0338\u0335ed", "R\u0336\u0337ed"),
        ("\u200b\u200d", ""),
    ],
)
def test_name_is_readable_text_on_one_line(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


def test_long_name_is_cut_to_the_column_without_half_an_emoji() -> None:
    family = "\U0001f468\u200d\U0001f469"

    cut = clean_name("x" * 497 + family * 5)

    assert (len(cut), cut[-2:]) == (499, "\U0001f468\u2026")


@given(st.text(max_size=700))
def test_cleaned_name_fits_the_column_and_stays_as_it_is(text: str) -> None:
    name = clean_name(text)

    assert len(name) <= 500
    assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in name)
    assert name == " ".join(name.split())
    name.encode()


def test_description_is_plain_lines() -> None:
    html = "<p>Start: <b>0-1 h</b><br>Speed: 5 k</p><script>alert(1)</script>\n\n\n\nRefill &lt;30 days&gt;"

    assert clean_description(html) == "Start: 0-1 h\nSpeed: 5 k\nalert(1)\n\nRefill <30 days>"


@pytest.mark.parametrize(
    ("category", "platform", "shown"),
    [
        ("Instagram \u2013 Ad reach", "instagram", "Instagram"),
        ("IG Reels", "instagram", "Instagram"),
        ("Best YT views", "youtube", "YouTube"),
        ("Twitter retweets", "x", "X"),
        ("X followers", "x", "X"),
        ("Tik Tok lives", "tiktok", "TikTok"),
        ("Website traffic from Google", "websites", "Websites"),
        ("Mixed offers", "other", "Other"),
        ("Xbox codes", "other", "Other"),
        ("Figma boards", "other", "Other"),
    ],
)
def test_platform_is_told_by_whole_words_of_the_category(category: str, platform: str, shown: str) -> None:
    assert platform_of(category) == platform
    assert label(platform) == shown
