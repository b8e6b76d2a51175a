#!/usr/bin/env python3
"""Measures what the engine costs: one account of a server provisions into another one of the same server.

    python3 bench/provisioning.py --users 100000 --scope all
    python3 bench/provisioning.py --users 30000 --scope all --pinned
    python3 bench/provisioning.py --users 1000000 --scope assigned

Prints how long an initial cycle takes, then cycles that find nothing and ten changes, and the server's memory. With `all`, everybody is
provisioned, and what `provost load` does to the same server stands beside it: creates alone, and creates with as many searches by
userName, which is what a cycle asks of a target for each new user. With `assigned`, ten users are provisioned, in a directory of so many.
With `--apart` the target is a second server, and what each costs is told apart. With `--pinned` it has the first processor for itself,
and source and `provost load` the second one, so that it shows which of the two a cycle waits for.
Needs `cargo build --release`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROVOST = Path(__file__).resolve().parent.parent / "target" / "release" / "provost"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
AT_ONCE, CHANGES = 1_000, 10


class Server:
    """A server on a temporary folder."""

    def __init__(self, folder: str, processor: int | None = None) -> None:
        command = [*pinned(processor), PROVOST, "serve", "--data", folder, "--listen", "127.0.0.1:0", "--allow-private-targets"]
        command += ["--log", "error"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.key = (Path(folder) / "operator.key").read_text().strip()

    def ask(self, method: str, path: str, body: dict | None = None, key: str | None = None) -> dict:
        """One request; its answer as JSON."""
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode() if body else None, headers, method=method)
        with urllib.request.urlopen(request, timeout=3_600) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def account(self, name: str, policy: str) -> tuple[str, str]:
        """The path of a new account, and a key for its SCIM."""
        path = "/api/v1/accounts/" + self.ask("POST", "/api/v1/accounts", {"name": name, "policy": policy})["id"]
        return path, self.ask("POST", f"{path}/admin-apps", {"name": "Bench"})["api_key"]

    def processor(self) -> float:
        """Seconds of processor that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> int:
        """Its resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) // 1_024


def pinned(processor: int | None) -> list[str]:
    """What to put before a command that is to run on this processor alone."""
    return [] if processor is None else ["taskset", "-c", str(processor)]


@contextmanager
def running(folder: str, processor: int | None = None):
    """A server until the end of the block."""
    server = Server(folder, processor)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


def user(number: int) -> dict:
    """A user with what most users have."""
    name = f"user-{number:07d}@bench.example"
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": name, "userName": name, "active": True, "displayName": f"Ann Example, {name}", "title": "Engineer",
        "emails": [{"primary": True, "type": "work", "value": name}],
        "name": {"formatted": "Ann Example", "familyName": "Example", "givenName": "Ann"},
        ENTERPRISE: {"employeeNumber": "4711", "department": "Research"},
    }


def filled(server: Server, key: str, users: int) -> list[str]:
    """The ids of so many new users."""

    def some(first: int) -> list[str]:
        numbers = range(first, min(users, first + AT_ONCE))
        operations = [{"method": "POST", "path": "/Users", "bulkId": str(n), "data": user(n)} for n in numbers]
        done = server.ask("POST", "/scim/v2/Bulk", {"schemas": [BULK], "Operations": operations}, key)
        return [operation["location"].rsplit("/", 1)[1] for operation in done["Operations"]]

    with ThreadPoolExecutor(4) as threads:
        return [one for ids in threads.map(some, range(0, users, AT_ONCE)) for one in ids]


def measure(server: Server, target: Server, users: int, scope: str, together: bool, processor: int | None) -> None:
    """Prints what cycles cost that provision from one server into the other, or into itself."""
    source, key = server.account("Source", "directory")
    _, target_key = target.account("Target", "standard")
    ids = filled(server, key, users)
    print(f"{users:,} users in the directory; server: {server.megabytes()} MB", flush=True)
    app = {"name": "Target", "tenant_url": f"{target.url}/scim/v2?aadOptscim062020", "secret_token": target_key, "scope": scope,
           "compatibility": {"bulk": "offered", "searches": "together"} if together else {}}
    app = f"{source}/enterprise-apps/" + server.ask("POST", f"{source}/enterprise-apps", app)["id"]
    if scope == "assigned":
        for one in ids[:CHANGES]:
            server.ask("POST", f"{app}/assignments", {"user": one})
    for cycle in ("initial", "nothing has changed", f"{CHANGES} changes", f"{CHANGES} changes"):
        for one in ids[:CHANGES] if "changes" in cycle else []:
            operation = {"op": "replace", "path": "title", "value": str(time.time())}
            server.ask("PATCH", f"/scim/v2/Users/{one}", {"schemas": [PATCH], "Operations": [operation]}, key)
        began, used = time.monotonic(), [server.processor(), target.processor()]
        ran = server.ask("POST", f"{app}/cycle")
        seconds, used = time.monotonic() - began, [server.processor() - used[0], target.processor() - used[1]]
        counts = ", ".join(f"{name} {count:,}" for name, count in ran["counts"].items() if count) or "nothing to do"
        if ran["counts"]["created"] and scope == "all":
            beside(target, ran["counts"]["created"] / seconds, processor)
        rate = ""
        if created := ran["counts"]["created"]:
            each = [f"{seconds / created * 1e6:,.0f} µs" for seconds in used]
            of_processor = f"{each[0]} in all"
            if target is not server:
                of_processor = f"{each[0]} here ({used[0] / seconds:.0%} of the time), {each[1]} at the target ({used[1] / seconds:.0%})"
            rate = f", {created / seconds:,.0f} created a second, each with {of_processor} of processor"
        print(f"{cycle}: {ran['status']} in {seconds:.2f} s{rate}; {counts}; server: {server.megabytes()} MB", flush=True)


def beside(server: Server, rate: float, processor: int | None) -> None:
    """Prints what the server bears of the same requests without an engine."""
    _, key = server.account("Load", "standard")
    for scenario, share in (("create", 1.0), ("filter=50,create=50", 0.5)):
        command = [*pinned(processor), PROVOST, "load", f"{server.url}/scim/v2", "--json", "--rate", "max", "--scenario", scenario]
        command += ["--duration", "5"]
        environment = os.environ | {"PROVOST_TOKEN": key}
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        alone = json.loads(ran.stdout)["runs"][0]["total"]["per_second"] * share
        print(f"provost load, {scenario}: {alone:,.0f} created a second; the cycle created {rate / alone:.2f} of it", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--scope", choices=["all", "assigned"], default="all")
    parser.add_argument("--apart", action="store_true", help="the target is a server of its own, so that each shows what it costs")
    parser.add_argument("--pinned", action="store_true", help="the same, each on a processor of its own")
    parser.add_argument("--together", action="store_true", help="writes go together, and so do searches")
    options = parser.parse_args()
    if not PROVOST.exists():
        sys.exit("build it first: cargo build --release")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        ours, theirs = (1, 0) if options.pinned else (None, None)
        server = servers.enter_context(running(f"{folder}/source", ours))
        is_apart = options.apart or options.pinned
        target = servers.enter_context(running(f"{folder}/target", theirs)) if is_apart else server
        measure(server, target, options.users, options.scope, options.together, ours)


if __name__ == "__main__":
    main()
