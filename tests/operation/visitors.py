"""Visitors of a site on this machine who speak plain HTTP over sockets, and what its processes hold."""
import pathlib
import socket


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def response(connection, path):
    """Status and body of a GET on an open connection; (0, "") when it ends before."""
    try:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += _more(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += _more(connection)
        return int(head.split()[1]), body.decode()
    except OSError:
        return 0, ""


def _more(connection):
    some = connection.recv(65536)
    if not some:
        raise ConnectionResetError
    return some


def ask(port, path):
    """The same on a connection of its own."""
    try:
        with connect(port) as connection:
            return response(connection, path)
    except OSError as error:
        return 0, str(error)


def workers_of(pid):
    """The pids of a supervisor's workers."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if _name(child) == "worker"]


def _name(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):  # it has ended, before or while it was read
        return ""


def memory(pid):
    """The kB of /proc/PID/smaps_rollup: "Rss", "Pss" (what is shared counts in parts) and more."""
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def busy_for(pids):
    """Seconds that these processes have waited, able to run, for a processor that others used."""
    return sum(int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[1]) for pid in pids) / 1e9
