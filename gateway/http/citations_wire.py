"""What a passage that a reply cites looks like over HTTP."""

from gateway.http.operations import Edge


class CitedPassage(Edge):
    """A passage as it reads now. `heading`: what stands above it, empty where that is the title alone; `text`: Markdown, to a visitor
    without any link."""

    title: str
    heading: str
    text: str
    language: str
