#include "{{ name }}.h"

/* A view takes a request and gives a response; it is named in the table of routes below.
 *
 * static nu_response *article_list(nu_request *request)
 * {
 *     return nu_render(request, "{{ name }}/list.html", "articles", nu_all(article));
 * }
 */

const nu_route {{ name }}_urls[] = {
    {0},
};
