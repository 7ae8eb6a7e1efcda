/* What proxies say of the client, and who may say it. */
#include "site.h"

#include <string.h>

#include "http/internal.h"
#include "http/network.h"
#include "nuages/text.h"
#include "web/internal.h"

TEST(networks_hold_addresses)
{
    static const struct {
        const char *network, *address;
        bool        held;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.1", "127.0.0.2", false},
        {"10.0.0.0/8", "10.255.1.2", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"192.168.4.0/22", "192.168.7.255", true},
        {"192.168.4.0/22", "192.168.8.0", false},
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"::1", "::1", true},
        {"127.0.0.1", "::ffff:127.0.0.1", true},
        {"unix", "", true},
        {"127.0.0.1", "", false},
        {"unix", "127.0.0.1", false},
        {"*", "203.0.113.9", true},
        {"*", "", true},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        const char *const list[] = {"198.51.100.1", cases[i].network, NULL};
        if (nu__networks_hold(list, cases[i].address) != cases[i].held)
            CHECK_TEXT(nu_fmt("%s in %s", cases[i].address, cases[i].network), "the other way");
    }
    CHECK(!nu__networks_hold(NULL, "127.0.0.1"));
    static const char *const wrong[] = {
        "",          "10.0.0.0/33", "10.0.0/8", "::/129", "example.org",
        "10.0.0.0/", "10.0.0.0/-1", "1.2.3.4.5"};
    for (size_t i = 0; i < NU_COUNT(wrong); i++)
        CHECK(!nu__network_is_valid(wrong[i]));
}

TEST(a_wrong_network_stops_the_start)
{
    CHECK_RAISES(NU_CONFIG_ERROR, SITE(.trusted_proxies = NU_TEXTS("10.0.0.0/40")));
    CHECK_RAISES(NU_CONFIG_ERROR, SITE(.proxy_protocol = NU_TEXTS("balancer")));
}

/* ---- a site behind proxies ------------------------------------------------------------------- */

static nu_response *about(nu_request *request)
{
    return nu_text_response(nu_fmt("%s %s %s", nu_request_remote_address(request),
                                   nu_request_scheme(request), nu_request_host(request)));
}

static const nu_route urls[] = {NU_PATH("", about), {0}};

struct field {
    const char *name, *value;
};

/* What the view knows of a request from that peer. */
static const char *seen(const char *peer, const struct field *fields)
{
    nu_request *request = nu_request_new("GET", "/", nu__http_options());
    request->remote_address = peer;
    nu_request_set_header(request, "Host", "inner.example");
    for (; fields->name != NULL; fields++)
        nu_request_set_header(request, fields->name, fields->value);
    return nu_client_text(nu__site_handle(request, NULL));
}

#define SEEN(peer, ...) seen((peer), (const struct field[]){__VA_ARGS__, {0}})
#define BEHIND(...)                                                                                \
    SITE(.urls = urls, .allowed_hosts = NU_TEXTS("*"), .middleware = NU_MIDDLEWARE(NULL),          \
         __VA_ARGS__)

TEST(without_settings_nobody_is_believed)
{
    BEHIND(.debug = false);
    CHECK_TEXT(SEEN("203.0.113.7", {"X-Forwarded-For", "198.51.100.1"},
                    {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "evil.example"},
                    {"Forwarded", "for=198.51.100.1;proto=https;host=evil.example"}),
               "203.0.113.7 http inner.example");
}

TEST(a_trusted_proxy_names_the_client)
{
    BEHIND(.trusted_proxies = NU_TEXTS("127.0.0.1", "10.0.0.0/8", "unix"),
           .use_x_forwarded_host = true, .secure_proxy_header = "X-Forwarded-Proto");
    CHECK_TEXT(SEEN("127.0.0.1", {"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-Proto", "https"},
                    {"X-Forwarded-Host", "shop.example"}),
               "203.0.113.7 https shop.example");
    CHECK_TEXT(SEEN("", {"X-Forwarded-For", "2001:db8::7"}), "2001:db8::7 http inner.example");
    CHECK_TEXT(SEEN("127.0.0.1", {"Accept", "*/*"}), "127.0.0.1 http inner.example");
}

