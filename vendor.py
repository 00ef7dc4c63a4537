"""Set-up: copies the pinned browser files from node_modules into static/vendor and builds the icon sprite."""

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "static" / "vendor"
SVG = "http://www.w3.org/2000/svg"

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js": "hx-sse.min.js",
}
# A <use> inherits the stroke that the style sheet gives to .icon, so the symbols carry shapes alone.
SHAPES = ("d", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "points", "transform")


def copy_files() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        script = (MODULES / source).read_text()
        # The maps stay in node_modules; a browser should not ask for them here.
        (TARGET / name).write_text(re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", script))
    shutil.copy(MODULES / "htmx.org" / "LICENSE", TARGET / "htmx.LICENSE")
    shutil.copy(MODULES / "lucide-static" / "LICENSE", TARGET / "icons.LICENSE")


def build_sprite() -> None:
    """One <symbol> for each name in static/icons.txt."""
    ET.register_namespace("", SVG)
    sprite = ET.Element(f"{{{SVG}}}svg")
    for name in (ROOT / "static" / "icons.txt").read_text().split():
        icon = ET.parse(MODULES / "lucide-static" / "icons" / f"{name}.svg").getroot()  # noqa: S314 - a pinned file
        symbol = ET.SubElement(sprite, f"{{{SVG}}}symbol", {"id": name, "viewBox": "0 0 24 24"})
        symbol.extend(
            ET.Element(shape.tag, {key: shape.attrib[key] for key in SHAPES if key in shape.attrib}) for shape in icon
        )
    ET.ElementTree(sprite).write(TARGET / "icons.svg", encoding="utf-8")


if __name__ == "__main__":
    copy_files()
    build_sprite()
