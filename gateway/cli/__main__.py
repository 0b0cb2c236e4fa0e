"""`python -m gateway.cli`: what the launcher and the supervisor call."""

from gateway.cli.app import main

if __name__ == "__main__":
    main()
