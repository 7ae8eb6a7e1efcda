#include "site.h"

/* The routes of the site. An app's routes are included with
 *     NU_INCLUDE("blog/", blog_urls, .app_name = "blog"),
 */
const nu_route site_urls[] = {
    NU_PATH("", nu_welcome, .name = "home"), /* to be replaced by a view of yours */
    {0},
};
