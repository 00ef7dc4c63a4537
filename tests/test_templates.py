"""The rules every template and style sheet keeps, read from the files themselves."""

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
PAGES = sorted(TEMPLATES.rglob("*.html"))
LETTERS = sorted(TEMPLATES.rglob("*.txt"))
ICONS = (ROOT / "static" / "icons.txt").read_text().split()

# Mail programs drop style sheets, so the frame of a letter and its parts carry their styles with them.
STYLED_IN_PLACE = {"mail/base.html", "mail/parts.html"}
MAX_LINES = 120
MAX_STYLES_GZIPPED = 14_000
MAX_SCRIPT_LINES = 200

JINJA = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
# Sentences marked as a whole, and the one block that holds a class name.
MARKED = re.compile(r"{%-?\s*trans\b.*?endtrans\s*-?%}|{% block width %}.*?{% endblock width %}", re.DOTALL)
NOT_READ = re.compile(r"<(style|code)\b.*?</\1>|<[^>]*>|&\w+;|[\w-]+=\"[^\"]*\"", re.DOTALL)
READ_ATTRIBUTES = re.compile(r'\b(?:aria-label|alt|title|placeholder|data-busy|data-hide|data-dismiss)="([^"]*)"')
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|left|right|top|bottom|width|height|(?:min|max)-(?:width|height)|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|text-align:\s*(?:left|right)|float:\s*(?:left|right)"
)


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def without_jinja(source: str) -> str:
    return "".join(text for _, kind, text in JINJA.lex(MARKED.sub("", source)) if kind == "data")


each_page = pytest.mark.parametrize("path", PAGES, ids=name_of)
each_template = pytest.mark.parametrize("path", PAGES + LETTERS, ids=name_of)
each_style = pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)


@each_template
def test_template_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


@each_template
def test_template_extends_first(path: Path) -> None:
    source = path.read_text()

    assert "{% extends" not in source or source.startswith("{% extends")


@each_template
def test_template_names_its_endblocks(path: Path) -> None:
    source = path.read_text()

    assert re.findall(r"{%-?\s*block (\w+)", source) == sorted_by_opening(source)


def sorted_by_opening(source: str) -> list[str]:
    """The names on the endblocks, in the order in which their blocks were opened."""
    closed: list[tuple[int, str]] = []
    open_at: list[int] = []
    for tag in re.finditer(r"{%-?\s*(block|endblock)\b\s*(\w*)", source):
        if tag[1] == "block":
            open_at.append(tag.start())
        else:
            closed.append((open_at.pop(), tag[2]))
    return [name for _, name in sorted(closed)]


@each_template
def test_template_trusts_nothing_blindly(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|{%-?\s*autoescape", path.read_text())


@each_page
def test_page_holds_no_style_and_no_script(path: Path) -> None:
    source = path.read_text()
    inline = re.findall(r"<style\b|\sstyle=|\son[a-z]+=|href=\"javascript:|\shx-on[:=]", source)
    scripts = re.findall(r"<script\b(?![^>]*\bsrc=)", source)

    assert scripts == []
    assert inline == [] or name_of(path) in STYLED_IN_PLACE


@each_page
def test_page_says_everything_through_gettext(path: Path) -> None:
    html = without_jinja(path.read_text())
    words = re.findall(r"[^\W\d_]{2,}", NOT_READ.sub(" ", html))
    attributes = [value for value in READ_ATTRIBUTES.findall(html) if re.search(r"[^\W\d_]", value)]

    assert (words, attributes) == ([], [])


@each_template
def test_letter_and_page_mark_only_whole_sentences(path: Path) -> None:
    """A sentence glued from a variable inside the call would never be found by the translators."""
    calls = JINJA.parse(path.read_text()).find_all(nodes.Call)
    marked = [call.args[0] for call in calls if isinstance(call.node, nodes.Name) and call.node.name == "_"]

    assert all(isinstance(sentence, nodes.Const) for sentence in marked)


@each_page
def test_page_repeats_no_id(path: Path) -> None:
    ids = Counter(re.findall(r'\sid="([\w-]+)"', path.read_text()))

    assert [name for name, count in ids.items() if count > 1] == []


@each_page
def test_page_uses_only_listed_icons(path: Path) -> None:
    source = path.read_text()
    used = re.findall(r'\bicon\("([a-z0-9-]+)"', source) + re.findall(r'\bicon_name="([a-z0-9-]+)"', source)
    used += re.findall(r'\("(?:|ok|warn|bad|info)", "([a-z0-9-]+)", _\(', source)  # the tables of states

    assert sorted(set(used) - set(ICONS)) == []


def test_icons_are_listed_once_in_order() -> None:
    assert sorted(set(ICONS)) == ICONS


@each_style
def test_style_knows_no_left_and_right(path: Path) -> None:
    """Right-to-left is a mirror only if every measure follows the writing direction."""
    css = re.sub(r"/\*.*?\*/|@media[^{]*", "", path.read_text(), flags=re.DOTALL)

    assert PHYSICAL.findall(css) == []


@each_style
def test_style_stands_in_a_layer(path: Path) -> None:
    assert re.search(r"^@layer \w+ {", path.read_text(), re.MULTILINE)


def test_styles_stay_light() -> None:
    together = b"\n".join(path.read_bytes() for path in STYLES)

    assert len(gzip.compress(together, mtime=0)) <= MAX_STYLES_GZIPPED


def test_script_stays_small() -> None:
    scripts = (ROOT / "static" / "js").glob("*.js")

    assert sum(len(path.read_text().splitlines()) for path in scripts) < MAX_SCRIPT_LINES
