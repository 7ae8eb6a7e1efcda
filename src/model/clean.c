/* Any representation of a value as the kind that a field holds. The forms accepted are those of the
 * to_python methods of Django's fields. */
#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/internal.h"
#include "nuages/i18n.h"
#include "nuages/json.h"
#include "nuages/random.h"

bool nu__clean_text(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    if (value.type == NU_LIST || value.type == NU_DICT || value.type == NU_OBJECT ||
        value.type == NU_FUNCTION || value.type == NU_BYTES)
        return false;
    *out = value.type == NU_TEXT ? value : nu_value_str(value);
    out->flags = 0;
    return true;
}

/* IPv6 addresses are kept in their short form, so that equal ones are equal texts. */
bool nu__clean_ip(const nu_field *field, nu_value value, nu_value *out)
{
    struct in6_addr address;
    char            text[INET6_ADDRSTRLEN];
    if (!nu__clean_text(field, value, out))
        return false;
    if (strchr(out->text, ':') == NULL || inet_pton(AF_INET6, out->text, &address) != 1)
        return true;
    bool        mapped = IN6_IS_ADDR_V4MAPPED(&address) && field->unpack_ipv4;
    const char *shortest = mapped ? inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof text)
                                  : inet_ntop(AF_INET6, &address, text, sizeof text);
    if (shortest != NULL)
        *out = nu_value_text_copy(text, strlen(text));
    return true;
}

/* A number that is not whole is cut, as Python's int() does; a text of one is refused. */
bool nu__clean_int(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    int64_t number;
    if (value.type == NU_FLOAT)
        value.number = trunc(value.number);
    else if (value.type == NU_DECIMAL)
        value = nu_value_decimal(nu_decimal_round(*value.decimal, 0, NU_ROUND_DOWN));
    if (value.type == NU_OBJECT || !nu_int_try(value, &number))
        return false;
    *out = nu_value_int(number);
    return true;
}

bool nu__clean_float(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    double number;
    if (value.type == NU_OBJECT || !nu_float_try(value, &number))
        return false;
    *out = nu_value_float(number);
    return true;
}

/* A float as the decimal that it is, with as many digits as the field has: 1.1 is 1.100000000, which has
 * too many places for a price. */
static nu_value digits_of_float(const nu_field *field, double number)
{
    char cut[64], exact[64];
    int  digits = field->max_digits > 0 && field->max_digits < 28 ? field->max_digits : 28;
    snprintf(cut, sizeof cut, "%.*e", digits - 1, number);
    snprintf(exact, sizeof exact, "%.50e", number);
    const char *rest = exact + strcspn(exact, ".") + digits;
    bool        fits = strspn(rest, "0") == strcspn(rest, "e");
    return fits ? nu_value_float(number) : nu_value_text_copy(cut, strlen(cut));
}

bool nu__clean_decimal(const nu_field *field, nu_value value, nu_value *out)
{
    nu_decimal number;
    if (value.type == NU_DECIMAL) {
        *out = value;
        return true;
    }
    if (value.type == NU_FLOAT && isfinite(value.number))
        value = digits_of_float(field, value.number);
    if (value.type == NU_OBJECT || !nu_decimal_of_value_try(value, &number))
        return false;
    *out = nu_value_decimal(number);
    return true;
}

static bool is_one_of(nu_value value, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(value.text, *words) == 0)
            return true;
    }
    return false;
}

bool nu__clean_bool(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    if (value.type == NU_BOOL) {
        *out = value;
    } else if (value.type == NU_INT && (value.integer == 0 || value.integer == 1)) {
        *out = nu_value_bool(value.integer == 1);
    } else if (value.type == NU_TEXT && is_one_of(value, NU_STRS("true", "True", "1", "t", "on"))) {
        *out = nu_value_bool(true);
    } else if (value.type == NU_TEXT && is_one_of(value, NU_STRS("false", "False", "0", "f"))) {
        *out = nu_value_bool(false);
    } else {
        return false;
    }
    return true;
}

/* ---- dates and times ------------------------------------------------------------------------ */

/* A reading without a zone is taken as one in the default zone, as Django does; forms know which
 * zone their user is in. */
static nu_datetime aware(nu_datetime moment)
{
    if (!moment.naive)
        return moment;
    nu_civil civil = nu_datetime_civil(moment, NULL);
    return nu_datetime_in(&civil, nu_zone_default());
}

