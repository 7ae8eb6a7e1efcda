#include "visitor.h"

const char *visitor_name(nu_request *request, bool create)
{
    nu_session *session = nu_request_session(request);
    nu_value    name = nu_session_get(session, "visitor");
    if (nu_is_text(name))
        return name.text;
    if (!create)
        return NULL;
    const char *fresh = nu_random_text(32, "0123456789abcdef");
    nu_session_set(session, "visitor", fresh);
    return fresh;
}

nu_query *visitor_assessments(nu_request *request)
{
    const char *visitor = visitor_name(request, false);
    if (visitor == NULL)
        return nu_none(nu_all(assessment));
    return nu_filter(nu_all(assessment), "visitor", visitor);
}

struct assessment *open_assessment(nu_request *request)
{
    return nu_first(assessment, nu_filter(visitor_assessments(request), "finished__isnull", true));
}

struct assessment *latest_assessment(nu_request *request)
{
    nu_query *finished = nu_filter(visitor_assessments(request), "finished__isnull", false);
    struct assessment *latest = nu_first(assessment, nu_order_by(finished, "-finished", "-id"));
    return latest != NULL ? latest : open_assessment(request);
}
