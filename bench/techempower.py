#!/usr/bin/env python3
"""The TechEmpower set on PostgreSQL (bench/techempower: an ordinary site), beside nginx's `return 200`, Django
under gunicorn, and pgbench as the ceiling of the database.

    scripts/postgres run bench/techempower.py STAGE [--seconds 3] [--rounds 3] [--connections 1,32,256] [--no-django]

STAGE is a folder with the installed library. Rounds alternate. CPU is what the kernel accounts to the serving
process alone; the ratio is to what nginx needs for its answer in the same round at 32 connections.
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.parse

from server_bench import ROOT, Server, free_port, start_nginx
from site_bench import pkg_config

PATHS = [("plaintext", "/plaintext"), ("JSON", "/json"), ("single query", "/db"),
         ("20 queries", "/queries?queries=20"), ("fortunes", "/fortunes"), ("20 updates", "/updates?queries=20")]
UNITS = {"us": 1, "ms": 1000, "s": 1000000}


def build_site(stage, folder, url):
    shutil.copytree(ROOT / "bench/techempower", folder, dirs_exist_ok=True)
    libdir = pkg_config(stage, "--variable=libdir")[0]
    subprocess.run(["cc", "-O2", "-g", "-std=gnu17", "-Wno-missing-field-initializers", *pkg_config(stage, "--cflags"),
                    "manage.c", "-o", "manage", *pkg_config(stage, "--libs"), f"-Wl,-rpath,{libdir}"],
                   cwd=folder, check=True)
    for command in (["migrate", "-v0"], ["fill"]):
        subprocess.run(["./manage", *command], cwd=folder, check=True, env=dict(os.environ, DATABASE_URL=url))


def load(server, path, connections, seconds):
    """(requests a second, CPU µs a request, median µs, p99 µs)"""
    before = server.cpu_us()
    output = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", f"http://127.0.0.1:{server.port}{path}"],
        capture_output=True, text=True, check=True).stdout
    cpu = server.cpu_us() - before
    if "Non-2xx" in output or re.search(r"Socket errors:.*(connect|read|write) [1-9]", output):
        print(f"{server.name} {path}: errors under load\n{output}", file=sys.stderr)
    requests = max(1, int(re.search(r"(\d+) requests in", output).group(1)))
    times = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+[mu]?s)", output, re.M))
    spans = [float(re.match(r"[\d.]+", times[key]).group()) * UNITS[re.search(r"[mu]?s", times[key]).group()]
             for key in ("50", "99")]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)), cpu / requests, spans[0], spans[1]


class Gunicorn(Server):
    def __init__(self, name, folder, environment):
        port = free_port()
        os.environ.update(environment)
        super().__init__(name, ["gunicorn", "--chdir", f"{folder}/django", "-w", "1", "-b", f"127.0.0.1:{port}",
                                "--log-level", "error", "bench_site:application"], port=port)
        for key in environment:
            if not key.startswith("PG"):
                del os.environ[key]


def pg_environment(url):
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    return {"PGDATABASE": parts.path.lstrip("/"), "PGUSER": parts.username or "", "PGHOST": query.get("host", parts.hostname or ""),
            "PGPORT": query.get("port", str(parts.port or 5432))}


def database_ceiling(environment, seconds):
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        one = "SELECT id, randomnumber FROM world WHERE id = :id"
        for name, text in (("one a round trip", f"\\set id random(1, 10000)\n{one};\n"),
                           ("20 in a pipeline", "\\startpipeline\n" + f"\\set id random(1, 10000)\n{one};\n" * 20
                            + "\\endpipeline\n")):
            script.seek(0)
            script.truncate()
            script.write(text)
            script.flush()
            output = subprocess.run(["pgbench", "-n", "-M", "prepared", "-c", "32", "-j", "1", "-T", str(seconds),
                                     "-f", script.name], env=dict(os.environ, **environment), capture_output=True, text=True)
            found = re.search(r"tps = ([\d.]+)", output.stdout)
            rows = float(found.group(1)) * (20 if "pipeline" in name else 1) if found else 0
            print(f"pgbench, {name}: {rows:.0f} rows/s")


def report(servers, baseline, options):
    print(f"{'':14}{'conn.':>6}" + "".join(f"{server.name + ' req/s':>18}{'CPU µs':>9}{'ratio':>8}{'p50 µs':>9}{'p99 µs':>9}"
                                           for server in servers))
    for label, path in PATHS:
        for connections in options.connections:
            rounds = []
            for _ in range(options.rounds):
                reference = load(baseline, "/", 32, options.seconds)
                rounds.append((reference, [load(server, path, connections, options.seconds) for server in servers]))
            line = f"{label:14}{connections:6}"
            for i in range(len(servers)):
                mine = [statistics.median(one[1][i][what] for one in rounds) for what in range(4)]
                ratio = statistics.median(one[1][i][1] / one[0][1] for one in rounds)
                line += f"{mine[0]:18.0f}{mine[1]:9.1f}{ratio:8.2f}{mine[2]:9.0f}{mine[3]:9.0f}"
            print(line, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stage")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=lambda text: [int(part) for part in text.split(",")], default=[1, 32, 256])
    parser.add_argument("--no-django", action="store_true")
    options = parser.parse_args()
    url = os.environ.get("NUAGES_TEST_POSTGRES") or sys.exit("run it with scripts/postgres run")
    environment = pg_environment(url)
    with tempfile.TemporaryDirectory(prefix="nuages-bench-") as folder:
        os.chmod(folder, 0o755)
        build_site(options.stage, folder, url)
        os.environ["DATABASE_URL"] = url
        servers = [Server("nuages", [f"{folder}/manage", "serve", "127.0.0.1:0", "--workers=1"], r":(\d+)/")]
        if not options.no_django and shutil.which("gunicorn"):
            servers.append(Gunicorn("Django", folder, dict(environment, MIDDLEWARE="1")))
        baseline = start_nginx(folder)
        try:
            database_ceiling(environment, options.seconds)
            report(servers, baseline, options)
            for server in servers:
                print(f"{server.name}: {server.memory_kb('Pss') / 1024:.1f} MB PSS after the load")
        finally:
            for server in [*servers, baseline]:
                server.stop()


if __name__ == "__main__":
    main()
