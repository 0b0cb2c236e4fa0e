"""The main part of a web page as Markdown. Runs in a process of its own (child.py), which spares a worker the libraries as well."""

import logging
from typing import Any

from knowledge.corpus.faults import Unreadable
from knowledge.corpus.formats import Extracted
from knowledge.corpus.formats.plain import seen
from knowledge.corpus.placeholders import tidy

# What is in a page and not on it.
_UNSEEN = (
    "//comment() | //processing-instruction() | //script | //style | //template | //noscript | //iframe | //object | //embed | //svg"
    " | //*[@hidden] | //*[@aria-hidden='true'] | //input | //select | //textarea"
    " | //*[contains(translate(@style, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ', 'abcdefghijklmnopqrstuvwxyz'), 'display:none')]"
    " | //*[contains(translate(@style, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ', 'abcdefghijklmnopqrstuvwxyz'), 'visibility:hidden')]"
    " | //*[contains(translate(@style, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ', 'abcdefghijklmnopqrstuvwxyz'), 'font-size:0')]"
    " | //*[contains(concat(translate(@style, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ', 'abcdefghijklmnopqrstuvwxyz'), ';'), 'opacity:0;')]"
)
_LANGUAGES = 2  # letters of "en-US" that count


def read(raw: bytes) -> Extracted:
    """Raises Unreadable."""
    import trafilatura
    from trafilatura.settings import use_config

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    tree = trafilatura.load_html(raw)
    if tree is None:  # a part of a page, as editors paste it
        tree = trafilatura.load_html(b"<html><body><div>" + raw + b"</div></body></html>")
    if tree is None:
        raise Unreadable("It is no HTML page.")
    title, language = _title(tree), (tree.get("lang") or "").lower()[:_LANGUAGES]
    for element in tree.xpath(_UNSEEN):
        _drop(element)
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "1")  # a short page is a page
    text = trafilatura.extract(tree, output_format="markdown", include_comments=False, favor_recall=True, config=config) or ""
    if not text.strip():
        text = trafilatura.html2txt(tree)
    return Extracted(tidy(seen(text)), title, language if language.isalpha() and len(language) == _LANGUAGES else "")


def _title(tree: Any) -> str:
    for path in ("//h1", "//title"):
        for element in tree.xpath(path):
            title = " ".join(seen(element.text_content()).split())
            if title:
                return title[:150]
    return ""


def _drop(element: Any) -> None:
    """Without it; what stands after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
