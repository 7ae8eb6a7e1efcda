#include "site.h"

const nu_route site_urls[] = {
    NU_INCLUDE("", matrix_urls, .app_name = "matrix"),
    {0},
};
