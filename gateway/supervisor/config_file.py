"""The hibachi.toml that the first start writes: everything in it is a comment, so defaults stay defaults."""

from pathlib import Path

TEMPLATE = """\
# hibachi.toml: settings of the Hibachi Gateway. Remove a "#" to set a value; restart to apply.
# Every value can also be given in the environment as HIBACHI_SECTION__KEY (lists as JSON); the environment wins.
# All settings with their limits: docs/configuration.md. What runs and what is missing: `hibachi doctor`.

# host = "127.0.0.1"                        # 0.0.0.0: every address of this machine
# port = 8000                               # unset and taken: the next free one
# public_url = "https://chat.example.com"   # what the world sees, behind a proxy
# admin_email = "owner@example.com"

# Models that answer. Without one the built-in house model does. Keys stay in the environment.
# [[models]]
# name = "teacher"                          # how the ensemble calls it
# litellm = "openai/gpt-4o"                 # any LiteLLM model id
# api_base = "http://127.0.0.1:9001/v1"     # optional
# api_key_env = "OPENAI_API_KEY"            # the NAME of the variable that holds the key
# first_token_s = 15.0
# idle_chunk_s = 10.0
# [[models]]
# name = "second"
# litellm = "anthropic/claude-sonnet-4-5"
# api_key_env = "ANTHROPIC_API_KEY"
# [[models]]
# name = "judge"
# litellm = "gemini/gemini-2.5-flash"
# api_key_env = "GEMINI_API_KEY"

# [ensemble]
# answer = ["teacher", "second", "house"]   # in this order; "house" is always last
# strategy = "fallback"                     # or "hedge", "consensus": docs/ensemble.md
# house_tokens_per_second = 40.0
# [ensemble.stakes.low]                     # another way for small talk and what is general
# strategy = "hedge"                        # a second model starts when the first is slower than it usually is
# [ensemble.agents.pricing]                 # another way for one agent's turns
# strategy = "consensus"                    # two answer, a third judges, then it is shown
# student = "second"
# critic = "judge"

# Without these two an embedded PostgreSQL and Redis are started (also: DATABASE_URL, REDIS_URL).
# [database]
# url = "postgresql://user:password@host:5432/name"
# reading = "postgresql://..."              # replica for heavy reads
# pool_size = 10

# [redis]
# url = "redis://host:6379/0"

# [limits]
# message_burst = 10                        # messages one visitor may send at once, then...
# message_per_second = 1.0
# connections_per_address = 200
# trusted_proxies = ["10.0.0.0/8"]          # whose X-Forwarded-For is believed

# Who measures the way to a full street address; without one it is estimated from the ZIP code.
# [travel]
# provider = "google"                       # Google Routes; "osrm": a server of yours, at `address`
# key_env = "GOOGLE_ROUTES_KEY"             # the NAME of the variable that holds the key
# address = "http://127.0.0.1:5000"
# timeout_s = 2.0

# [business]
# profile = "my-business.toml"              # seen from this file

# [log]
# level = "info"                            # debug, info, warning, error
# format = "json"                           # json, console
"""


def write_if_missing(path: Path) -> bool:
    """Writes the commented examples unless a file is there, whatever is in it. Returns whether it wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)  # passwords may come into it
            file.write(TEMPLATE)
    except FileExistsError:
        return False
    return True
