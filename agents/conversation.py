"""Turns a conversation into what a model is shown: roles, markers of ownership, a bounded window of the past."""

from agents.ensemble.model import ModelMessage, ModelRequest
from agents.turn import TurnRequest, Utterance

# Enough for a whole enquiry; older lines cost tokens at every turn and rarely matter.
WINDOW = 40
WINDOW_CHARACTERS = 24_000


def to_model_request(request: TurnRequest, instructions: str, notes: tuple[str, ...] = ()) -> ModelRequest:
    """The call for a turn; `notes` stand before what waits to be answered. On SMS nothing is paced: a text message leaves whole."""
    said = _window(request.history)
    answered = len(said)
    while answered and said[answered - 1].author == "customer":
        answered -= 1
    messages = (
        ModelMessage("system", instructions),
        *map(_message, said[:answered]),
        *(ModelMessage("system", note) for note in notes),
        *map(_message, said[answered:]),
    )
    return ModelRequest(
        conversation=request.conversation,
        turn=request.turn,
        site=request.site,
        customer=request.customer,
        channel=request.channel,
        locale=request.locale,
        now=request.now,
        messages=messages,
        paced=request.channel == "web",
        visible_restarts=request.visible_restarts,
    )


def _window(history: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
    """The newest lines that fit; always at least the last one."""
    kept: list[Utterance] = []
    room = WINDOW_CHARACTERS
    for utterance in reversed(history[-WINDOW:]):
        room -= len(utterance.text)
        if kept and room < 0:
            break
        kept.append(utterance)
    return tuple(reversed(kept))


def _message(utterance: Utterance) -> ModelMessage:
    match utterance.author:
        case "customer":
            return ModelMessage("user", utterance.text)
        case "ai":
            return ModelMessage("assistant", utterance.text)
        case "human":
            # A colleague's words are ours too, but the model must know that it did not write them.
            return ModelMessage("assistant", f"[a colleague wrote] {utterance.text}")
        case "system":
            return ModelMessage("system", f"[{utterance.at:%Y-%m-%d %H:%M} UTC] {utterance.text}")