TEST(who_is_not_trusted_names_nobody)
{
    BEHIND(.trusted_proxies = NU_TEXTS("127.0.0.1"), .use_x_forwarded_host = true,
           .secure_proxy_header = "X-Forwarded-Proto");
    CHECK_TEXT(SEEN("203.0.113.7", {"X-Forwarded-For", "198.51.100.1"},
                    {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "evil.example"}),
               "203.0.113.7 http inner.example");
    /* The other field is not read at all. */
    CHECK_TEXT(SEEN("127.0.0.1", {"Forwarded", "for=198.51.100.1;proto=https;host=evil.example"}),
               "127.0.0.1 http inner.example");
}

TEST(what_a_client_puts_in_front_of_the_list_does_not_count)
{
    static const struct {
        const char *list, *address;
    } cases[] = {
        {"1.1.1.1, 203.0.113.7", "203.0.113.7"},
        {"127.0.0.1, 203.0.113.7", "203.0.113.7"},
        {"1.1.1.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"},
        {"1.1.1.1,203.0.113.7 ,\t10.1.2.3 , 10.9.9.9", "203.0.113.7"},
        {"10.1.2.3, 10.9.9.9", "10.1.2.3"},
        {"203.0.113.7:4711", "203.0.113.7"},
        {"[2001:db8::7]:4711", "2001:db8::7"},
        {"[2001:db8::7]", "2001:db8::7"},
        {"unknown", "127.0.0.1"},
        {"203.0.113.7, unknown", "127.0.0.1"},
        {"203.0.113.7, unknown, 10.1.2.3", "10.1.2.3"},
        {"203.0.113.7,", "127.0.0.1"},
        {"not an address", "127.0.0.1"},
        {"203.0.113.7<script>", "127.0.0.1"},
        {"", "127.0.0.1"},
    };
    BEHIND(.trusted_proxies = NU_TEXTS("127.0.0.1", "10.0.0.0/8"));
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(
            nu_fmt("%s: %s", cases[i].list, SEEN("127.0.0.1", {"X-Forwarded-For", cases[i].list})),
            nu_fmt("%s: %s http inner.example", cases[i].list, cases[i].address));
}

TEST(the_field_forwarded_tells_address_scheme_and_host)
{
    static const struct {
        const char *list, *seen;
    } cases[] = {
        {"for=203.0.113.7;proto=https;host=shop.example", "203.0.113.7 https shop.example"},
        {"For=\"[2001:db8::7]:80\" ; Proto=HTTPS", "2001:db8::7 https inner.example"},
        {"for=1.1.1.1;host=evil.example, for=203.0.113.7;proto=http",
         "203.0.113.7 http inner.example"},
        {"for=1.1.1.1, for=203.0.113.7;proto=https;host=a.example, for=10.1.2.3;host=b.example",
         "203.0.113.7 https a.example"},
        {"for=_hidden;proto=https", "127.0.0.1 https inner.example"},
        {"for=\"203.0.113.7\";host=\"a.example\"", "203.0.113.7 http a.example"},
        {"for=\"1.1.1.1, for=2.2.2.2\", for=203.0.113.7", "203.0.113.7 http inner.example"},
        {"", "127.0.0.1 http inner.example"},
        {";;=;for", "127.0.0.1 http inner.example"},
    };
    BEHIND(.trusted_proxies = NU_TEXTS("127.0.0.1", "10.0.0.0/8"), .use_forwarded = true);
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(
            nu_fmt("%s: %s", cases[i].list,
                   SEEN("127.0.0.1", {"Forwarded", cases[i].list}, {"X-Forwarded-For", "6.6.6.6"})),
            nu_fmt("%s: %s", cases[i].list, cases[i].seen));
    CHECK_TEXT(SEEN("203.0.113.7", {"Forwarded", "for=1.1.1.1;proto=https;host=evil.example"}),
               "203.0.113.7 http inner.example");
}
