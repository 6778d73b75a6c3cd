"""The page of a whole report as the website makes it of sections, with made-up numbers, for documents to be made of."""

from __future__ import annotations

from html import escape

from redress.declared.markdown import bound_nodes, is_bound
from redress.declared.model import DeclaredReport, Node, Section
from redress.publish.cover import Cover
from redress.publish.word import write_word

COVER = Cover(
    "Far Shire Council", (("Period", "1 April 2023 to 31 March 2024"), ("Author", "Head of Complaints"))
)
TABLE = (
    '<div class="table"><div class="scroll"><table><caption><span id="t">Complaints by channel</span></caption><thead><tr>'
    '<th scope="col">Channel</th><th scope="col" class="n">2023/24</th></tr></thead><tbody><tr><th scope="row">Email</th>'
    '<td class="n"><a class="figure" href="../figures/x/#y">[c]</a></td></tr><tr class="total"><th scope="row">All</th>'
    '<td class="n">23</td></tr></tbody></table></div><p class="note">[c] confidential.</p><p class="worked">How</p></div>'
)
CHART = (
    '<figure class="chart"><figcaption id="c-title">New complaints</figcaption><div class="drawing"><div class="wide"><svg>'
    '<text>9</text></svg></div><div class="narrow"><svg></svg></div></div><p class="says" id="c-words">From 20 up to 23.</p></figure>'
)
NUMBERS = {
    "figure": "23",
    "change": "3 more than in 2022/23 (15%)",
    "sentence": "There were 23.",
    "literal": "12",
}


def whole_page(report: DeclaredReport) -> str:
    """Return the page of the whole report."""
    parts = ""
    for page in report.pages:
        sections = "".join(map(_section, page.sections))
        parts += f'<section aria-labelledby="p{page.path}"><h2 id="p{page.path}">{page.title}</h2>{sections}</section>'
    return (
        '<!doctype html><html lang="en-GB"><body class="whole"><header><p class="synthetic"><strong>Made-up cases.</strong></p>'
        '</header><main id="content"><div class="cover"><h1><span class="over">Far Shire Council, 2023/24</span> Annual report</h1>'
        '</div><p class="get">Print it</p><div class="guide"><nav class="contents one"><h2 id="contents">Contents</h2><ol>'
        '<li><a href="#p"><span>Summary</span></a><ol></ol></li></ol></nav><p>In the tables, <b>[c]</b> is not shown.</p></div>'
        f"{parts}</main><footer></footer></body></html>"
    )


def document_of(report: DeclaredReport, pictures: dict[str, bytes] | None = None) -> bytes:
    """Return the Word document of a report."""
    return write_word(whole_page(report), report, COVER, pictures or {})


def _section(section: Section) -> str:
    title = (
        f'<h3 id="{section.name}"><a href="#{section.name}">{section.title}</a></h3>' if section.title else ""
    )
    blocks = "".join(_block(node, number) for number, node in enumerate(section.nodes))
    return f'<div data-section="{section.name}">{title}{blocks}</div>'


def _block(node: Node, number: int) -> str:
    keys = {id(bound): f"{number}.{key}" for key, bound in bound_nodes(node)}

    def line(nodes: list[Node]) -> str:
        return "".join(map(part, nodes))

    def part(inner: Node) -> str:
        kind = inner["type"]
        if kind == "text":
            return escape(inner["text"])
        if kind == "variable":
            made = "2023/24"
        elif kind == "list":
            made = (
                "<ul>"
                + "".join("<li>" + line(item["children"]) + "</li>" for item in inner["children"])
                + "</ul>"
            )
        elif kind == "tag":
            made = line(inner["children"]) if inner["name"] == "when" else NUMBERS[inner["name"]]
        else:
            name = {"strong": "strong", "em": "em", "link": "a", "paragraph": "span"}[kind]
            href = f' href="{inner["href"] if kind == "link" else ""}"' if kind == "link" else ""
            made = f"<{name}{href}>{line(inner['children'])}</{name}>"
        return f'<span data-tag="{keys[id(inner)]}">{made}</span>' if is_bound(inner) else made

    kind = node["type"]
    if kind == "tag" and node["name"] == "when":
        return "" if node["primary"] == "compliments" else f'<div data-node="{number}"><p>It holds.</p></div>'
    if kind == "tag" and node["name"] in ("table", "chart"):
        charts = f'<div data-node="{number}">{CHART}</div>' if node["name"] == "chart" else ""
        return f'{charts}<div data-node="{number}">{TABLE}</div>'
    if kind == "list":
        name = "ol" if node["ordered"] else "ul"
        items = "".join(f"<li>{line(item['children'])}</li>" for item in node["children"])
        made = f"<{name}>{items}</{name}>"
    elif kind == "heading":
        made = f"<h{node['level'] + 1}>{line(node['children'])}</h{node['level'] + 1}>"
    else:
        made = f"<p>{line(node['children'] if kind == 'paragraph' else [node])}</p>"
    return f'<div data-node="{number}">{made}</div>'
