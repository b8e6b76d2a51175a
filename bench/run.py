#!/usr/bin/env python3
"""Measures Provost beside other people's SCIM servers, and writes RESULTS.md, results.json and growth.svg.

    python3 bench/run.py                 everything: about an hour, mostly spent at 100,000 users
    python3 bench/run.py --sizes 1000    a first look
    python3 bench/run.py --growth        only how Provost alone grows to a million users, on both databases

Each server runs alone, pinned to one core; `provost load` puts the same load on each from another. It installs the strangers from their
registries into target/bench. Linux, Python 3.11 or later, Node.js 20 or later, cargo.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import picture

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
WORK = ROOT / "target" / "bench"
PROVOST = ROOT / "target" / "release" / "provost"
TOKEN = "only-for-this-measurement"
# What reads comes before what creates, so that the sizes are what they are said to be.
SCENARIOS = ["read", "filter", "patch", "page", "group", "create", "bulk"]
OPERATIONS = 100
MEMBERS = 100
# Below what each server bears in the mix, so that latencies can be compared.
MIX, RATE = "read=70,filter=20,patch=10", 50

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
MEMORY = "/dev/shm"
# Where the data lies while growth is measured.
PLACES = {"memory": "in memory", "disk": "on the disk"}
GROWTHS = [("sqlite", "memory"), ("postgresql", "memory"), ("sqlite", "disk")]
# What a request may cost in the largest account, in terms of what it costs in the smallest.
GROWTH_MAX = 1.5

WHY = """
What Provost does in a read beyond what a map in memory does: it looks up the API key of one account among many, asks the database whether
the account's policy is still the one that it knows, reads the user from SQLite, and computes its groups and entity tag. In a write, it also
judges it by the policy, writes the user, what finds it and an audit entry, and waits until they are on the disk.
"""


@dataclass
class Server:
    """A server that can be measured: how it is installed, started and spoken of."""

    name: str
    version: str
    keeps: str
    base: str = ""

    def install(self) -> None:
        """Brings it onto this machine."""

    def command(self, port: int, folder: Path) -> list[str]:
        """What starts it."""
        raise NotImplementedError

    def token(self, _url: str, _folder: Path) -> str:
        """What lets the load in, once it runs."""
        return TOKEN


class Provost(Server):
    def install(self) -> None:
        run(["cargo", "build", "--release", "--locked", "--package", "provost"], cwd=ROOT)

    def command(self, port: int, folder: Path) -> list[str]:
        return [str(PROVOST), "serve", "--data", str(folder), "--listen", f"127.0.0.1:{port}", "--log", "warn"]

    def token(self, url: str, folder: Path) -> str:
        key = (folder / "operator.key").read_text().strip()
        environment = clean() | {"PROVOST_URL": url.removesuffix(self.base), "PROVOST_TOKEN": key}
        run([str(PROVOST), "account", "create", "Bench", "--policy", "standard"], env=environment)
        made = run([str(PROVOST), "admin-app", "create", "Bench", "--account", "Bench", "--json"], env=environment)
        return json.loads(made)["api_key"]


class Scim2Server(Server):
    def install(self) -> None:
        folder = WORK / "scim2-server"
        if not (folder / "bin" / "scim2-server").exists():
            run([sys.executable, "-m", "venv", str(folder)])
            run([str(folder / "bin" / "pip"), "install", "--quiet", f"scim2-server=={self.version}"])

    def command(self, port: int, _folder: Path) -> list[str]:
        program = WORK / "scim2-server" / "bin" / "scim2-server"
        return [str(program), "--port", str(port), "--bearer-token", TOKEN]


class Scimmy(Server):
    def install(self) -> None:
        folder = WORK / "scimmy"
        shutil.copytree(BENCH / "strangers" / "scimmy", folder, dirs_exist_ok=True)
        run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)

    def command(self, port: int, _folder: Path) -> list[str]:
        return ["node", str(WORK / "scimmy" / "server.mjs"), str(port), TOKEN]


class ScimServer(Server):
    def install(self) -> None:
        folder = WORK / "scim-server"
        shutil.copytree(BENCH / "strangers" / "scim-server", folder, dirs_exist_ok=True)
        run(["cargo", "build", "--release"], cwd=folder, env={k: v for k, v in os.environ.items() if k != "CARGO_TARGET_DIR"})

    def command(self, port: int, _folder: Path) -> list[str]:
        return [str(WORK / "scim-server" / "target" / "release" / "bench-scim-server"), str(port), TOKEN]


SERVERS = [
    Provost("Provost", "this commit", "on disk (SQLite), durable before the answer, with an audit trail", "/scim/v2"),
    Scim2Server("scim2-server", "0.8.3", "in memory"),
    Scimmy("scimmy-routers", "1.3.2", "in memory (a Map of ours)", "/scim/v2"),
    ScimServer("scim-server", "0.5.3", "in memory (its own store, behind HTTP of ours)", "/scim/v2"),
]


def run(command: list[str], **options) -> str:
    """Runs a program to its end; what it wrote to stdout."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


