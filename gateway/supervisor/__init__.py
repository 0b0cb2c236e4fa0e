"""What `hibachi up` runs: embedded PostgreSQL and Redis, gateway and worker, under one parent that owns all four.

    lock -> settings -> hibachi.toml -> PostgreSQL | Redis -> migrate -> seed | gateway | worker -> closing panel

The parent stays light (no SQLAlchemy, no web server): it is what stands between a person and the first page.
"""
