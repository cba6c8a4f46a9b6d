"""`python measure.py typst|weasyprint DOCUMENT FONTS REPEATS`: a bilingual contract set by a peer, as one line of JSON.

DOCUMENT is JSON: title, facts (label and text), lines (label and amount), articles with clauses in both languages.
Each repetition has a number of its own, as each contract has. The libraries are loaded and used once before.
"""

import html
import io
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Contract = dict[str, Any]


def main(peer: str, document: Path, fonts: Path, repeats: int) -> dict[str, Any]:
    contract = json.loads(document.read_text(encoding="utf-8"))
    make = {"typst": _typst, "weasyprint": _weasyprint}[peer](fonts)
    make(contract, 0)
    times, pdf = [], b""
    for number in range(1, repeats + 1):
        began = time.perf_counter()
        pdf = make(contract, number)
        times.append(time.perf_counter() - began)
    return {"seconds": times, "pages": len(re.findall(rb"/Type\s*/Page\b", _plain(pdf))), "bytes": len(pdf)}


def _plain(pdf: bytes) -> bytes:
    """The file with its object streams opened, where the pages may be."""
    import zlib

    opened = [pdf]
    for found in re.finditer(rb"/ObjStm.*?stream\r?\n", pdf, re.DOTALL):
        try:
            opened.append(zlib.decompressobj().decompress(pdf[found.end() :]))
        except zlib.error:
            continue
    return b"\n".join(opened)


def _typst(fonts: Path) -> Callable[[Contract, int], bytes]:
    import typst

    def text(words: str) -> str:
        said = re.sub(r"([\\#$*_`<>@\[\]~/=+-])", r"\\\1", words)
        return f"[{said}]"

    def notice_text(notice: dict[str, str]) -> str:
        return f"#grid(columns: (1fr, 1fr), gutter: 20pt, {text(notice['zh'])}, {text(notice['en'])})"

    def make(contract: Contract, number: int) -> bytes:
        said = [
            '#set page(paper: "a4", margin: 24mm, footer: context [#counter(page).display("1 / 1", both: true)],'
            f' header: [{contract["number"]}-{number:06d}])',
            '#set text(font: "Noto Sans SC", size: 8.5pt, lang: "zh")',
            "#set par(justify: true, leading: 0.9em)",
            "#show heading: set block(above: 14pt, below: 10pt)",
            f"= #text{text(contract['title_zh'])} {contract['number']}-{number:06d}",
            f"#text(size: 9pt){text(contract['title_en'])}",
            "#grid(columns: (1fr, 2fr, 1fr, 2fr), gutter: 12pt,",
            *(f"text(fill: gray){text(label)}, {text(value)}," for label, value in contract["facts"]),
            ")",
            "#table(columns: (3fr, 1fr), align: (left, right), inset: 8pt,",
            *(f"{text(label)}, {text(amount)}," for label, amount in contract["lines"]),
            ")",
        ]
        for article in contract["articles"]:
            said.append(f"== #text{text(article['zh'])} #h(1fr) #text(size: 8pt){text(article['en'])}")
            said.append("#grid(columns: (1.2em, 1fr, 1fr), column-gutter: 20pt, row-gutter: 20pt,")
            for clause in article["clauses"]:
                weight = ', weight: "bold"' if clause["bold"] else ""
                said.append(
                    f"{text(clause['number'])}, text(size: 8.5pt{weight}){text(clause['zh'])},"
                    f" text(size: 7.2pt{weight}){text(clause['en'])},"
                )
            said.append(")")
        for notice in contract["notices"]:
            said.append(f"#rect(width: 100%, inset: 12pt, fill: luma(240))[{notice_text(notice)}]")
        box = "rect(width: 95%, height: 88pt)"
        said.append(f"#v(1em) #grid(columns: (1fr, 1fr), {box}, {box})")
        source = "\n".join(said).encode("utf-8")
        return bytes(typst.compile(source, font_paths=[str(fonts)], ignore_system_fonts=True))

    return make


def _weasyprint(fonts: Path) -> Callable[[Contract, int], bytes]:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    configuration = FontConfiguration()
    faces = "".join(
        f"@font-face {{font-family: Forecourt; font-weight: {weight}; src: url('{(fonts / name).as_uri()}')}}"
        for weight, name in ((400, "NotoSansSC-Regular.ttf"), (700, "NotoSansSC-Bold.ttf"))
    )
    style = CSS(
        string=faces
        + "@page {size: A4; margin: 18mm; @bottom-right {content: counter(page) ' / ' counter(pages); font-size: 8pt}}"
        "body {font: 8.5pt/12.5pt Forecourt; text-align: justify} td {vertical-align: top; padding: 4pt 8pt 4pt 0}"
        ".box {background: #eee; padding: 10pt; margin: 6pt 0} .sign {border: 1px solid; height: 88pt; width: 50%}"
        "table {width: 100%; border-collapse: collapse} .en {font-size: 7.2pt} .bold {font-weight: bold}"
        "h1 {font-size: 16pt} h2 {font-size: 9pt} .n {width: 2em} .half {width: 48%}",
        font_config=configuration,
    )
    escape = html.escape

    def make(contract: Contract, number: int) -> bytes:
        said = [f"<html lang='zh'><body><h1>{escape(contract['title_zh'])} {contract['number']}-{number:06d}</h1>"]
        said.append(f"<p>{escape(contract['title_en'])}</p><table>")
        said += [f"<tr><td>{escape(label)}</td><td>{escape(value)}</td></tr>" for label, value in contract["facts"]]
        said.append("</table><table>")
        said += [f"<tr><td>{escape(label)}</td><td>{escape(amount)}</td></tr>" for label, amount in contract["lines"]]
        said.append("</table>")
        for article in contract["articles"]:
            said.append(f"<h2>{escape(article['zh'])} {escape(article['en'])}</h2><table>")
            for clause in article["clauses"]:
                kind = " bold" if clause["bold"] else ""
                said.append(
                    f"<tr><td class=n>{clause['number']}</td><td class='half{kind}'>{escape(clause['zh'])}</td>"
                    f"<td class='half en{kind}'>{escape(clause['en'])}</td></tr>"
                )
            said.append("</table>")
        for notice in contract["notices"]:
            said.append(f"<p class=box>{escape(notice['zh'])} <span class=en>{escape(notice['en'])}</span></p>")
        said.append("<div class=sign></div></body></html>")
        target = io.BytesIO()
        HTML(string="".join(said)).write_pdf(target, stylesheets=[style], font_config=configuration)
        return target.getvalue()

    return make


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))))
