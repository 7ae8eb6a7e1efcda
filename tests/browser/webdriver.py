"""The little of WebDriver (W3C) that the browser tests need, with nothing but Python's own library."""
import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


class DriverError(Exception):
    """What the driver refused, in its own words."""


class Browser:
    """A headless Chromium of its own; closed by close()."""

    def __init__(self, width, height, dark=False, more=()):
        self.profile = tempfile.mkdtemp(prefix="nuages-browser-")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        for line in self.driver.stdout:
            if "successfully on port " in line:
                self.port = int(line.split("on port ")[1].split(".")[0])
                break
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--hide-scrollbars", f"--user-data-dir={self.profile}", f"--window-size={width},{height}", *more]
        options = {"args": arguments, "binary": shutil.which("chromium")}
        if width < 500:  # a window has a smallest width; a phone's screen is emulated
            options["mobileEmulation"] = {"deviceMetrics": {"width": width, "height": height, "pixelRatio": 2}}
        self.session = None
        reply = self._send("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = reply["sessionId"]
        if dark:
            self._command("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
                "features": [{"name": "prefers-color-scheme", "value": "dark"}]}})

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise DriverError(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    def _command(self, method, path, body=None):
        return self._send(method, f"/session/{self.session}{path}", body)

    def open(self, url):
        self._command("POST", "/url", {"url": url})

    def url(self):
        return self._command("GET", "/url")

    def run(self, script, *arguments):
        return self._command("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, css):
        found = self._command("POST", "/elements", {"using": "css selector", "value": css})
        return [list(item.values())[0] for item in found]

    def click(self, css):
        """Clicks the first element; a click that leads elsewhere waits for the new page."""
        elements = self.find(css)
        if not elements:
            raise AssertionError(f"no element {css} on {self.url()}")
        before = self.run("return performance.timeOrigin")
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", {"element-6066-11e4-a52e-4f735466cecf": elements[0]})
        self._command("POST", f"/element/{elements[0]}/click", {})
        return before

    def wait_for_new_page(self, before):
        """After a click that submits or follows: until the page has been replaced and is complete."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                if self.run("return performance.timeOrigin") != before and \
                        self.run("return document.readyState") == "complete":
                    return
            except DriverError:
                pass  # between two pages
            time.sleep(0.02)
        raise AssertionError("the page did not change")

    def follow(self, css):
        self.wait_for_new_page(self.click(css))

    def text(self, css="body"):
        return self.run("return (document.querySelector(arguments[0]) || {}).innerText || ''", css)

    def log(self):
        """Errors that the page's console has shown since the last call."""
        return [entry["message"] for entry in self._command("POST", "/se/log", {"type": "browser"})
                if entry["level"] == "SEVERE"]

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._command("GET", "/screenshot")))

    def close(self):
        try:
            if self.session:
                self._send("DELETE", f"/session/{self.session}")
        finally:
            self.driver.terminate()
            self.driver.wait()
            shutil.rmtree(self.profile, ignore_errors=True)
