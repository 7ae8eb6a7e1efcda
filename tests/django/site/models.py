import uuid

from django.contrib.auth.models import User
from django.db import models


class Maker(models.Model):
    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["name"]


class Pen(models.Model):
    name = models.CharField(max_length=20)
    slug = models.SlugField(max_length=50)
    kind = models.CharField(max_length=1, choices=[("b", "Ball"), ("f", "Fountain")], default="b")
    note = models.TextField(blank=True)
    price = models.DecimalField(max_digits=7, decimal_places=2)
    stock = models.PositiveIntegerField(null=True)
    live = models.BooleanField(default=True)
    made = models.DateTimeField(db_index=True)
    since = models.DateField(null=True)
    drying = models.DurationField()
    code = models.UUIDField(unique=True)
    data = models.JSONField()
    raw = models.BinaryField()
    width = models.FloatField()
    maker = models.ForeignKey(Maker, models.CASCADE, related_name="pens")
    owner = models.ForeignKey(User, models.SET_NULL, null=True)
    twin = models.OneToOneField("self", models.CASCADE, null=True)
    friends = models.ManyToManyField("self")
    dealers = models.ManyToManyField(Maker, related_name="sells")
    # WEIGHT FIELD

    class Meta:
        ordering = ["-made"]
        unique_together = [("maker", "name")]
        indexes = [models.Index(name="pen_by_price", fields=["price", "-made"])]
        constraints = [models.CheckConstraint(name="pen_not_given_away", check=models.Q(price__gte=0))]


class Quill(Pen):
    bird = models.CharField(max_length=20)


class Refill(models.Model):
    pen = models.ForeignKey(Pen, models.CASCADE)
    ink = models.CharField(max_length=20, db_index=True)
    ml = models.SmallIntegerField(db_column="millilitres")

    class Meta:
        db_table = "refills"
        order_with_respect_to = "pen"
