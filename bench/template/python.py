#!/usr/bin/env python3
"""Django's own engine and Jinja2 on the pages of this folder, for bench/template_bench.py.

    python.py        a line for each page: engine, page, microseconds of CPU a rendering, bytes
"""
import pathlib
import re
import time

import django
import jinja2
from django.conf import settings
from django.template import Context, Engine
from markupsafe import Markup, escape

HERE = pathlib.Path(__file__).parent
TIMES = {"fortunes": 500, "table": 5, "page": 60}


def contexts():
    texts = re.findall(r'^    "(.*)",$', (HERE / "fortunes.h").read_text(encoding="utf-8"), re.M)
    fortunes = [{"id": i + 1, "message": text.replace('\\"', '"')} for i, text in enumerate(texts)]
    products = [{"slug": f"product-{i}", "name": f"Product <{i}>", "price": 9.99 + i, "stock": i * 5, "sale": i % 3 == 0,
                 "text": "A long text that tells what this product is good for & why"} for i in range(20)]
    links = [{"url": "/", "text": "Home"}, {"url": "/shop/", "text": "Shop"}, {"url": "/about/", "text": "About"}]
    return {"fortunes": {"fortunes": fortunes},
            "table": {"table": [[f"cell {i} & {j}" for j in range(10)] for i in range(1000)]},
            "page": {"products": products, "links": links, "here": "/shop/", "category": "tools",
                     "intro": "One line\nand another", "site": {"name": "The shop", "year": 2026}}}


def django_engine():
    settings.configure(USE_I18N=False, USE_L10N=False, USE_TZ=False)
    django.setup()
    engine = Engine(dirs=[HERE / "pages"], loaders=[("django.template.loaders.cached.Loader",
                                                     ["django.template.loaders.filesystem.Loader"])])
    return lambda name: (lambda template: lambda context: template.render(Context(context)))(engine.get_template(name))


def jinja_engine():
    def truncatewords(text, count):
        words = text.split()
        return " ".join(words[:count]) + " …" if len(words) > count else text

    environment = jinja2.Environment(autoescape=True, auto_reload=False, keep_trailing_newline=True,
                                     loader=jinja2.FileSystemLoader([HERE / "jinja", HERE / "pages"]))
    environment.filters.update(truncatewords=truncatewords,
                               linebreaksbr=lambda text: Markup("<br>".join(escape(line) for line in text.split("\n"))))
    return lambda name: environment.get_template(name).render


def main():
    for engine, template in (("Django", django_engine()), ("Jinja2", jinja_engine())):
        for page, context in contexts().items():
            render = template("list.html" if page == "page" else page + ".html")
            size = len(render(context).encode())
            since = time.process_time()
            for _ in range(TIMES[page]):
                render(context)
            print(engine, page, f"{(time.process_time() - since) * 1e6 / TIMES[page]:.2f}", size)


main()
