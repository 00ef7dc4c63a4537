"""What an address means on the platforms that the shop sells for: the post, profile or channel behind it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a platform: its address in one spelling, a key shared by all spellings, and its name in words."""

    url: str
    key: str
    label: str


Segments = Sequence[str]
Query = Mapping[str, str]

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_CODE = re.compile(r"[A-Za-z0-9_-]+")

# First segments that look like a name and are pages of the platform itself.
_NOT_NAMES = frozenset(
    {
        "about", "accounts", "ads", "ajax", "business", "developer", "direct", "events", "explore", "feed",
        "gaming", "groups", "hashtag", "help", "home", "i", "intent", "jobs", "legal", "live", "login",
        "marketplace", "media", "messages", "notifications", "p", "pages", "people", "permalink.php", "photo",
        "photo.php", "photos", "plugins", "policies", "premium", "privacy", "profile.php", "reel", "reels",
        "results", "search", "settings", "share", "sharer.php", "signup", "stories", "story.php", "tag", "terms",
        "tos", "trending", "tv", "upload", "video", "videos", "watch",
    }
)  # fmt: skip


def recognise(host: str, segments: Segments, query: Query) -> Place | None:
    """The place that an address leads to; None when the host is no platform or the page is of no known kind.

    `host` comes without `www.` or a phone edition's prefix.
    """
    reader = _READERS.get(host)
    return reader(segments, query) if reader else None


def find_profile(platform: str, name: str) -> str | None:
    """The address of a profile by its name, on platforms where every name is one."""
    pattern = _PROFILES.get(platform)
    return pattern.format(name=name) if pattern else None


def _instagram(segments: Segments, _query: Query) -> Place | None:
    site = "https://www.instagram.com"
    match segments:
        case ["p" | "tv" as kind, code] if _CODE.fullmatch(code):
            return Place(f"{site}/{kind}/{code}/", f"instagram.com/p/{code}", _("Instagram post"))
        case ["reel" | "reels", code] if _CODE.fullmatch(code):
            return Place(f"{site}/reel/{code}/", f"instagram.com/p/{code}", _("Instagram reel"))
        case [name, "p" | "reel" as kind, code] if _is_name(name) and _CODE.fullmatch(code):
            label = _("Instagram post by @%(name)s") if kind == "p" else _("Instagram reel by @%(name)s")
            name = name.lower()
            return Place(f"{site}/{name}/{kind}/{code}/", f"instagram.com/p/{code}", label % {"name": name})
        case ["stories", name, *_rest] if _is_name(name):
            label = _("Instagram story by @%(name)s") % {"name": name.lower()}
            path = "/".join(["stories", name.lower(), *_rest[:1]])
            return Place(f"{site}/{path}/", f"instagram.com/{path}", label)
        case [name] if _is_name(name):
            name = name.lower()
            return Place(f"{site}/{name}/", f"instagram.com/{name}", _("Instagram profile @%(name)s") % {"name": name})
    return None


def _tiktok(segments: Segments, _query: Query) -> Place | None:
    match segments:
        case [handle, "video" | "photo" as kind, code] if _is_handle(handle) and code.isdecimal():
            label = _("TikTok video by %(name)s") if kind == "video" else _("TikTok photos by %(name)s")
            handle = handle.lower()
            url = f"https://www.tiktok.com/{handle}/{kind}/{code}"
            return Place(url, f"tiktok.com/video/{code}", label % {"name": handle})
        case [handle] if _is_handle(handle):
            handle = handle.lower()
            label = _("TikTok profile %(name)s") % {"name": handle}
            return Place(f"https://www.tiktok.com/{handle}", f"tiktok.com/{handle}", label)
    return None


def _youtube(segments: Segments, query: Query) -> Place | None:
    site = "https://www.youtube.com"
    match segments:
        case ["watch" | "embed" | "v" | "live", *_rest]:
            return _youtube_video([query.get("v", "")] if segments[0] == "watch" else segments[1:], query)
        case ["shorts", code] if _CODE.fullmatch(code):
            return Place(f"{site}/shorts/{code}", f"youtube.com/v/{code}", _("YouTube Short"))
        case ["playlist"] if _CODE.fullmatch(query.get("list", "")):
            path = f"playlist?list={query['list']}"
            return Place(f"{site}/{path}", f"youtube.com/{path}", _("YouTube playlist"))
        case ["channel", code, *_rest] if _CODE.fullmatch(code):
            return Place(f"{site}/channel/{code}", f"youtube.com/channel/{code}", _("YouTube channel"))
        case [handle, *_rest] if _is_handle(handle):
            label = _("YouTube channel %(name)s") % {"name": handle.lower()}
            return Place(f"{site}/{handle.lower()}", f"youtube.com/{handle.lower()}", label)
    return None


def _youtube_video(segments: Segments, _query: Query) -> Place | None:
    """A video by its code alone, as youtu.be has it."""
    match segments:
        case [code] if _CODE.fullmatch(code):
            return Place(f"https://www.youtube.com/watch?v={code}", f"youtube.com/v/{code}", _("YouTube video"))
    return None