def clean() -> dict[str, str]:
    """The environment without what would tell `provost` something."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PROVOST_")}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Waits until somebody answers, whatever it is."""
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"the server at {url} ended with {process.returncode}")
        try:
            urllib.request.urlopen(url + "/ServiceProviderConfig", timeout=1)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the server at {url} does not answer")


def resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def measure(server: Server, size: int, scenarios: list[str], options: argparse.Namespace) -> dict | str:
    """One start of a server and one report; or why there is none."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder, open(WORK / f"{server.name}.log", "a") as log:
        port, data = free_port(), Path(folder) / "data"
        url = f"http://127.0.0.1:{port}{server.base}"
        pinned = ["taskset", "-c", options.server_core, *server.command(port, data)]
        process = subprocess.Popen(pinned, stdout=log, stderr=log, env=clean())
        try:
            wait_for(url, process)
            environment = clean() | {"PROVOST_TOKEN": server.token(url, data)}
            command = ["taskset", "-c", options.load_core, str(PROVOST), "load", url, "--json", "--keep", "--seed", "1"]
            command += ["--users", str(size), "--members", str(MEMBERS), "--operations", str(OPERATIONS)]
            command += ["--duration", str(options.seconds), "--warm-up", str(options.warm_up)]
            paced = ["--rate", "max", "--connections", str(options.connections)]
            if scenarios == [MIX]:
                paced = ["--rate", str(RATE), "--connections", str(options.connections)]
            command += [*paced, *(word for one in scenarios for word in ("--scenario", one))]
            with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
                load = subprocess.Popen(command, stdout=out, stderr=said, env=environment)
                try:
                    code = load.wait(options.patience)
                except subprocess.TimeoutExpired:
                    load.kill()
                    load.wait()
                    return f"was not done within {options.patience} s"
                out.seek(0)
                said.seek(0)
                if code != 0:
                    return said.read().strip().splitlines()[-1].removeprefix("provost: ")
                report = json.load(out)
            report["resident_mb"] = round(resident_mb(process.pid), 1)
            report["load_average"] = os.getloadavg()[0]
            return report
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def figure(rounds: list[dict | str], scenario: str) -> dict:
    """One scenario over all rounds: the median throughput, or why there is none."""
    told = [one for one in rounds if isinstance(one, str)]
    if told:
        return {"why": told[0]}
    runs = [next(run for run in one["runs"] if run["scenario"] == scenario) for one in rounds]
    skipped = [run["reason"] for run in runs if run["outcome"] == "skipped"]
    if skipped:
        return {"why": skipped[0]}
    totals = [run["total"] for run in runs]
    per_second = statistics.median(total["per_second"] for total in totals)
    errors = [error for total in totals for error in total["errors"]]
    worst = max(errors, key=lambda error: error["count"], default=None)
    if per_second == 0:
        told = "nothing was answered in time" if worst is None else f"{worst['what']}: {worst['detail']}"
        return {"why": told}
    found = {"per_second": per_second, "errors": sum(error["count"] for error in errors), "requests": sum(t["requests"] for t in totals)}
    found["error"] = worst and f"{worst['what']}: {worst['detail']}"
    found["bytes"] = round(sum(total["bytes"] for total in totals) / max(1, found["requests"]))
    latencies = [total["latency_ms"] for total in totals if total["latency_ms"]]
    for name in ("p50", "p99", "p99_9"):
        found[name] = statistics.median(latency[name] for latency in latencies) if latencies else None
    found["unsent"] = sum(run["unsent"] for run in runs)
    return found


def collect(options: argparse.Namespace) -> dict:
    """Everything that is measured, by size, server and scenario. Rounds alternate between the servers."""
    figures: dict = {}
    given_up: dict = {}
    for size in options.sizes:
        reports: dict = {(server.name, part): [] for server in SERVERS for part in ("max", "mix")}
        for number in range(options.rounds):
            for server in SERVERS:
                for part, scenarios in (("max", SCENARIOS), ("mix", [MIX])):
                    why = given_up.get(server.name)
                    if why is None:
                        print(f"{size} users, round {number + 1}, {server.name}, {part}", file=sys.stderr, flush=True)
                        report = measure(server, size, scenarios, options)
                        reports[server.name, part].append(report)
                        if isinstance(report, str):
                            # What does not get there at one size does not at ten times that.
                            given_up[server.name] = f"at {size} users: {report}"
                    else:
                        reports[server.name, part].append(why)
        for server in SERVERS:
            at = figures.setdefault(str(size), {}).setdefault(server.name, {})
            at |= {scenario: figure(reports[server.name, "max"], scenario) for scenario in SCENARIOS}
            at["mix"] = figure(reports[server.name, "mix"], MIX)
            memory = [one["resident_mb"] for one in reports[server.name, "max"] if isinstance(one, dict)]
            at["resident_mb"] = max(memory, default=None)
            busy = [one["load_average"] for one in reports[server.name, "max"] if isinstance(one, dict)]
            at["load_average"] = max(busy, default=None)
    return figures


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def noted(note: str, notes: list[str]) -> str:
    """The sign of a note, which is kept once."""
    if note not in notes:
        notes.append(note)
    return f"[{notes.index(note) + 1}]"


def cell(found: dict, ours: dict, name: str, notes: list[str]) -> str:
    if "why" in found:
        return f"– {noted(found['why'], notes)}"
    text = number(found["per_second"])
    if name != "Provost" and "per_second" in ours:
        text += f" ({ours['per_second'] / found['per_second']:.1f}×)"
    if found["errors"]:
        note = f"{found['errors']} of {found['requests']} requests failed, most of them with {found['error']}"
        text += f" {noted(note, notes)}"
    return text


def tables(figures: dict) -> str:
    """The tables, each with its notes."""
    text = ""
    head = "| | " + " | ".join(f"{server.name} {server.version}" for server in SERVERS) + " |\n"
    rule = "| --- |" + " ---: |" * len(SERVERS) + "\n"
    for size, by_server in figures.items():
        notes: list[str] = []
        text += f"\n## {int(size):,} users\n\nGood answers a second, and how many times as many Provost gives:\n\n{head}{rule}"
        for scenario in SCENARIOS:
            ours = by_server["Provost"][scenario]
            cells = [cell(by_server[server.name][scenario], ours, server.name, notes) for server in SERVERS]
            text += f"| {scenario} | " + " | ".join(cells) + " |\n"
        kept = [by_server[server.name]["resident_mb"] for server in SERVERS]
        text += "| memory afterwards, MB | " + " | ".join("–" if one is None else number(one) for one in kept) + " |\n"
        busy = [by_server[server.name].get("load_average") for server in SERVERS]
        text += "| load average meanwhile | " + " | ".join("–" if one is None else number(one) for one in busy) + " |\n"
        pages = [by_server[server.name]["page"].get("bytes") for server in SERVERS]
        text += "| bytes of a page | " + " | ".join("–" if one is None else f"{one:,}" for one in pages) + " |\n"
        text += f"\nLatency in ms of the mix `{MIX}` at {RATE} requests a second, from when each was due:\n\n{head}{rule}"
        for name, title in (("p50", "p50"), ("p99", "p99"), ("p99_9", "p99.9"), ("unsent", "due and not sent")):
            mixes = [by_server[server.name]["mix"] for server in SERVERS]
            text += f"| {title} | " + " | ".join("–" if mix.get(name) is None else f"{mix[name]:,.3g}" for mix in mixes) + " |\n"
        text += "".join(f"\n[{position}] {note}\n" for position, note in enumerate(notes, 1))
    return text


def ahead(figures: dict) -> str:
    """Where a stranger gives more good answers than Provost."""
    lines = []
    for size, by_server in figures.items():
        for server in SERVERS[1:]:
            for scenario in SCENARIOS:
                theirs, ours = by_server[server.name][scenario], by_server["Provost"][scenario]
                if theirs.get("per_second", 0) > ours.get("per_second", 0):
                    factor = ours.get("per_second", 0) / theirs["per_second"]
                    lines.append(f"- {scenario} at {int(size):,} users: {server.name}; Provost gives {factor:.2f} of it.\n")
    if not lines:
        return "\n## Where a stranger is ahead\n\nNowhere.\n"
    return "\n## Where a stranger is ahead\n\n" + "".join(lines) + WHY


def measure_growth(database: str, place: str, sizes: list[int], rounds: int) -> dict:
    """How much more a request costs in a large account than in a small one, with the data in one of PLACES."""
    print(f"growth on {DATABASES[database]} {PLACES[place]}", file=sys.stderr, flush=True)
    command = ["cargo", "bench", "--quiet", "--locked", "--package", "provost", "--bench", "growth", "--"]
    command += ["--database", database, "--rounds", str(rounds), "--sizes", ",".join(str(size) for size in sizes)]
    environment = clean() | ({"TMPDIR": MEMORY} if place == "memory" else {})
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout) | {"place": place}


def grown(growth: dict) -> str:
    """The section about it."""
    if not growth:
        return ""
    text = textwrap.dedent(f"""
        ## From a thousand users to a million

        Made by `python3 bench/run.py --growth`, or by its parts as named below. One server holds an account of each
        size, and each request is measured in all of them in turn: good answers a second, and what one costs in the
        largest in terms of what it costs in the smallest (at most {GROWTH_MAX}). A hundredth as many groups as users
        are there, and one of them has a tenth of the users as members. Reads are 16 at once, writes 64; client and
        server share the machine. `search as one types` asks for those whose userName or address begins with what ten
        of them begin with.

        With the data in memory ({MEMORY}), what is measured is the work; nothing waits for a disk, so writes are not
        to be compared with those elsewhere on this page. On the disk it depends on how much of the file the operating
        system keeps in memory: the machine that this was measured on gives back what was not read for half a minute,
        however much memory is free, so that reads all over a large account come from its disk.
        """)
    for told in growth.values():
        database, place = told["database"], PLACES[told["place"]]
        by_size = told["per_second"]
        sizes = sorted(by_size, key=int)
        asked = f"--database {database} --rounds {told['rounds']} --sizes {','.join(sizes)}"
        folder = f"TMPDIR={MEMORY} " if told["place"] == "memory" else ""
        text += f"\n### {DATABASES[database]}, data {place}\n\n`{folder}cargo bench -p provost --bench growth -- {asked}`\n\n"
        text += "| | " + " | ".join(f"{int(size):,}" for size in sizes) + " | cost |\n"
        text += "| --- |" + " ---: |" * (len(sizes) + 1) + "\n"
        for scenario in by_size[sizes[0]]:
            values = [by_size[size][scenario] for size in sizes]
            cost = values[0] / values[-1]
            over = " (more than it may)" if cost > GROWTH_MAX else ""
            text += f"| {scenario} | " + " | ".join(number(value) for value in values) + f" | {cost:.2f}{over} |\n"
        largest = by_size[sizes[-1]]
        filled = told["filled"][sizes[-1]]
        disk = f" and {told['bytes'] / 1e9:.1f} GB of files" if database == "sqlite" else ""
        facts = f"""The last page of the largest costs {largest['first page'] / largest['last page']:.2f} times its first (at most 2).
            Filling it by Bulk took {filled['seconds']:.0f} s. With {told['users']:,} users in all,
            the server had {told['resident_mb']:.0f} MB in memory{disk} at the end. {told.get('note', '')}"""
        text += "\n" + textwrap.fill(" ".join(facts.split()), 130, break_on_hyphens=False) + "\n"
    return text


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


# What begins the part of RESULTS.md that other programs' figures are written to by hand.
BY_HAND = "## What the engine costs"


def results(figures: dict, growth: dict, options: argparse.Namespace) -> str:
    """RESULTS.md."""
    sizes = ",".join(str(size) for size in options.sizes)
    kept = "".join(f"| {server.name} | {server.version} | {server.keeps} |\n" for server in SERVERS)
    how = f"""{processor()}, {os.cpu_count()} processors; {options.rounds} round(s) of {options.seconds} s after
{options.warm_up} s of warm-up, {options.connections} connections, each as fast as it is answered. The server is pinned to core
{options.server_core}, `provost load` to core {options.load_core}, the same for all. A load average of much more than 2 means that
other work disturbed the measurement.
{options.note}"""
    asked = f"--sizes {sizes} --rounds {options.rounds} --seconds {options.seconds} --warm-up {options.warm_up}"
    return f"""# Provost beside other SCIM servers

