/* What a session's row holds, as Django writes and reads it. */
#include "nuages/session.h"
#include "nuages/signing.h"

#include "web.h"

/* The site's key: the line's own, or with NULL the one that all other operations expect. */
static void use_key(const nu_dict *line)
{
    const char *usual = "conformance";
    const char *key =
        line != NULL ? nu__web_text(nu__web_dict(line, "settings"), "SECRET_KEY", usual) : usual;
    nu_signing_setup(key, NULL);
}

static nu_value op_session_encode(const nu_dict *line)
{
    nu_value session = nu__web_decode(nu_dict_get(line, "session"));
    use_key(line);
    const char *text = nu_session_encode(session.dict);
    use_key(NULL);
    return nu_value_dict(nu_dict_of("value", text, "compressed", text[0] == '.'));
}

static nu_value op_session_decode(const nu_dict *line)
{
    use_key(line);
    nu_dict *session = nu_session_decode(nu__web_text(line, "text", ""));
    use_key(NULL);
    return nu_value_dict(session);
}

const nu__web_op nu__web_session_ops[] = {
    {"session_encode", op_session_encode, NULL},
    {"session_decode", op_session_decode, NULL},
    {0},
};
