#!/usr/bin/env python3
"""What the bare server costs, side by side with nginx's `return 200` (Debian: nginx-light, wrk).

    bench/server_bench.py BUILD [--seconds 3] [--rounds 5] [--idle 10000]

BUILD is a Meson build folder with optimization; bench/hello.c is compiled against its libraries.
Rounds alternate between the two servers, so that whatever else the machine does falls on both; the
medians are printed with their ratio. CPU is what the kernel accounts to the serving process
(/proc/PID/schedstat), with its share of the network stack.
"""
import argparse
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ["server", "http", "crypto", "runtime", "base"]
LIBRARIES = ["-lz", "-lssl", "-lcrypto", "-lnghttp2", "-lbacktrace", "-lpthread", "-lm"]
NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        default_type text/plain;
        location / {{ return 200 "Hello, World!"; }}
        location /json {{
            default_type application/json;
            return 200 '{{"message": "Hello, World!"}}';
        }}
    }}
}}
"""


def compile_hello(build, folder):
    program = f"{folder}/hello"
    names = [f"src/libnu_{layer}.a" for layer in LAYERS]
    archives = [f"{build}/{name}" for name in names]
    subprocess.run(["ninja", "-C", build, *names], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cc", "-O2", "-g", "-std=gnu17", f"-I{ROOT}/include", f"{ROOT}/bench/hello.c",
                    "-o", program, *archives, *LIBRARIES], check=True)
    return program


class Server:
    """A running server: `pid` is the process that serves, `parent` the one to end."""

    def __init__(self, name, command, pattern=None, port=None):
        self.name = name
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        if pattern:
            line = self.process.stdout.readline()
            port = int(re.search(pattern, line).group(1))
        self.port = port
        wait_for(port)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.pid = int((children.read_text().split() or [self.process.pid])[0])

    def cpu_us(self):
        return int(pathlib.Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1000

    def memory_kb(self, kind):
        text = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(re.search(rf"^{kind}:\s+(\d+)", text, re.M).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"nothing listens on port {port}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_nginx(folder):
    port = free_port()
    config = pathlib.Path(folder, "nginx.conf")
    config.write_text(NGINX.format(folder=folder, port=port))
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    return Server("nginx", [binary, "-p", folder, "-c", str(config)], port=port)


def load(server, path, connections, seconds):
    """One run of wrk: requests a second, and CPU of the server for each."""
    before = server.cpu_us()
    output = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", f"http://127.0.0.1:{server.port}{path}"],
        capture_output=True, text=True, check=True).stdout
    cpu = server.cpu_us() - before
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"{server.name}: errors under load\n{output}")
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)), cpu / requests


def compare(ours, theirs, options):
    print(f"{'':24}{'requests/s':>24}{'CPU µs/request':>24}{'ratio':>8}")
    print(f"{'':24}{'nuages':>12}{'nginx':>12}{'nuages':>12}{'nginx':>12}{'CPU':>8}")
    for path, label in (("/", "plaintext"), ("/json", "JSON")):
        for connections in (32, 256):
            rounds = [(load(ours, path, connections, options.seconds),
                       load(theirs, path, connections, options.seconds))
                      for _ in range(options.rounds)]
            median = [[statistics.median(one[who][what] for one in rounds) for who in (0, 1)]
                      for what in (0, 1)]
            ratio = statistics.median(mine[1] / other[1] for mine, other in rounds)
            print(f"{label + ', ' + str(connections):24}"
                  f"{median[0][0]:12.0f}{median[0][1]:12.0f}"
                  f"{median[1][0]:12.2f}{median[1][1]:12.2f}{ratio:8.2f}", flush=True)


def answer(connection):
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection.recv(4096).startswith(b"HTTP/1.1 200")


def hold_idle(server, count):
    """Memory for each of `count` connections that have had one response and now wait."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(count, hard - 100)
    before = server.memory_kb("Pss")
    connections = []
    for _ in range(count):
        connections.append(socket.create_connection(("127.0.0.1", server.port)))
        if not answer(connections[-1]):
            sys.exit("an idle connection got no answer")
    after = server.memory_kb("Pss")
    still = sum(answer(connection) for connection in connections)
    for connection in connections:
        connection.close()
    print(f"{server.name}: {count} idle connections: {after / 1024:.1f} MB in all, "
          f"{(after - before) / count:.2f} kB each; {still} of them answer again")


def count_calls(server, seconds):
    """System calls for each request, as strace sees them."""
    if not shutil.which("strace"):
        return
    trace = subprocess.Popen(["strace", "-c", "-f", "-p", str(server.pid)], stderr=subprocess.PIPE,
                             text=True)
    select.select([trace.stderr], [], [], 5)
    output = subprocess.run(["wrk", "-t1", "-c8", f"-d{seconds}", f"http://127.0.0.1:{server.port}/"],
                            capture_output=True, text=True).stdout
    trace.send_signal(signal.SIGINT)
    table = trace.communicate()[1]
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    rows = [line.split() for line in table.splitlines() if re.match(r"\s*\d+\.\d+ ", line)]
    calls = {row[-1]: int(row[3]) for row in rows if row[-1] != "total"}
    print("system calls for each request: " + ", ".join(
        f"{name} {number / requests:.2f}" for name, number in
        sorted(calls.items(), key=lambda item: -item[1]) if number / requests >= 0.01))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idle", type=int, default=10000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = Server("nuages", [compile_hello(options.build, folder), "127.0.0.1:0", "1"],
                      r":(\d+)/$")
        theirs = start_nginx(folder)
        try:
            print(f"idle worker: nuages {ours.memory_kb('Pss')} kB PSS, {ours.memory_kb('Rss')} kB "
                  f"resident; nginx {theirs.memory_kb('Pss')} kB PSS")
            compare(ours, theirs, options)
            count_calls(ours, options.seconds)
            hold_idle(ours, options.idle)
        finally:
            ours.stop()
            theirs.stop()


if __name__ == "__main__":
    main()
