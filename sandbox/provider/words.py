"""The words that the provider's catalogue is made of: advertising that people may honestly buy."""

# Dashes, accents and fancy letters are what real price lists hold.
# ruff: noqa: RUF001

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One kind of service as it is sold on one platform: a category of the catalogue."""

    title: str
    kinds: tuple[str, ...]  # API v2 types this family is sold as
    things: tuple[str, ...]  # what exactly is bought
    rates: tuple[int, int]  # cents per 1000, or per package
    limits: tuple[int, int]  # smallest minimum and largest maximum
    speed: tuple[int, int]  # minutes a usual order takes


REACH = Family(
    "Ad reach",
    ("Default",),
    (
        "{p} feed ad impressions",
        "{p} video ad views, skippable",
        "{p} story ad impressions",
        "{p} profile visits from ads",
    ),
    (18, 940),
    (100, 2_147_483_647),
    (30, 2_880),
)
PLACEMENTS = Family(
    "Sponsored placements",
    ("Package", "Package", "Custom Comments Package"),
    (
        "Sponsored post on a {p} magazine page",
        "Pinned placement in a {p} topic hub",
        "Sponsored {p} story, 24 h",
        "Carousel slot in a {p} guide",
    ),
    (900, 64_000),
    (1, 1),
    (720, 10_080),
)
SHOUT_OUTS = Family(
    "Creator shout-outs",
    ("Package", "Package", "Mentions with Hashtags"),
    (
        "{p} shout-out by a verified creator",
        "{p} product mention in a creator's video",
        "{p} unboxing by a micro creator",
        "{p} live-stream mention",
    ),
    (1_500, 98_000),
    (1, 5_000),
    (1_440, 20_160),
)
COMMUNITY = Family(
    "Community management",
    ("Custom Comments", "Comment Replies", "Custom Comments"),
    (
        "{p} moderator posts your answers under your own posts",
        "{p} welcome messages in your community",
        "{p} question-and-answer session, your texts",
    ),
    (9_000, 48_000),
    (1, 1_000),
    (60, 4_320),
)
RESEARCH = Family(
    "Audience research",
    ("Poll", "Default", "Package"),
    (
        "{p} opted-in survey panel",
        "{p} creative test with a paid panel",
        "{p} brand-lift questionnaire",
    ),
    (4_000, 36_000),
    (50, 20_000),
    (240, 7_200),
)
COUNTRY_TRAFFIC = Family(
    "Traffic campaigns",
    ("Web Traffic",),
    ("Website traffic from display ads", "Landing page visits from native ads", "Shop visits from newsletter ads"),
    (35, 780),
    (100, 10_000_000),
    (60, 4_320),
)
SEARCH_TRAFFIC = Family(
    "Search campaigns",
    ("Web Traffic", "SEO"),
    ("Visits from search ads", "Keyword campaign on a search network", "Local search campaign"),
    (90, 2_400),
    (100, 1_000_000),
    (240, 10_080),
)
REFERRAL_TRAFFIC = Family(
    "Referral campaigns",
    ("Web Traffic", "Default"),
    ("Visits from partner blogs", "Visits from comparison pages", "Visits from a deal newsletter"),
    (60, 1_600),
    (100, 500_000),
    (120, 7_200),
)
NEWSLETTERS = Family(
    "Newsletter placements",
    ("Package",),
    ("Banner in a weekly newsletter", "Sponsored paragraph in a newsletter", "Stand-alone mailing to opted-in readers"),
    (2_500, 120_000),
    (1, 1),
    (1_440, 20_160),
)
PRESS = Family(
    "Press and blogs",
    ("Package",),
    ("Sponsored article, marked as advertising", "Press release distribution", "Guest article in a trade blog"),
    (3_500, 150_000),
    (1, 1),
    (2_880, 30_240),
)

SOCIAL = (REACH, PLACEMENTS, SHOUT_OUTS, COMMUNITY, RESEARCH)
PLATFORMS: dict[str, tuple[Family, ...]] = {
    **dict.fromkeys(("Instagram", "TikTok", "YouTube", "Facebook", "X", "LinkedIn", "Telegram"), SOCIAL),
    "Websites": (COUNTRY_TRAFFIC, SEARCH_TRAFFIC, REFERRAL_TRAFFIC, NEWSLETTERS, PRESS),
}

REGIONS = (
    "Worldwide", "Europe", "Germany", "France", "Île-de-France", "España", "Málaga", "Österreich", "Zürich",
    "Kraków", "Türkiye", "São Paulo", "México", "Perú", "United States", "Canada", "Québec", "United Kingdom",
    "Ireland", "Nordics", "Malmö", "Italy", "Česko", "India", "Indonesia", "Việt Nam", "Japan", "Korea",
    "Gulf states", "South Africa",
)  # fmt: skip
AUDIENCES = (
    "all ages 18+", "ages 18–24", "ages 25–34", "ages 35–54", "small-business owners", "parents", "gamers",
    "home cooks", "runners & cyclists", "music lovers", "students", "travellers", "book clubs", "app developers",
    "gardeners",
)  # fmt: skip
STARTS = ("instant start", "starts in 1 h", "starts in 0–6 h", "starts in 12 h", "starts next day")
MARKS = ("", "", "", "", "⚡ ", "🌍 ", "✅ ", "🎯 ", "★ ", "𝗡𝗘𝗪 ")
LONG_TAIL = (
    " | brand-safe inventory only | frequency capped at 3 per person and day | weekly report as PDF and CSV"
    " | pause and resume at any time | billed on delivered units, the rest is returned"
)
