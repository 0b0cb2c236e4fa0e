"""How much of everything a run does: the whole, or the quick form that ends within two minutes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds, and numbers of repetitions."""

    quick: bool
    conversations: tuple[int, ...] = (10, 20, 30, 40, 50, 60, 80, 100, 120, 160, 200)
    iterator_conversations: tuple[int, ...] = (10, 20, 30, 40, 50, 60, 80)
    naive_conversations: tuple[int, ...] = (2, 5, 10, 15, 20, 30, 40, 50, 60)
    openai_conversations: tuple[int, ...] = (5, 10, 20, 30, 40, 50, 60, 80, 100)
    chainlit_conversations: tuple[int, ...] = (5, 10, 15, 20, 25, 30, 40, 50, 60, 80)
    settle: float = 3.0
    window: float = 12.0
    background: int = 20
    first_tokens: int = 200
    hedged: int = 400
    shadow_pairs: int = 4  # runs with shadows, each between two without
    shadow_window: float = 12.0
    idle: tuple[int, ...] = (1_000, 10_000)
    idle_settle: float = 12.0
    starts: int = 3
    start_settle: float = 30.0
    takeovers: int = 30
    resumes: int = 30
    inbox: int = 5_000
    thread: int = 10_000
    flicks: int = 20
    newcomers: int = 25
    read_back: float = 120.0
    loads: int = 5
    webhooks: int = 600
    texted: int = 30


FULL = Plan(quick=False)
QUICK = Plan(
    quick=True,
    conversations=(10, 30),
    iterator_conversations=(10,),
    naive_conversations=(5,),
    openai_conversations=(5,),
    chainlit_conversations=(5,),
    settle=1.5,
    window=3.0,
    background=5,
    first_tokens=20,
    hedged=60,
    shadow_pairs=2,
    shadow_window=4.0,
    idle=(1_000,),
    idle_settle=3.0,
    starts=1,
    start_settle=3.0,
    takeovers=5,
    resumes=5,
    inbox=500,
    thread=1_000,
    flicks=5,
    newcomers=5,
    read_back=20.0,
    loads=1,
    webhooks=90,
    texted=5,
)


def say(line: str) -> None:
    """Progress, for whoever waits."""
    print(line, flush=True)
