#!/usr/bin/env python3
"""Measures whether the console's pages of a large account answer as fast as those of a small one.

    python3 bench/console.py --users 1000000

Fills one account with 1,000 users and one with so many, on one server, then asks for each page of both in turns, and prints the medians in
milliseconds with their ratio, and how large the page is. Needs `cargo build --release`.
"""

import argparse
import http.cookiejar
import re
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from provisioning import PROVOST, Server, filled

SMALL = 1_000
PAGES = {
    "overview": "", "users": "/users", "users, searched": "/users?q=user-00005", "users, disabled": "/users?state=disabled",
    "users, page 2": "{next}", "a user": "/users/{user}", "groups": "/groups", "a group": "/groups/{group}", "roles": "/roles",
    "audit log": "/audit", "audit log, of one user": "/audit?q=user-0000500@bench.example", "request log": "/requests",
    "settings": "/settings/admin-apps", "policy": "/settings/policy",
}
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Console:
    """The operator, signed in."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        form = self.page("/console/sign-in?as=operator")
        csrf = re.search(r'name="csrf" value="([^"]*)"', form)[1]
        fields = {"csrf": csrf, "as": "operator", "key": server.key, "next": "/console/accounts"}
        self.opener.open(self.url + "/console/sign-in", urllib.parse.urlencode(fields).encode()).read()

    def page(self, path: str) -> str:
        """A page."""
        try:
            with self.opener.open(self.url + path, timeout=600) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error}")

    def timed(self, path: str) -> tuple[float, int]:
        """How many milliseconds a page takes, and its bytes."""
        began = time.perf_counter()
        text = self.page(path)
        return (time.perf_counter() - began) * 1_000, len(text.encode())


def account(server: Server, users: int) -> dict[str, str]:
    """What paths of an account with so many users name."""
    path, key = server.account(f"{users} users", "directory")
    ids = filled(server, key, users)
    disable = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": False}]}
    for one in ids[:: max(1, users // 100)]:
        server.ask("PATCH", f"/scim/v2/Users/{one}", disable, key)
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Some", "members": [{"value": one} for one in ids[:500]]}
    group = server.ask("POST", "/scim/v2/Groups", group, key)["id"]
    return {"base": path.replace("/api/v1", "/console"), "user": ids[users // 2], "group": group}


def measure(server: Server, users: int, rounds: int) -> None:
    """Prints a line for each page."""
    small, large = account(server, SMALL), account(server, users)
    console = Console(server)
    for one in (small, large):
        text = console.page(one["base"] + "/users")
        after = re.search(r'href="([^"]*[?&;]cursor=[^"]*)"', text)[1].replace("&amp;", "&")
        one["next"] = after.removeprefix(one["base"])
    print(f"{'page':28}{'1,000':>10}{users:>12,}{'ratio':>8}{'bytes':>10}")
    for name, page in PAGES.items():
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for one, taken in zip((small, large), times):
                took, size = console.timed(one["base"] + page.format(**one))
                taken.append(took)
        few, many = (statistics.median(taken) for taken in times)
        print(f"{name:28}{few:>9.1f} {many:>11.1f} {many / few:>7.2f}{size:>10,}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    if not PROVOST.exists():
        sys.exit("build it first: cargo build --release")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        try:
            measure(server, options.users, options.rounds)
        finally:
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    main()
