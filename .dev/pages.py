"""Pages of the docs' site; usage: pages.py ROOT OUT < PAGES, where PAGES is a JSON list of {"source", "title", "children"?} and sources are paths
below ROOT: Markdown, or notebooks as they were saved.

Each page is written below OUT at its source's path, as Markdown that needs nothing from elsewhere: a notebook with the pictures of its outputs,
formulas ($...$, and $$...$$ on lines of their own) as outlines of their letters, and beside it the files that it links to. Titles and children
become its front matter. A link to what does not exist ends it with one line."""

import json
import re
import shutil
import sys
from html import escape
from pathlib import Path, PurePosixPath

import matplotlib
import nbformat
from matplotlib.textpath import TextPath
from nbconvert import MarkdownExporter

matplotlib.rcParams["mathtext.fontset"] = "stix"

CODE = re.compile(r"(^```.*?^```|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
FORMULA = re.compile(r"^\$\$\n(.+?)\n\$\$$|\$([^\s$](?:[^$\n]*[^\s$])?)\$", re.MULTILINE)
LINK = re.compile(r'(\]\(|\b(?:src|srcset|href)=")([^)"\s#]*)(#[^)"\s]*)?([)"])')
PICTURE = re.compile(r"!\[\w+\]\(([^)]+\.svg)\)")

SCALE = 100
"""Units of an outline in an em: coordinates are whole numbers."""

COMMANDS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
"""Letters of SVG for the codes of matplotlib's paths; a curve's code stands once for each of its points."""


def outline(tex: str, is_block: bool) -> str:
    """A formula as SVG in the colour of the text around it, its baseline on the text's."""
    path = TextPath((0, 0), f"${tex}$", size=SCALE)
    box = path.get_extents()
    left, right = int(box.x0) - 2, int(box.x1) + 3
    top, bottom = int(box.y1) + 3, int(box.y0) - 3
    steps = []
    for points, code in path.iter_segments(simplify=False, curves=True):
        ends = [] if code == 79 else [f"{x:.0f} {-y:.0f}" for x, y in points.reshape(-1, 2)]
        steps.append(COMMANDS[int(code)] + " ".join(ends))
    em = 1.1 / SCALE
    size = f"width:{(right - left) * em:.3f}em;height:{(top - bottom) * em:.3f}em"
    align = "" if is_block else f";vertical-align:{bottom * em:.3f}em"
    picture = (
        f'<svg class="formula" role="img" aria-label="{escape(tex)}" viewBox="{left} {-top} {right - left} {top - bottom}" '
        f'style="{size}{align}"><path fill="currentColor" d="{"".join(steps)}"/></svg>'
    )
    return f'<p class="formula">{picture}</p>' if is_block else picture


def with_formulas(text: str) -> str:
    def drawn(match: re.Match) -> str:
        return outline((match[1] or match[2]).replace("\n", " "), match[1] is not None)

    parts = CODE.split(text)
    return "".join(part if k % 2 else FORMULA.sub(drawn, part) for k, part in enumerate(parts))


def of_notebook(source: Path, target: Path) -> str:
    """A notebook as Markdown; its pictures go beside `target` and are called what they say they show."""
    pictures = f"{source.stem}_files"
    text, resources = MarkdownExporter().from_notebook_node(nbformat.read(source, as_version=4), {"output_files_dir": pictures})
    for name, content in resources["outputs"].items():
        (target.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (target.parent / name).write_bytes(content)

    def named(match: re.Match) -> str:
        title = re.search(r"<title>(.*?)</title>", resources["outputs"][match[1]].decode(), re.DOTALL)
        return f"![{title[1] if title else 'Figure'}]({match[1]})"

    return PICTURE.sub(named, text)


def with_links(text: str, source: PurePosixPath, root: Path, out: Path, pages: set[str]) -> str:
    """Links to notebooks lead to their pages, other files are copied, folders (which have no page) become plain text."""

    def followed(match: re.Match) -> str:
        before, link, anchor, after = match.groups(default="")
        if link == "" or re.match(r"[a-z]+:", link) or (out / source.parent / link).is_file():
            return match[0]
        path = (root / source.parent / link).resolve()
        if not path.exists():
            sys.exit(f"{source}: there is no {link}")
        below = path.relative_to(root.resolve())
        if str(below) not in pages and path.is_file():
            (out / below).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, out / below)
        return f"{before}{re.sub(r'[.]ipynb$', '.md', link)}{anchor}{after}"

    without_folders = re.sub(r"(?<!!)\[([^\]]+)\]\((?![a-z]+:)[^)\s]*/\)", r"\1", text)
    parts = CODE.split(without_folders)
    return "".join(part if k % 2 else LINK.sub(followed, part) for k, part in enumerate(parts))


def main() -> None:
    root, out = (Path(name) for name in sys.argv[1:3])
    plan = json.load(sys.stdin)
    pages = {page["source"] for page in plan}
    for page in plan:
        source = PurePosixPath(page["source"])
        target = (out / source).with_suffix(".md")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = of_notebook(root / source, target) if source.suffix == ".ipynb" else (root / source).read_text(encoding="utf8")
        matter = "\n".join(f"{key}: {json.dumps(page[key], ensure_ascii=False)}" for key in ("title", "children") if key in page)
        text = with_formulas(with_links(text, source, root, out, pages))
        target.write_text(f"---\n{matter}\n---\n\n{text}", encoding="utf8")


main()
