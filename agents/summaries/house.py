"""The house's summary: what is remembered and why people were called. Deterministic, in English, for it is colleagues who read it."""

from agents.memory import Memory
from agents.staff_facts import staff_facts
from business.conversations.summaries import Material

KNOWN = "Known so far:"
_LAST = 200  # characters of the customer's last words


def house_summary(material: Material) -> str:
    """What a model said earlier stays in front of it, as far as the house did not."""
    memory = Memory.from_json(material.memory)
    facts = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in staff_facts(memory.facts).items())
    sentences = [material.summary.partition(KNOWN)[0].strip(), f"{KNOWN} {facts or 'nothing yet'}."]
    if memory.held is not None:
        sentences.append("A slot was held for them.")
    elif memory.booking:
        sentences.append("They are on the way to a booking.")
    sentences += [f"A person was called ({kind}): {why}." for kind, why in material.handoffs]
    last = next((line.text for line in reversed(material.lines) if line.author == "customer"), "")
    if last:
        sentences.append(f'Their last words: "{" ".join(last.split())[:_LAST]}".')
    return " ".join(filter(None, sentences))
