#!/usr/bin/env python3
"""What idle WebSockets cost in memory, and a message there and back in time.

    bench/websocket_bench.py BUILD [--idle 10000] [--messages 50000]

BUILD is a Meson build folder with optimization; bench/websocket.c is compiled against its libraries. Each
connection has echoed a message before it falls silent. Memory is what the server's process holds
(RSS), so without the kernel's buffers; CPU is what the kernel accounts to it.
"""
import argparse
import pathlib
import resource
import signal
import socket
import subprocess
import tempfile
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ["server", "http", "crypto", "runtime", "base"]
LIBRARIES = ["-lnghttp2", "-lssl", "-lz", "-lcrypto", "-lbacktrace", "-lpthread", "-lm"]
HEAD = ("GET {} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")


def compile_server(build, folder):
    program = pathlib.Path(folder) / "websocket"
    archives = [f"{build}/src/libnu_{layer}.a" for layer in LAYERS]
    subprocess.run(["cc", "-O2", "-g", "-std=gnu17", f"-I{ROOT}/include", f"{ROOT}/bench/websocket.c", "-o",
                    str(program), "-Wl,--start-group", *archives, "-Wl,--end-group", *LIBRARIES], check=True)
    return program


class Server:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline().strip().rstrip("/").rsplit(":", 1)[1])

    def rss(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024

    def cpu_ns(self):
        return int(open(f"/proc/{self.process.pid}/schedstat").read().split()[0])

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def frame(first, payload):
    head = bytes([first, 0x80 | len(payload)]) if len(payload) < 126 else \
        bytes([first, 0xfe]) + len(payload).to_bytes(2, "big")
    return head + bytes(4) + payload


def open_socket(port, path):
    peer = socket.create_connection(("127.0.0.1", port))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.sendall(HEAD.format(path).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += peer.recv(1)
    assert head.startswith(b"HTTP/1.1 101"), head
    return peer


def read_frame(peer):
    head = peer.recv(2, socket.MSG_WAITALL)
    length = head[1] if head[1] < 126 else int.from_bytes(peer.recv(2, socket.MSG_WAITALL), "big")
    return peer.recv(length, socket.MSG_WAITALL) if length else b""


def measure_idle(program, path, count):
    server = Server(program)
    peers = []
    before = server.rss()
    for i in range(count):
        peer = open_socket(server.port, path)
        peer.sendall(frame(0x82, b"x" * 2000))
        assert len(read_frame(peer)) == 2000
        peers.append(peer)
    at_once = server.rss()
    time.sleep(5)
    after = server.rss()
    print(f"{path}: {count} idle: {(after - before) / count / 1024:.2f} KiB each "
          f"({(at_once - before) / count / 1024:.2f} before the stacks were trimmed), {after / 1048576:.1f} MiB in all")
    server.stop()


def measure_messages(program, path, count, payload):
    server = Server(program)
    peer = open_socket(server.port, path)
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
    sent = frame(0xc1, packed) if path == "/deflate" else frame(0x81, payload)
    batch, done, cpu = 50, 0, server.cpu_ns()
    while done < count:
        peer.sendall(sent * batch)
        for _ in range(batch):
            read_frame(peer)
        done += batch
    print(f"{path}: {len(payload)} bytes there and back: {(server.cpu_ns() - cpu) / count / 1000:.2f} µs CPU")
    server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--idle", type=int, default=10000)
    parser.add_argument("--messages", type=int, default=50000)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory() as folder:
        program = compile_server(options.build, folder)
        for path in ["/handler", "/compact", "/events"]:
            measure_idle(program, path, options.idle)
        text = b"some words that a chat room may see, and then some more of them " * 4
        for path in ["/handler", "/events", "/deflate"]:
            measure_messages(program, path, options.messages, text)


if __name__ == "__main__":
    main()
