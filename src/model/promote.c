/* Which joins may be INNER. A condition that cannot hold for a missing row makes its joins INNER
 * when all of the whole depends on it; under an OR only if every branch does. The rules are
 * Django's (JoinPromoter), because they decide which rows come out. */
#include "model/query_internal.h"

static bool in(nu_joins joins, int join)
{
    return (joins >> join & 1) != 0;
}

void nu__votes_add(nu_votes *votes, nu_joins joins)
{
    for (; joins != 0; joins &= joins - 1)
        votes->count[__builtin_ctzll(joins)]++;
}

nu_joins nu__votes_decide(const nu_votes *votes, nu_query *query)
{
    nu_joins promote = 0, demote = 0;
    for (int i = 1; i < query->join_count; i++) {
        if (votes->count[i] == 0)
            continue;
        if (votes->any && votes->count[i] < votes->children)
            promote |= (nu_joins)1 << i;
        else
            demote |= (nu_joins)1 << i;
    }
    nu__joins_promote(query, promote);
    nu__joins_demote(query, demote);
    return demote;
}

/* To LEFT OUTER, where a row can be missing; what hangs on it follows. A child has a higher
 * number. */
void nu__joins_promote(nu_query *query, nu_joins joins)
{
    for (int i = 1; i < query->join_count; i++) {
        nu_join       *join = &query->joins[i];
        const nu_join *parent = &query->joins[join->parent];
        bool           asked = in(joins, i) && join->nullable;
        if (asked || (parent->outer && join->parent > 0))
            join->outer = true;
    }
}

/* To INNER, together with all that it hangs on. */
void nu__joins_demote(nu_query *query, nu_joins joins)
{
    for (int i = query->join_count - 1; i > 0; i--) {
        if (!in(joins, i))
            continue;
        query->joins[i].outer = false;
        if (query->joins[i].parent > 0)
            joins |= (nu_joins)1 << query->joins[i].parent;
    }
}

nu_joins nu__joins_inner(const nu_query *query)
{
    nu_joins inner = 0;
    for (int i = 1; i < query->join_count; i++) {
        if (!query->joins[i].outer)
            inner |= (nu_joins)1 << i;
    }
    return inner;
}
