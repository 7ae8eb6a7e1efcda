#!/usr/bin/env python3
"""Where the CPU of the TechEmpower site goes, by room of the library: `perf record` on the worker (Debian: linux-perf).

    scripts/postgres run bench/rooms.py BUILD STAGE [--connections 32] [--seconds 3]

BUILD is the build folder with src/libnu_ROOM.a, STAGE the library installed from it.
"""
import argparse
import collections
import os
import pathlib
import subprocess
import sys
import tempfile

from server_bench import Server
from techempower import PATHS, build_site

OTHERS = {"[kernel.kallsyms]": "kernel", "[kernel]": "kernel", "[vdso]": "kernel", "manage": "the program"}


def rooms_of_symbols(build):
    rooms = {}
    for archive in pathlib.Path(build, "src").glob("libnu_*.a"):
        room = archive.stem.removeprefix("libnu_")
        output = subprocess.run(["nm", "--defined-only", archive], capture_output=True, text=True, check=True).stdout
        for line in output.splitlines():
            parts = line.split()
            if len(parts) == 3 and parts[1] in "tT":
                rooms.setdefault(parts[2].split(".")[0], room)
    return rooms


def samples(worker, seconds, folder):
    """(share, object, symbol) of what the process ran."""
    data = f"{folder}/perf.data"
    subprocess.run(["perf", "record", "-q", "-F", "4000", "-p", str(worker), "-o", data, "--", "sleep", str(seconds)],
                   check=True, stderr=subprocess.DEVNULL)
    output = subprocess.run(["perf", "report", "-i", data, "--sort", "dso,symbol", "--stdio", "-t", "|", "-q"], capture_output=True, text=True, check=True).stdout
    for line in output.splitlines():
        parts = [part.strip() for part in line.split("|")]
        if len(parts) >= 3 and parts[0].endswith("%"):
            yield float(parts[0].rstrip("%")), parts[1], parts[2].split("] ")[-1].split()[0]


def room_of(rooms, container, symbol):
    if container.startswith("libnuages"):
        return rooms.get(symbol.split(".")[0], "library, other")
    return OTHERS.get(container, container.split(".so")[0])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("stage")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    url = os.environ.get("NUAGES_TEST_POSTGRES") or sys.exit("run it with scripts/postgres run")
    rooms = rooms_of_symbols(options.build)
    with tempfile.TemporaryDirectory(prefix="nuages-bench-") as folder:
        os.chmod(folder, 0o755)
        build_site(options.stage, folder, url)
        os.environ["DATABASE_URL"] = url
        server = Server("nuages", [f"{folder}/manage", "serve", "127.0.0.1:0", "--workers=1"], r":(\d+)/")
        try:
            for label, path in PATHS:
                load = subprocess.Popen(["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds + 2}",
                                         f"http://127.0.0.1:{server.port}{path}"], stdout=subprocess.DEVNULL)
                shares = collections.Counter()
                for share, container, symbol in samples(server.pid, options.seconds, folder):
                    shares[room_of(rooms, container, symbol)] += share
                load.wait()
                print(f"{label:14}" + ", ".join(f"{room} {share:.0f}%" for room, share in shares.most_common() if share >= 1),
                      flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