def _facebook(segments: Segments, query: Query) -> Place | None:
    return _facebook_video(segments, query) or _facebook_page(segments, query)


def _facebook_video(segments: Segments, query: Query) -> Place | None:
    site = "https://www.facebook.com"
    match segments:
        case ["watch"] if query.get("v", "").isdecimal():
            return Place(f"{site}/watch/?v={query['v']}", f"facebook.com/v/{query['v']}", _("Facebook video"))
        case ["reel", code] if code.isdecimal():
            return Place(f"{site}/reel/{code}", f"facebook.com/v/{code}", _("Facebook reel"))
        case [name, "videos", *_title, code] if _is_name(name) and code.isdecimal():
            label = _("Facebook video by %(name)s") % {"name": name}
            return Place(f"{site}/{name}/videos/{code}", f"facebook.com/v/{code}", label)
    return None


def _facebook_page(segments: Segments, query: Query) -> Place | None:
    site = "https://www.facebook.com"
    match segments:
        case [name, "posts", code] if _is_name(name) and _CODE.fullmatch(code):
            label = _("Facebook post by %(name)s") % {"name": name}
            return Place(f"{site}/{name}/posts/{code}", f"facebook.com/posts/{code}", label)
        case ["groups", name] if _NAME.fullmatch(name):
            return Place(f"{site}/groups/{name}", f"facebook.com/groups/{name.lower()}", _("Facebook group"))
        case ["profile.php"] if query.get("id", "").isdecimal():
            path = f"profile.php?id={query['id']}"
            return Place(f"{site}/{path}", f"facebook.com/{path}", _("Facebook profile"))
        case [name] if _is_name(name):
            return Place(f"{site}/{name}", f"facebook.com/{name.lower()}", _("Facebook page %(name)s") % {"name": name})
    return None


def _x(segments: Segments, _query: Query) -> Place | None:
    match segments:
        case [name, "status", code, *_rest] if _NAME.fullmatch(name) and code.isdecimal():
            label = _("Post on X by @%(name)s") % {"name": name.lower()} if _is_name(name) else _("Post on X")
            return Place(f"https://x.com/{name.lower()}/status/{code}", f"x.com/status/{code}", label)
        case [name] if _is_name(name):
            name = name.lower()
            return Place(f"https://x.com/{name}", f"x.com/{name}", _("Profile on X @%(name)s") % {"name": name})
    return None


def _linkedin(segments: Segments, _query: Query) -> Place | None:
    labels = {"in": _("LinkedIn profile %(name)s"), "company": _("LinkedIn page %(name)s")}
    match segments:
        case ["in" | "company" as kind, name, *_rest] if _NAME.fullmatch(name):
            path = f"{kind}/{name.lower()}"
            return Place(
                f"https://www.linkedin.com/{path}/", f"linkedin.com/{path}", labels[kind] % {"name": name.lower()}
            )
        case ["posts", code] if _NAME.fullmatch(code):
            return Place(f"https://www.linkedin.com/posts/{code}", f"linkedin.com/posts/{code}", _("LinkedIn post"))
    return None


def _telegram(segments: Segments, _query: Query) -> Place | None:
    match segments:
        case ["s", name] | [name] if _CODE.fullmatch(name) and name != "s":
            name = name.lower()
            return Place(f"https://t.me/{name}", f"t.me/{name}", _("Telegram channel @%(name)s") % {"name": name})
        case ["s", name, code] | [name, code] if _CODE.fullmatch(name) and code.isdecimal():
            name = name.lower()
            label = _("Telegram post in @%(name)s") % {"name": name}
            return Place(f"https://t.me/{name}/{code}", f"t.me/{name}/{code}", label)
    return None


def _is_name(segment: str) -> bool:
    return bool(_NAME.fullmatch(segment)) and segment.lower() not in _NOT_NAMES


def _is_handle(segment: str) -> bool:
    return segment.startswith("@") and bool(_NAME.fullmatch(segment[1:]))


_READERS: dict[str, Callable[[Segments, Query], Place | None]] = {
    "instagram.com": _instagram,
    "instagr.am": _instagram,
    "tiktok.com": _tiktok,
    "youtube.com": _youtube,
    "music.youtube.com": _youtube,
    "youtube-nocookie.com": _youtube,
    "youtu.be": _youtube_video,
    "facebook.com": _facebook,
    "fb.com": _facebook,
    "mbasic.facebook.com": _facebook,
    "x.com": _x,
    "twitter.com": _x,
    "linkedin.com": _linkedin,
    "t.me": _telegram,
    "telegram.me": _telegram,
}

_PROFILES = {
    "instagram": "https://www.instagram.com/{name}/",
    "tiktok": "https://www.tiktok.com/@{name}",
    "youtube": "https://www.youtube.com/@{name}",
    "facebook": "https://www.facebook.com/{name}",
    "x": "https://x.com/{name}",
    "telegram": "https://t.me/{name}",
}
