#!/usr/bin/env python3
"""What an ordinary site costs (bench/site: default middleware, templates, SQLite), beside nginx's `return 200`.

    bench/site_bench.py STAGE [--seconds 3] [--rounds 5]

STAGE is a folder with the installed library. Rounds alternate; medians and the ratio of CPU time a
request are printed, then the memory of an idle worker.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

from server_bench import ROOT, Server, load, start_nginx


def pkg_config(stage, *options):
    found = next(pathlib.Path(stage).resolve().rglob("nuages.pc")).parent
    return subprocess.run(["pkg-config", *options, "nuages"], env=dict(os.environ, PKG_CONFIG_PATH=str(found)),
                          check=True, capture_output=True, text=True).stdout.split()


def build_site(stage, folder):
    shutil.copytree(ROOT / "bench/site", folder, dirs_exist_ok=True)
    libdir = pkg_config(stage, "--variable=libdir")[0]
    subprocess.run(["cc", "-O2", "-g", "-std=gnu17", "-Wno-missing-field-initializers", *pkg_config(stage, "--cflags"),
                    "manage.c", "-o", "manage", *pkg_config(stage, "--libs"), f"-Wl,-rpath,{libdir}"],
                   cwd=folder, check=True)
    for command in ("migrate", "fill"):
        subprocess.run(["./manage", command, "-v0"], cwd=folder, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stage")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nuages-bench-") as folder:
        build_site(options.stage, folder)
        ours = Server("nuages", [f"{folder}/manage", "serve", "127.0.0.1:0", "--workers=1"], r":(\d+)/")
        theirs = start_nginx(folder)
        print(f"{'an ordinary site':24}{'requests/s':>12}{'CPU µs':>10}{'nginx':>10}{'ratio':>8}")
        for path in ("/plaintext", "/json", "/page", "/rows"):
            for connections in (32, 256):
                rounds = [(load(ours, path, connections, options.seconds),
                           load(theirs, "/", connections, options.seconds)) for _ in range(options.rounds)]
                print(f"{path + ', ' + str(connections):24}"
                      f"{statistics.median(mine[0] for mine, _ in rounds):12.0f}"
                      f"{statistics.median(mine[1] for mine, _ in rounds):10.2f}"
                      f"{statistics.median(other[1] for _, other in rounds):10.2f}"
                      f"{statistics.median(mine[1] / other[1] for mine, other in rounds):8.2f}", flush=True)
        print(f"worker after the load: {ours.memory_kb('Pss') / 1024:.1f} MB PSS, {ours.memory_kb('Rss') / 1024:.1f} MB RSS")
        ours.stop()
        fresh = Server("nuages", [f"{folder}/manage", "serve", "127.0.0.1:0", "--workers=1"], r":(\d+)/")
        print(f"idle worker:           {fresh.memory_kb('Pss') / 1024:.1f} MB PSS, {fresh.memory_kb('Rss') / 1024:.1f} MB RSS")
        fresh.stop()
        theirs.stop()


if __name__ == "__main__":
    main()
