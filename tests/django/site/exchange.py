"""What exchange.c does, by Django."""
import datetime
import decimal
import json
import uuid

from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand

from shop.models import Maker, Pen, Quill, Refill


def names(query, field):
    return "".join(f"{value}," for value in query.values_list(field, flat=True))


def read():
    for pen in Pen.objects.order_by("id"):
        print("|".join(str(part) for part in (
            pen.name, pen.slug, pen.kind, pen.note, pen.price, "-" if pen.stock is None else pen.stock,
            int(pen.live), pen.made.isoformat(), pen.since or "-", round(pen.drying / datetime.timedelta(microseconds=1)),
            pen.code, json.dumps(pen.data, separators=(",", ":")), len(pen.raw), f"{pen.width:.3f}", pen.maker.name,
            pen.owner.username if pen.owner else "-", pen.twin.name if pen.twin else "-",
            names(pen.friends.order_by("name"), "name"), names(pen.dealers.order_by("name"), "name"))))
    for quill in Quill.objects.order_by("name"):
        print("quill", quill.name, quill.bird)
    for refill in Refill.objects.order_by("pen__name", "_order"):
        print("refill", refill.ink, refill.ml)
    for user in User.objects.order_by("username"):
        print("user", user.username, user.email, int(user.check_password("a long pass phrase")),
              int(user.has_perm("shop.change_pen")))
    print("types", names(ContentType.objects.order_by("app_label", "model"), "model"))
    print("permissions", names(Permission.objects.filter(content_type__app_label="shop").order_by("codename"),
                               "codename"))


def write(word):
    maker = Maker.objects.create(name=f"maker {word}")
    user = User.objects.create_user(word, f"{word}@Example.org", "a long pass phrase")
    user.user_permissions.add(Permission.objects.get(codename="change_pen"))
    first = Pen.objects.create(
        name=f"{word} one", slug=word, note="it's ä \"note\"", price=decimal.Decimal("12.50"),
        made=datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, datetime.timezone.utc), since=datetime.date(2024, 2, 29),
        drying=datetime.timedelta(microseconds=90061000001), code=uuid.uuid4(), data={"a": [1, None, "x"], "b": 1.5},
        raw=b"\0\1\2", width=0.7, maker=maker, owner=user, stock=7)
    second = Quill.objects.create(
        name=f"{word} two", slug="s", price=0, made=datetime.datetime(2025, 6, 7, 8, 9, 10, 0, datetime.timezone.utc),
        drying=datetime.timedelta(microseconds=-1500000), code=uuid.uuid4(), data=[], width=-2, maker=maker,
        bird="goose", twin=first)
    first.friends.add(first, second.pen_ptr)
    first.dealers.add(maker)
    Refill.objects.create(pen=first, ink="blue", ml=5)
    Refill.objects.create(pen=first, ink="red", ml=6)


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("what")
        parser.add_argument("word", nargs="?")

    def handle(self, what, word, **options):
        write(word) if what == "write" else read()
