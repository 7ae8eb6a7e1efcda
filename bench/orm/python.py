#!/usr/bin/env python3
"""Django's ORM on the tables of bench/orm_bench.py.

    python.py ENGINE NAME [HOST PORT USER]        a line for each operation: engine, operation, CPU microseconds
"""
import datetime
import sys
import time

import django
from django.conf import settings

engine, name, *server = sys.argv[1:]
database = {"ENGINE": f"django.db.backends.{engine}", "NAME": name}
if server:
    database.update(zip(["HOST", "PORT", "USER"], server))
settings.configure(DATABASES={"default": database}, USE_TZ=True, TIME_ZONE="UTC",
                   DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()

from django.db import models, transaction  # noqa: E402


class Author(models.Model):
    name = models.CharField(max_length=100)
    email = models.EmailField()
    joined = models.DateTimeField()

    class Meta:
        app_label = "bench"


class Article(models.Model):
    author = models.ForeignKey(Author, models.CASCADE, related_name="articles")
    title = models.CharField(max_length=200)
    slug = models.CharField(max_length=200)
    body = models.TextField()
    published = models.DateTimeField()
    live = models.BooleanField()
    likes = models.IntegerField()

    class Meta:
        app_label = "bench"


seed = 42


def next_key():
    global seed
    seed = (seed * 1664525 + 1013904223) % 2**32
    return (seed >> 8) % 1000 + 1


def get():
    Article.objects.get(id=next_key())


def twenty():
    for _ in range(20):
        Article.objects.get(id=next_key())


def list_query():
    return Article.objects.filter(live=True, likes__lt=1000).order_by("id")[:12]


def read_list():
    list(list_query())


def insert():
    moment = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)
    rows = [Article(author_id=i % 100 + 1, title="A title that is neither long nor short",
                    slug="a-title-that-is-neither-long-nor-short", body="Some words that stand for a text.",
                    published=moment + datetime.timedelta(microseconds=i), live=i % 2 == 0, likes=i)
            for i in range(1000)]
    with transaction.atomic():
        Article.objects.bulk_create(rows)
        transaction.set_rollback(True)


twenty_rows = list(Article.objects.order_by("id")[:20])


def update():
    with transaction.atomic():
        for row in twenty_rows:
            row.likes += 1
            row.save(update_fields=["likes"])
        transaction.set_rollback(True)


def prefetch():
    list(Author.objects.prefetch_related("articles"))


def measure(operation, run):
    since, times = time.process_time(), 0
    while time.process_time() - since < 0.2:
        run()
        times += 1
    times = int(times * 2.5) + 1
    since = time.process_time()
    for _ in range(times):
        run()
    print("Django", operation, (time.process_time() - since) / times * 1e6, flush=True)


for operation, run in [("build", list_query), ("get", get), ("twenty", twenty), ("list", read_list), ("insert", insert),
                       ("update", update), ("prefetch", prefetch)]:
    measure(operation, run)
