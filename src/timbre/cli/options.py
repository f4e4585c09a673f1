"""Options that several commands share."""

import click

scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Work on this Dask cluster (tcp://host:8786) instead of this machine's cores; "
    "its workers must see the same files under the same paths.",
)
