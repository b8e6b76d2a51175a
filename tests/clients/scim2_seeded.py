"""Runs the `scim2` program with every random choice drawn from one seed, so that a failure can be run again.

usage: scim2_seeded.py SEED ARGUMENTS-OF-scim2...
"""

import random
import sys
import uuid

from scim2_cli import cli


def main() -> None:
    random.seed(int(sys.argv.pop(1)))
    uuid.uuid4 = lambda: uuid.UUID(int=random.getrandbits(128), version=4)
    cli(prog_name="scim2")


if __name__ == "__main__":
    main()
