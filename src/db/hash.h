/* A hash of SQL text, for caches of prepared statements. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "nuages/backend/database.h"

/* Eight bytes at a time; the texts are our own, so nobody makes them collide. */
static inline uint64_t nu__db_hash(const char *text, size_t length)
{
    uint64_t hash = length * 0x9e3779b97f4a7c15u, word;
    for (; length >= 8; length -= 8, text += 8) {
        memcpy(&word, text, 8);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, text, length);
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 29;
}

static inline uint64_t nu__db_hash_of(const nu_db_statement *statement)
{
    return statement->hash != 0 ? statement->hash
                                : nu__db_hash(statement->sql, statement->length);
}
