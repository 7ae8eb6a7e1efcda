/* ./manage exchange read | write WORD: what both sites do with the rows, in the same words. */
#include <stdio.h>

#include "exchange.h"

static const char *list_of(nu_query *query, const char *field)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 64);
    for (nu_row **row = nu_query_rows(query); *row != NULL; row++)
        nu_builder_printf(&text, "%s,", nu_text(nu_row_get(*row, field)));
    return nu_builder_text(&text);
}

static void tell_pen(struct pen *pen)
{
    printf("%s|%s|%s|%s|%s|%s|%d|%s|%s|%s|%s|%s|%zu|%.3f|%s|%s|%s|%s|%s\n", pen->name, pen->slug,
           pen->kind, pen->note, nu_text(NU_V(pen->price)),
           pen->stock.set ? nu_fmt("%lld", (long long)pen->stock.value) : "-", pen->live,
           nu_datetime_text(pen->made), pen->since.set ? nu_date_text(pen->since) : "-",
           nu_fmt("%lld", (long long)pen->drying.us), nu_text(NU_V(pen->code)),
           nu_json_text(pen->data), (size_t)pen->raw.length, pen->width,
           nu_related(pen, maker)->name, pen->owner.id != 0 ? nu_related(pen, owner)->username : "-",
           pen->twin.id != 0 ? nu_related(pen, twin)->name : "-",
           list_of(nu_order_by(nu_related_set(pen, "friends"), "name"), "name"),
           list_of(nu_order_by(nu_related_set(pen, "dealers"), "name"), "name"));
}

static void read_all(void)
{
    NU_EACH (pen, pen, nu_order_by(nu_all(pen), "id"))
        tell_pen(pen);
    NU_EACH (quill, quill, nu_order_by(nu_all(quill), "name"))
        printf("quill %s %s\n", quill->pen.name, quill->bird);
    NU_EACH (refill, refill, nu_order_by(nu_all(refill), "pen__name", "_order"))
        printf("refill %s %d\n", refill->ink, refill->ml);
    NU_EACH (nu_user, user, nu_order_by(nu_all(nu_user), "username"))
        printf("user %s %s %d %d\n", user->username, user->email,
               nu_user_check_password(user, "a long pass phrase"),
               nu_user_has_perm(user, "shop.change_pen"));
    printf("types %s\n", list_of(nu_order_by(nu_all(nu_content_type), "app_label", "model"), "model"));
    printf("permissions %s\n", list_of(nu_order_by(nu_filter(nu_all(nu_permission), "content_type__app_label", "shop"),
                                                   "codename"), "codename"));
}

static void write_all(const char *word)
{
    static const char json[] = "{\"a\": [1, null, \"x\"], \"b\": 1.5}";
    struct maker     *maker = nu_create(maker, "name", nu_fmt("maker %s", word));
    struct nu_user *user = nu_user_create(word, nu_fmt("%s@Example.org", word), "a long pass phrase");
    nu_many_add(user, "user_permissions", nu_get(nu_permission, "codename", "change_pen"));
    struct pen *first = nu_create(pen, "name", nu_fmt("%s one", word), "slug", word, "note", "it's ä \"note\"",
                                  "price", "12.50", "made", "2026-01-02T03:04:05.678901Z", "since", "2024-02-29",
                                  "drying", nu_duration_of(90061000001), "code", nu_uuid4(),
                                  "data", nu_json_parse(json, sizeof json - 1),
                                  "raw", nu_value_bytes((const uint8_t *)"\0\1\2", 3), "width", 0.7,
                                  "maker", maker, "owner", user, "stock", 7);
    struct quill *second = nu_create(quill, "name", nu_fmt("%s two", word), "slug", "s", "price", 0,
                                     "made", "2025-06-07T08:09:10Z", "drying", nu_duration_of(-1500000),
                                     "code", nu_uuid4(), "data", nu_list_new(), "width", -2,
                                     "maker", maker, "bird", "goose", "twin", first);
    nu_many_add(first, "friends", first, &second->pen);
    nu_many_add(first, "dealers", maker);
    nu_create(refill, "pen", first, "ink", "blue", "ml", 5);
    nu_create(refill, "pen", first, "ink", "red", "ml", 6);
}

static void run(const nu_command_call *call)
{
    if (call->count > 1)
        write_all(nu_argument(call, 1));
    else
        read_all();
}

const nu_command exchange_command = {
    .name = "exchange", .help = "Reads or writes rows.", .arguments = "read|write [WORD]", .min_arguments = 1,
    .max_arguments = 2, .run = run,
};
