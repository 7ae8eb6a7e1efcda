"""Many visitors of a site at a time, who note what they were answered and when."""
import itertools
import threading
import time

from visitors import connect, response


class Answer:
    def __init__(self, path, status, body, began, took):
        self.path, self.status, self.body, self.began, self.took = path, status, body, began, took


class Crowd:
    """`count` visitors with a connection each, who ask for next(paths) until they are told to stop."""

    def __init__(self, port, count, paths):
        self.port, self.paths, self.answers = port, paths, []
        self.lock, self.over = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self._visit) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def _visit(self):
        connection = connect(self.port)
        while not self.over.is_set():
            with self.lock:
                path = next(self.paths)
            began = time.monotonic()
            status, body = response(connection, path)
            answer = Answer(path, status, body, began, time.monotonic() - began)
            with self.lock:
                self.answers.append(answer)
            if status == 0:
                connection.close()
                connection = connect(self.port)
        connection.close()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        return self.answers


def numbered(*forms):
    """/a/1, /b/1, /a/2, /b/2 … of "/a/{}" and "/b/{}"."""
    for number in itertools.count(1):
        for form in forms:
            yield form.format(number)
