"""Peak, built with the staged library in a folder of its own and served on a private port."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def environment():
    """The environment in which pkg-config finds the staged library."""
    folder = os.path.join(ROOT, "build", "stage", "lib", "pkgconfig")
    if not os.path.exists(os.path.join(folder, "nuages.pc")):
        raise SystemExit("the library is not staged: run make build/stage")
    return dict(os.environ, PKG_CONFIG_PATH=folder)


class Site:
    def __init__(self, debug=False):
        self.folder = tempfile.mkdtemp(prefix="nuages-peak-")
        self.environment = environment()
        self.environment.update(SECRET_KEY="only-for-tests-" + "x" * 50, DEBUG="1" if debug else "0",
                                ALLOWED_HOSTS="127.0.0.1")
        shutil.copytree(os.path.join(ROOT, "examples", "peak"), self.folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("build", "manage", "*.db*", ".env"))
        self.call("make", "-s", "-j2")
        self.call("./manage", "migrate", "-v0")
        self.call("./manage", "loaddata", "matrix", "-v0")
        self.port = None
        self.start()

    def call(self, *command):
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True)

    def start(self):
        address = f"127.0.0.1:{self.port or 0}"
        self.process = subprocess.Popen(["./manage", "serve", address, "--workers=2"], cwd=self.folder,
                                        env=self.environment, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()  # "Serving at http://127.0.0.1:PORT/"
        self.url = line.split(" at ")[1].strip().rstrip("/")
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def restart(self):
        self.stop()
        self.start()

    def get(self, path):
        with urllib.request.urlopen(self.url + path) as reply:
            return reply.status, reply.headers, reply.read().decode()

    def close(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