Made by `python3 bench/run.py {asked}`.

{textwrap.fill(" ".join(how.split()), 130, break_on_hyphens=False)}

![Growth](growth.svg)

**What is compared is not the same thing.** Provost answers a write when it is durable; the others keep everything in memory and lose it
when they end.

| server | version | keeps its users |
| --- | --- | --- |
{kept}
`scim-server` is a library without HTTP and `scimmy-routers` one without a store: what is missing is added in `bench/strangers/`, as little
as will do. `bulk` is requests of {OPERATIONS} creates, `group` has {MEMBERS} members, `page` asks for 100 users; a server may
give fewer, which the bytes of a page show. `scimgateway` was to be here too, but npm did not find it. `scim2-server`
is meant for tests and demos, and closes each connection after its answer, so that each request opens another.
{ahead(figures)}{grown(growth)}{tables(figures)}"""


def sizes(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=sizes, default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--patience", type=int, default=600, help="seconds that a server has for one round")
    parser.add_argument("--note", default="", help="what else the reader should know")
    parser.add_argument("--again", action="store_true", help="write everything again from results.json, without measuring")
    parser.add_argument("--growth", action="store_true", help="measure only how Provost alone grows")
    parser.add_argument("--growth-sizes", type=sizes, default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--server-core", default="0")
    parser.add_argument("--load-core", default="1")
    options = parser.parse_args()
    kept = BENCH / "results.json"
    told = json.loads(kept.read_text()) if kept.exists() else {}
    growth = told.get("growth", {})
    if options.growth:
        growth = {}
        for database, place in GROWTHS:
            growth[f"{database}, {place}"] = measure_growth(database, place, options.growth_sizes, options.rounds)
    if options.again or options.growth:
        told["options"]["note"] = options.note or told["options"]["note"]
        options, figures = argparse.Namespace(**told["options"]), told["figures"]
    else:
        WORK.mkdir(parents=True, exist_ok=True)
        for server in SERVERS:
            print(f"installing {server.name}", file=sys.stderr, flush=True)
            server.install()
        figures = collect(options)
    asked = ("sizes", "rounds", "seconds", "warm_up", "connections", "patience", "server_core", "load_core", "note")
    told = {"options": {name: getattr(options, name) for name in asked}, "figures": figures, "growth": growth}
    kept.write_text(json.dumps(told, indent=1) + "\n")
    (BENCH / "growth.svg").write_text(picture.growth(figures, [server.name for server in SERVERS], SCENARIOS))
    written = BENCH / "RESULTS.md"
    by_hand = written.read_text().partition(BY_HAND) if written.exists() else ("", "", "")
    written.write_text(results(figures, growth, options) + "\n" * bool(by_hand[1]) + "".join(by_hand[1:]))


if __name__ == "__main__":
    main()
