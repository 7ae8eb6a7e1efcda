/* Kinds of fields that hold text, and those whose text has a form of its own. */
#include <arpa/inet.h>
#include <string.h>

#include "form/internal.h"
#include "nuages/i18n.h"
#include "nuages/json.h"
#include "nuages/random.h"

static nu_value clean_char(const nu_form_field *field, nu_value value)
{
    (void)field;
    return nu_value_str(value);
}

static void char_attrs(const nu_form_field *field, const nu_widget *widget, nu_dict *attrs)
{
    if (widget->hidden)
        return;
    nu__form_put_length(attrs, "maxlength", nu__form_max_length(field));
    nu__form_put_length(attrs, "minlength", field->min_length);
}

#define TEXT_KIND(class, shown, ...)                                                               \
    {                                                                                              \
        .name = class, .widget = &(shown), .clean = clean_char, .empty = NU_CONST_TEXT(""),        \
        .text = true, .attrs = char_attrs, ##__VA_ARGS__                                           \
    }

static const nu_validator email_rule = {.check = nu_check_email, .code = "invalid"};
static const nu_validator slug_rule = {.check = nu_check_slug, .code = "invalid"};
static const nu_validator url_rule = {.check = nu_check_url, .code = "invalid"};

const nu_form_type nu_form_char = TEXT_KIND("CharField", nu_widget_text, .strip = true);
const nu_form_type nu_form_email = TEXT_KIND("EmailField", nu_widget_email, .strip = true,
                                             .max_length = 320, .validator = &email_rule);
const nu_form_type nu_form_slug =
    TEXT_KIND("SlugField", nu_widget_text, .strip = true, .validator = &slug_rule);

/* ---- URLs ---------------------------------------------------------------------------------------- */

