/* The placeholders of many rows at once: thousands, of which nothing differs but the number. */
#include <string.h>

#include "model/query_internal.h"

enum { DIGITS = 8 };

/* A number as text, which counts without dividing. */
typedef struct counter {
    char   digits[DIGITS];
    size_t length;
} counter;

static void count_up(counter *number)
{
    size_t at = number->length;
    while (at > 0 && number->digits[at - 1] == '9')
        number->digits[--at] = '0';
    if (at > 0) {
        number->digits[at - 1]++;
        return;
    }
    memmove(number->digits + 1, number->digits, number->length++);
    number->digits[0] = '1';
}

static char *put_placeholder(char *at, char placeholder, counter *number)
{
    *at++ = placeholder;
    if (placeholder == '?')
        return at;
    count_up(number);
    memcpy(at, number->digits, DIGITS); /* of which .length stay */
    return at + number->length;
}

void nu__sql_tuples(nu_sql *sql, size_t rows, size_t columns)
{
    enum { AROUND = 4 };
    size_t  place = sql->backend->placeholder == '?' ? strlen(", ?") : strlen(", $") + DIGITS;
    char   *start = nu_builder_room(&sql->text, rows * (columns * place + AROUND)), *at = start;
    counter number = {.digits = "0", .length = 1};
    for (size_t i = 0; i < sql->count; i++)
        count_up(&number);
    for (size_t row = 0; row < rows; row++) {
        at = mempcpy(at, row > 0 ? ", (" : "(", row > 0 ? 3 : 1);
        for (size_t column = 0; column < columns; column++) {
            at = mempcpy(at, ", ", column > 0 ? 2 : 0);
            at = put_placeholder(at, sql->backend->placeholder, &number);
        }
        *at++ = ')';
    }
    sql->text.length += (size_t)(at - start);
}