static nu_datetime midnight(nu_date date)
{
    return aware((nu_datetime){.us = date.days * NU_DAY, .set = true, .naive = true});
}

bool nu__clean_date(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    nu_date     date;
    nu_datetime moment;
    if (value.type == NU_DATE) {
        *out = value;
        return true;
    }
    if (value.type == NU_TEXT && nu_date_try(value.text, value.length, &date)) {
        *out = nu_value_date(date);
        return true;
    }
    if (value.type != NU_DATETIME)
        return false;
    moment = nu_value_as_datetime(value);
    nu_civil civil = nu_datetime_civil(moment, moment.naive ? NULL : nu_zone_default());
    *out = nu_value_date(nu_date_of(civil.year, civil.month, civil.day));
    return true;
}

bool nu__clean_time(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    nu_time time;
    if (value.type == NU_TIME) {
        *out = value;
        return true;
    }
    if (value.type != NU_TEXT || !nu_time_try(value.text, value.length, &time))
        return false;
    *out = nu_value_time(time);
    return true;
}

bool nu__clean_datetime(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    nu_datetime moment;
    nu_date     date;
    if (value.type == NU_DATETIME && !(value.flags & NU_NAIVE)) {
        *out = value;
        return true;
    }
    if (value.type == NU_DATETIME)
        moment = aware(nu_value_as_datetime(value));
    else if (value.type == NU_DATE)
        moment = midnight(nu_value_as_date(value));
    else if (value.type != NU_TEXT)
        return false;
    else if (nu_datetime_try(value.text, value.length, &moment))
        moment = aware(moment);
    else if (nu_date_try(value.text, value.length, &date))
        moment = midnight(date);
    else
        return false;
    *out = nu_value_datetime(moment);
    return true;
}

bool nu__clean_duration(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    nu_duration duration;
    if (value.type == NU_DURATION) {
        *out = value;
        return true;
    }
    if (value.type != NU_TEXT || !nu_duration_try(value.text, value.length, &duration))
        return false;
    *out = nu_value_duration(duration);
    return true;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static nu_uuid uuid_of_number(uint64_t number)
{
    nu_uuid uuid = {.set = false};
    for (size_t i = sizeof uuid.bytes; i-- > 0; number >>= 8)
        uuid.bytes[i] = (uint8_t)number;
    return uuid;
}

bool nu__clean_uuid(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    nu_uuid uuid;
    if (value.type == NU_UUID) {
        *out = value;
        return true;
    }
    if (value.type == NU_INT && value.integer >= 0)
        uuid = uuid_of_number((uint64_t)value.integer);
    else if (value.type != NU_TEXT || !nu_uuid_try(value.text, value.length, &uuid))
        return false;
    uuid.set = true;
    *out = nu_value_uuid(uuid);
    return true;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char       *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Fixtures hold bytes as base64. */
bool nu__clean_bytes(const nu_field *field, nu_value value, nu_value *out)
{
    (void)field;
    if (value.type == NU_BYTES) {
        *out = value;
        return true;
    }
    if (value.type != NU_TEXT || value.length % 4 != 0)
        return false;
    uint8_t *bytes = nu_arena_alloc(nu_arena_current(), value.length / 4 * 3 + 1);
    size_t   count = 0;
    uint32_t length = value.length;
    while (length > 0 && value.length - length < 2 && value.text[length - 1] == '=')
        length--;
    uint32_t bits = 0, have = 0;
    for (uint32_t i = 0; i < length; i++) {
        int digit = base64_digit(value.text[i]);
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes[count++] = (uint8_t)(bits >> have);
        }
    }
    *out = nu_value_bytes(bytes, count);
    return true;
}

/* Rounded to the places of the column, as Django writes it. */
nu_value nu__store_decimal(const nu_field *field, nu_value value)
{
    if (field->max_digits == 0 && field->decimal_places == 0)
        return value;
    return nu_value_decimal(
        nu_decimal_round(*value.decimal, field->decimal_places, NU_ROUND_HALF_EVEN));
}

/* The text that Python's json.dumps gives, so that equal values are equal texts. */
nu_value nu__store_json(const nu_field *field, nu_value value)
{
    (void)field;
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    /* A number beyond 64 bits is a decimal here, and a number there. */
    nu_json_write(&out, value,
                  &(nu_json_options){.spaced = true, .ascii = true, .numbers = true});
    return nu_builder_value(&out);
}
