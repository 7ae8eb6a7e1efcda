#!/usr/bin/env python3
"""What templates cost: Nuages beside Django's own engine, Jinja2, ctemplate, ClearSilver and a C loop that only
escapes and concatenates (bench/template).

    bench/template_bench.py STAGE [--rounds 7]

STAGE is a folder with the installed library. Rounds alternate between the programs; the medians are printed,
and beside each the median of its ratios to Nuages in the same round.
"""
import argparse
import collections
import statistics
import subprocess
import tempfile

from server_bench import ROOT
from site_bench import pkg_config

FOLDER = ROOT / "bench/template"


def build(stage, folder):
    libdir = pkg_config(stage, "--variable=libdir")[0]
    subprocess.run(["cc", "-O2", "-std=gnu17", *pkg_config(stage, "--cflags"), FOLDER / "nuages.c", "-o",
                    f"{folder}/nuages", *pkg_config(stage, "--libs"), f"-Wl,-rpath,{libdir}"], check=True)
    subprocess.run(["c++", "-O2", "-std=c++17", "-w", "-I/usr/include/ClearSilver", FOLDER / "others.cc", "-o",
                    f"{folder}/others", "-lneo_cgi", "-lneo_cs", "-lneo_utl", "-lctemplate", "-lz"], check=True)
    return [[f"{folder}/nuages", str(FOLDER / "pages")], [f"{folder}/others"],
            ["/usr/bin/python3", str(FOLDER / "python.py")]]


def measure(programs):
    """{(page, engine): microseconds}"""
    found = {}
    for program in programs:
        for line in subprocess.run(program, check=True, capture_output=True, text=True).stdout.splitlines():
            engine, page, microseconds, _ = line.split()
            found[page, engine] = float(microseconds)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stage")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    rounds = collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="nuages-bench-") as folder:
        programs = build(options.stage, folder)
        for _ in range(options.rounds):
            for key, microseconds in measure(programs).items():
                rounds[key].append(microseconds)
    print(f"{'template':12}{'engine':14}{'CPU µs':>10}{'to Nuages':>11}")
    for (page, engine), costs in sorted(rounds.items(), key=lambda item: (item[0][0], statistics.median(item[1]))):
        ratio = statistics.median(cost / ours for cost, ours in zip(costs, rounds[page, "Nuages"]))
        print(f"{page:12}{engine:14}{statistics.median(costs):10.2f}{ratio:11.2f}")


main()
