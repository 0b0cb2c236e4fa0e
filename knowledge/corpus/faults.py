"""What can be wrong with a document. The texts are sentences for the person who added it; they hold nothing of the document."""


class Unreadable(Exception):
    """It cannot be read, however often one tries."""


class Passing(Exception):
    """It could not be read just now: a network, a server, a provider."""


class Overtaken(Exception):
    """The document was changed or deleted meanwhile: whoever reads this revision of it stops."""
