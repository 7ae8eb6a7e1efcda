"""The same set on Django, for comparison: gunicorn bench_site:application, DATABASE as psycopg2 has it."""
import os
import random

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

FOLDER = os.path.dirname(os.path.abspath(__file__))
DEFAULT_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
settings.configure(
    DEBUG=False, SECRET_KEY="only for measuring", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"], "HOST": os.environ["PGHOST"],
        "PORT": os.environ["PGPORT"], "USER": os.environ["PGUSER"], "CONN_MAX_AGE": 600}},
    MIDDLEWARE=DEFAULT_MIDDLEWARE if os.environ.get("MIDDLEWARE") else [], USE_TZ=True,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [os.path.join(FOLDER, "..", "templates")]}])
django.setup()


class World(models.Model):
    random_number = models.IntegerField(db_column="randomnumber")

    class Meta:
        app_label, db_table = "bench", "world"


class Fortune(models.Model):
    message = models.CharField(max_length=2048)

    class Meta:
        app_label, db_table = "bench", "fortune"


def shown(world):
    return {"id": world.id, "randomNumber": world.random_number}


def wanted(request):
    try:
        return max(1, min(500, int(request.GET.get("queries", 1))))
    except ValueError:
        return 1


def read(count):
    return [World.objects.get(id=random.randint(1, 10000)) for _ in range(count)]


def plaintext(request):
    return HttpResponse("Hello, World!", content_type="text/plain")


def json(request):
    return JsonResponse({"message": "Hello, World!"})


def db(request):
    return JsonResponse(shown(read(1)[0]))


def queries(request):
    return JsonResponse([shown(world) for world in read(wanted(request))], safe=False)


def updates(request):
    worlds = sorted(read(wanted(request)), key=lambda world: world.id)
    for world in worlds:
        world.random_number = random.randint(1, 10000)
    World.objects.bulk_update(worlds, ["random_number"])
    return JsonResponse([shown(world) for world in worlds], safe=False)


def fortunes(request):
    found = list(Fortune.objects.all())
    found.append(Fortune(id=0, message="Additional fortune added at request time."))
    return render(request, "fortunes.html", {"fortunes": sorted(found, key=lambda fortune: fortune.message)})


urlpatterns = [path(view.__name__, view) for view in (plaintext, json, db, queries, updates, fortunes)]
application = get_wsgi_application()
