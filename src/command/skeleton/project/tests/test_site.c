#include <nuages/client.h>

TEST(the_home_page_answers)
{
    nu_client *client = nu_client_new();
    nu_response *page = nu_client_get(client, nu_reverse("home"));
    CHECK_STATUS(page, 200);
    CHECK_CONTAINS(nu_client_text(page), "<h1>");
}

TEST(an_unknown_page_is_a_404)
{
    nu_client *client = nu_client_new();
    CHECK_STATUS(nu_client_get(client, "/no/such/page/"), 404);
}
