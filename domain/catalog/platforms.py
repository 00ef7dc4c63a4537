"""Which platform a category belongs to, told by its name."""

import re

from domain.i18n import gettext as _

OTHER = "other"
WEBSITES = "websites"

# Brands are the same in every language.
BRANDS = {
    "instagram": "Instagram",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "facebook": "Facebook",
    "x": "X",
    "telegram": "Telegram",
    "spotify": "Spotify",
    "linkedin": "LinkedIn",
    "twitch": "Twitch",
    "discord": "Discord",
    "pinterest": "Pinterest",
    "snapchat": "Snapchat",
    "reddit": "Reddit",
    "soundcloud": "SoundCloud",
    "whatsapp": "WhatsApp",
    "threads": "Threads",
    "vk": "VK",
}

# Other spellings met in price lists, as whole words.
_SPELLINGS = {
    "x": ("twitter", "tweet", "tweets", "retweet", "retweets"),
    "instagram": ("insta", "ig", "igtv", "reels"),
    "youtube": ("yt", "you tube"),
    "tiktok": ("tik tok", "musically", "musical ly"),
    "facebook": ("fb",),
    "telegram": ("tg",),
    "vk": ("vkontakte",),
    WEBSITES: ("website", "web", "traffic", "seo", "google", "blogs", "blog", "news sites"),
}

_WORDS = {
    spelling: platform for platform in (*BRANDS, WEBSITES) for spelling in (platform, *_SPELLINGS.get(platform, ()))
}
_PATTERN = re.compile(r"(?<![^\W_])(" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")(?![^\W_])", re.IGNORECASE)


def platform_of(category_name: str) -> str:
    """The platform that a cleaned category name begins with or mentions first; "other" when it names none."""
    found = _PATTERN.search(category_name)
    return _WORDS[found[1].lower()] if found else OTHER


def label(platform: str) -> str:
    """What a platform is called on a page."""
    if platform == WEBSITES:
        return _("Websites")
    return BRANDS.get(platform) or _("Other")