/* Length of "https" in "https:…"; 0 if the text starts with no scheme. */
static size_t scheme_length(const char *text)
{
    size_t length =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    bool letter = (text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z';
    return letter && text[length] == ':' ? length : 0;
}

/* A host alone is taken for a page there; the scheme is written small. */
static nu_value clean_url(const nu_form_field *field, nu_value value)
{
    (void)field;
    value = nu_value_str(value);
    size_t length = scheme_length(value.text);
    if (length == 0)
        return nu_value_text(nu_fmt("http://%s", value.text + strspn(value.text, "/")));
    char *url = nu_arena_copy(nu_arena_current(), value.text, value.length);
    for (size_t i = 0; i < length; i++) {
        if (url[i] >= 'A' && url[i] <= 'Z')
            url[i] = (char)(url[i] + ('a' - 'A'));
    }
    return nu_value_text_n(url, value.length);
}

const nu_form_type nu_form_url = {
    .name = "URLField",
    .widget = &nu_widget_url,
    .clean = clean_url,
    .empty = NU_CONST_TEXT(""),
    .text = true,
    .strip = true,
    .validator = &url_rule,
    .attrs = char_attrs,
};

/* ---- patterns -------------------------------------------------------------------------------------- */

static void check_regex(const nu_form_field *field, nu_value value)
{
    if (field->pattern == NULL)
        nu_raise(NU_CONFIG_ERROR, "form field \"%s\" needs a .pattern", field->name);
    const nu_validator rule = {
        .pattern = field->pattern,
        .message = nu_gettext("This does not have the right form."),
    };
    nu_check_pattern(&rule, value);
}

const nu_form_type nu_form_regex = {
    .name = "RegexField",
    .widget = &nu_widget_text,
    .clean = clean_char,
    .empty = NU_CONST_TEXT(""),
    .text = true,
    .check = check_regex,
    .attrs = char_attrs,
};

/* ---- addresses --------------------------------------------------------------------------------------- */

/* The longest IPv6 address. */
#define ADDRESS_LENGTH 39

/* The shortest form. An IPv4 address at the end is written as such only below ::ffff:. */
static const char *ipv6_text(const unsigned char address[16])
{
    char text[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, address, text, sizeof text);
    if (strchr(text, '.') != NULL && !nu_starts_with(text, "::ffff:"))
        return nu_fmt("::%x:%x", address[12] << 8 | address[13], address[14] << 8 | address[15]);
    return nu_fmt("%s", text);
}

static nu_value clean_ip(const nu_form_field *field, nu_value value)
{
    unsigned char address[16];
    uint32_t      most = field->max_length > 0 ? (uint32_t)field->max_length : ADDRESS_LENGTH;
    value = nu_value_str(value);
    bool whole = strlen(value.text) == value.length && value.length <= most;
    if (whole && inet_pton(AF_INET, value.text, address) == 1)
        return value;
    if (!whole || inet_pton(AF_INET6, value.text, address) != 1)
        nu_form_refuse("invalid", "%s", nu_gettext("Enter a valid IPv4 or IPv6 address."));
    return nu_value_text(ipv6_text(address));
}

static void ip_attrs(const nu_form_field *field, const nu_widget *widget, nu_dict *attrs)
{
    char_attrs(field, widget, attrs);
    if (!widget->hidden && field->max_length == 0)
        nu_dict_set(attrs, "maxlength", ADDRESS_LENGTH);
}

const nu_form_type nu_form_ip = {
    .name = "GenericIPAddressField",
    .widget = &nu_widget_text,
    .clean = clean_ip,
    .empty = NU_CONST_TEXT(""),
    .text = true,
    .strip = true,
    .attrs = ip_attrs,
};

/* ---- UUIDs ----------------------------------------------------------------------------------------- */

static nu_value clean_uuid(const nu_form_field *field, nu_value value)
{
    (void)field;
    nu_uuid uuid;
    if (value.type == NU_UUID)
        return value;
    value = nu_value_str(value);
    if (!nu_uuid_try(value.text, value.length, &uuid))
        nu_form_refuse("invalid", "%s", nu_gettext("Enter a valid UUID."));
    return nu_value_uuid(uuid);
}

static nu_value prepare_uuid(const nu_form_field *field, nu_value value)
{
    (void)field;
    return value.type == NU_UUID ? nu_value_str(value) : value;
}

const nu_form_type nu_form_uuid = {
    .name = "UUIDField",
    .widget = &nu_widget_text,
    .clean = clean_uuid,
    .prepare = prepare_uuid,
    .text = true,
    .strip = true,
    .attrs = char_attrs,
};

/* ---- JSON ------------------------------------------------------------------------------------------- */

static nu_value clean_json(const nu_form_field *field, nu_value value)
{
    (void)field;
    if (value.type == NU_TEXT && !nu_json_try(value.text, value.length, &value))
        nu_form_refuse("invalid", "%s", nu_gettext("Enter valid JSON."));
    return value;
}

static nu_value prepare_json(const nu_form_field *field, nu_value value)
{
    (void)field;
    nu_builder json;
    nu_builder_init(&json, NULL, 64);
    nu_json_write(&json, value, &(nu_json_options){.spaced = true});
    return nu_builder_value(&json);
}

/* Well-formed JSON is shown again in our way of writing it, anything else as it was sent. */
static nu_value sent_json(const nu_form_field *field, nu_value value)
{
    nu_value parsed;
    if (value.type == NU_TEXT && nu_json_try(value.text, value.length, &parsed))
        return prepare_json(field, parsed);
    return value;
}

static const char *sorted_json(nu_value value)
{
    nu_builder json;
    nu_builder_init(&json, NULL, 64);
    nu_json_write(&json, value, &(nu_json_options){.sorted = true});
    return nu_builder_text(&json);
}

/* By their texts: 1 and true are equal as values, but not as JSON. */
static bool json_changed(const nu_form_field *field, nu_value initial, nu_value sent)
{
    (void)field;
    nu_value parsed = nu_null();
    if (!nu__form_is_empty(sent) && sent.type == NU_TEXT && !nu_json_try(sent.text, sent.length, &parsed))
        return true;
    return strcmp(sorted_json(initial), sorted_json(sent.type == NU_TEXT ? parsed : sent)) != 0;
}

const nu_form_type nu_form_json = {
    .name = "JSONField",
    .widget = &nu_widget_textarea,
    .clean = clean_json,
    .prepare = prepare_json,
    .sent = sent_json,
    .changed = json_changed,
};
