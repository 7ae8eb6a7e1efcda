/* CSRF tokens. A secret of 32 letters and digits stays with the visitor; a form carries it added, digit
 * by digit modulo 62, to a random mask that is sent along. The page thus never shows the same
 * bytes twice, and compression cannot leak the secret (BREACH). */
#include "nuages/random.h"
#include "nuages/signing.h"

#include <string.h>

/* Django's order: lower case first. */
static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
#define LETTER_COUNT 62

static int letter_index(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 26;
    return c >= '0' && c <= '9' ? c - '0' + 52 : -1;
}

const char *nu_csrf_secret_new(void)
{
    return nu_random_text(NU_CSRF_SECRET_LENGTH, letters);
}

bool nu_csrf_is_token(const char *token)
{
    size_t length = strlen(token);
    if (length != NU_CSRF_SECRET_LENGTH && length != NU_CSRF_TOKEN_LENGTH)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (letter_index(token[i]) < 0)
            return false;
    }
    return true;
}

const char *nu_csrf_mask_with(const char *secret, const char *mask)
{
    nu_assert(nu_csrf_is_token(secret) && secret[NU_CSRF_SECRET_LENGTH] == '\0');
    nu_assert(nu_csrf_is_token(mask) && mask[NU_CSRF_SECRET_LENGTH] == '\0');
    char *token = nu_arena_alloc(nu_arena_current(), NU_CSRF_TOKEN_LENGTH + 1);
    memcpy(token, mask, NU_CSRF_SECRET_LENGTH);
    for (size_t i = 0; i < NU_CSRF_SECRET_LENGTH; i++) {
        int sum = letter_index(secret[i]) + letter_index(mask[i]);
        token[NU_CSRF_SECRET_LENGTH + i] = letters[sum % LETTER_COUNT];
    }
    token[NU_CSRF_TOKEN_LENGTH] = '\0';
    return token;
}

const char *nu_csrf_mask(const char *secret)
{
    return nu_csrf_mask_with(secret, nu_csrf_secret_new());
}

const char *nu_csrf_unmask(const char *token)
{
    if (!nu_csrf_is_token(token))
        return NULL;
    if (token[NU_CSRF_SECRET_LENGTH] == '\0')
        return token;
    char *secret = nu_arena_alloc(nu_arena_current(), NU_CSRF_SECRET_LENGTH + 1);
    for (size_t i = 0; i < NU_CSRF_SECRET_LENGTH; i++) {
        int difference = letter_index(token[NU_CSRF_SECRET_LENGTH + i]) - letter_index(token[i]);
        secret[i] = letters[(difference + LETTER_COUNT) % LETTER_COUNT];
    }
    secret[NU_CSRF_SECRET_LENGTH] = '\0';
    return secret;
}

bool nu_csrf_equal(const char *a, const char *b)
{
    const char *first = nu_csrf_unmask(a), *second = nu_csrf_unmask(b);
    return first != NULL && second != NULL &&
           nu_equal_secret(first, NU_CSRF_SECRET_LENGTH, second, NU_CSRF_SECRET_LENGTH);
}
