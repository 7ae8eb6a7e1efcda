"""Django over the conformance models: makes a site of tests/conformance/orm/models.json and runs a command of it.

    /usr/bin/python3 django_site.py FOLDER DATABASE-URL COMMAND...

Django's own apps are Django's; the models of the others are made from their description.
"""
import importlib
import json
import pathlib
import sys
import urllib.parse

OWN = ["blog", "shop", "social", "library"]
MODELS = pathlib.Path(__file__).resolve().parents[1] / "conformance/orm/models.json"


def database(url):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path}
    query = dict(urllib.parse.parse_qsl(parts.query))
    return {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username,
            "HOST": query["host"], "PORT": query["port"]}


def imported(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module or "builtins"), name)


def value(name, described):
    """A keyword argument of a field."""
    from django.conf import settings
    from django.db import models

    if name == "on_delete":
        return models.SET(described["SET"]) if isinstance(described, dict) else getattr(models, described)
    if isinstance(described, list):
        return [value("", each) for each in described]
    if not isinstance(described, dict):
        return described
    if "callable" in described:
        return imported(described["callable"])
    if "setting" in described:
        return getattr(settings, described["setting"])
    if "object" in described:
        return imported(described["object"])(*described.get("args", []), **described.get("kwargs", {}))
    return described


def define(app, namespace):
    """The app's models, as classes in `namespace`."""
    from django.apps import apps
    from django.db import models

    for described in json.loads(MODELS.read_text(encoding="utf-8"))["models"]:
        if described["app"] != app or described["abstract"]:
            continue
        meta = {"app_label": app, "db_table": described["table"], "proxy": described["proxy"]}
        for option in ("ordering", "order_with_respect_to"):
            if isinstance(described["options"].get(option), (list, str)):
                meta[option] = described["options"][option]
        if any(not isinstance(name, str) for name in meta.get("ordering", [])):
            del meta["ordering"]
        if described["proxy"]:
            del meta["db_table"]
        body = {"__module__": f"{app}.models", "Meta": type("Meta", (), meta)}
        for field in [] if described["proxy"] else described["fields"]:
            if field["name"] == "_order" or (field["kwargs"].get("auto_created") and field["kwargs"].get("parent_link")):
                continue
            kwargs = {name: value(name, each) for name, each in field["kwargs"].items()
                      if name not in ("auto_created", "serialize")}
            if "through_fields" in field:
                kwargs["through_fields"] = tuple(field["through_fields"])
            body[field["name"]] = imported(field["path"])(*field["args"], **kwargs)
        bases = tuple(models.Model if base == "django.db.models.Model" else apps.get_registered_model(*base.split("."))
                      for base in described["bases"])
        namespace[described["name"]] = type(described["name"], bases, body)


def main(folder, url, *command):
    folder = pathlib.Path(folder)
    for app in OWN:
        (folder / app).mkdir(parents=True, exist_ok=True)
        (folder / app / "__init__.py").touch()
        (folder / app / "models.py").write_text(f"from django_site import define\n\ndefine({app!r}, globals())\n")
    sys.path[:0] = [str(folder), str(pathlib.Path(__file__).resolve().parent)]
    sys.modules["django_site"] = sys.modules["__main__"]
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(
        SECRET_KEY="x", USE_TZ=True, TIME_ZONE="UTC", DATABASES={"default": database(url)},
        INSTALLED_APPS=[f"django.contrib.{app}" for app in ("contenttypes", "auth", "admin", "sessions")] + OWN,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
    django.setup()
    call_command(*command)  # without the checks of a whole site


if __name__ == "__main__":
    main(*sys.argv[1:])
