"""What tests/project/run and tests/mistakes/run share: a staged library, projects made with it, checks."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    pass


def check(condition, *told):
    if not condition:
        raise Failure("\n".join(str(part) for part in told) or "a check failed")


def contains(text, *parts):
    for part in parts:
        check(part in text, f"{part!r} is missing in:", text)


class Stage:
    """The library as it is installed; NUAGES_STAGE names one that is there already."""

    def __init__(self, temporary):
        stage = os.environ.get("NUAGES_STAGE")
        if stage is None:
            stage = str(temporary / "stage")
            subprocess.run(["make", "-s", "all"], cwd=ROOT, check=True)
            subprocess.run(["meson", "install", "-C", "build/release", "--quiet", "--no-rebuild", "--destdir", stage],
                           cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("SECRET_KEY", "DEBUG", "DATABASE_URL", "ALLOWED_HOSTS", "MAKEFLAGS")}
        self.environment["NO_COLOR"] = "1"
        self.environment["PKG_CONFIG_PATH"] = str(next(pathlib.Path(stage).rglob("nuages.pc")).parent)
        self.tool = str(next(path for path in pathlib.Path(stage).rglob("nuages") if path.is_file()))


class Result:
    """What a command printed and how it ended."""

    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.all = self.out + self.err

    def good(self):
        check(self.status == 0, f"status {self.status}", self.all)
        return self

    def bad(self, *parts, status=1):
        """One clear message: this status, these words, and no stack."""
        check(self.status == status, f"status {self.status}, not {status}", self.all)
        contains(self.all, *parts)
        check("AddressSanitizer" not in self.all and "\n  at " not in self.all and "C stack" not in self.all,
              "a stack is shown:", self.all)
        return self


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A command that serves, in a process group of its own."""

    def __init__(self, folder, environment, command, *arguments):
        self.port = free_port()
        self.log = open(folder / f"server-{self.port}.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([str(folder / "manage"), command, str(self.port), *arguments], cwd=folder,
                                        env=environment, stdout=self.log, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, start_new_session=True)

    def output(self):
        self.log.seek(0)
        return self.log.read()

    def says(self, *parts, seconds=15):
        """Waits until its output holds the parts: who answers may not have spoken yet."""
        deadline = time.monotonic() + seconds
        while any(part not in self.output() for part in parts) and time.monotonic() < deadline:
            time.sleep(0.02)
        contains(self.output(), *parts)

    def get(self, path="/", timeout=10):
        """Status and body; (0, reason) if nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (OSError, urllib.error.URLError) as error:
            return 0, str(error)

    def until(self, wanted, path="/", seconds=15):
        """Asks until wanted(status, body); how long it took."""
        began = time.monotonic()
        answer = (0, "")
        while time.monotonic() - began < seconds:
            answer = self.get(path)
            if wanted(*answer):
                return time.monotonic() - began
            check(self.process.poll() is None, "the server has ended:", self.output())
            time.sleep(0.03)
        raise Failure(f"after {seconds} s the answer still is {answer[0]}:\n{answer[1][:2000]}\n{self.output()}")

    def ends_on(self, number, seconds=10):
        self.process.send_signal(number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure("the server does not end:\n" + self.output()) from None
        check(self.get()[0] == 0, "somebody still answers")
        return status

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()


class Socket:
    """A WebSocket at a server's home page, which answers to nothing by itself."""

    def __init__(self, server, *lines):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=15)
        head = ["GET / HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Connection: Upgrade", "Upgrade: websocket",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *lines, "", ""]
        self.socket.sendall("\r\n".join(head).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            check(byte, "no answer to the handshake:", answer)
            answer += byte
        check(answer.startswith(b"HTTP/1.1 101"), answer.decode())

    def send(self, opcode, payload):
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4) + payload)

    def read(self):
        """Opcode and payload of a short frame; (None, b"") at the end."""
        head = self.socket.recv(2, socket.MSG_WAITALL)
        if not head:
            return None, b""
        return head[0] & 15, self.socket.recv(head[1], socket.MSG_WAITALL) if head[1] else b""


class Project:
    def __init__(self, stage, folder):
        self.stage, self.folder, self.environment = stage, pathlib.Path(folder), dict(stage.environment)
        self.servers = []

    @classmethod
    def start(cls, stage, parent, name="mysite"):
        Project(stage, parent).tool("startproject", name).good()
        return cls(stage, parent / name)

    def run(self, *command, input=None, timeout=120, **environment):
        return Result(subprocess.run([str(part) for part in command], cwd=self.folder, text=True, errors="replace", timeout=timeout,
                                     env=dict(self.environment, **environment), input=input,
                                     stdin=subprocess.DEVNULL if input is None else None,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE))

    def tool(self, *arguments):
        return self.run(self.stage.tool, *arguments)

    def make(self, *arguments):
        return self.run("make", "-s", *arguments)

    def manage(self, *arguments, **keywords):
        return self.run(self.folder / "manage", *arguments, **keywords)

    def serve(self, command, *arguments):
        self.servers.append(Server(self.folder, self.environment, command, *arguments))
        return self.servers[-1]

    def path(self, name):
        return self.folder / name

    def read(self, name):
        return self.path(name).read_text(encoding="utf-8")

    def write(self, name, text):
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text, encoding="utf-8")

    def replace(self, name, old, new):
        text = self.read(name)
        check(old in text, f"{old!r} is not in {name}")
        self.write(name, text.replace(old, new, 1))

    def connect(self, app):
        """The three lines that startapp asks for."""
        self.replace("site.h", "#include <nuages.h>\n", f'#include <nuages.h>\n\n#include "{app}/{app}.h"\n')
        self.replace("manage.c", "&nu_sessions_app", f"&nu_sessions_app, &{app}")
        self.replace("urls.c", "    NU_PATH(\"\", nu_welcome",
                     f'    NU_INCLUDE("{app}/", {app}_urls, .app_name = "{app}"),\n    NU_PATH("", nu_welcome')

    def close(self):
        for server in self.servers:
            server.stop()


def run_all(functions, prepare):
    """Calls each function with a fresh folder and what `prepare` made; closes with "N passed, N failed"."""
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="nuages-project-") as name:
        temporary = pathlib.Path(name)
        shared = prepare(temporary)
        for function in functions:
            folder = temporary / function.__name__
            folder.mkdir()
            if len(sys.argv) > 1 and not any(re.search(word, function.__name__) for word in sys.argv[1:]):
                continue
            try:
                function(shared, folder)
                passed += 1
            except Failure as failure:
                failed += 1
                print(f"FAILED {function.__name__}: {failure}\n")
            except Exception:
                failed += 1
                print(f"FAILED {function.__name__}:\n{traceback.format_exc()}")
            finally:
                for project in getattr(shared, "projects", []):
                    project.close()
                    project.servers = []
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
