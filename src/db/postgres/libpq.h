/* libpq, loaded when the first PostgreSQL database is named: a program that has none does not pay for it
 * and the libraries that it brings along, nor must they be there. */
#pragma once

#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

#define NU__PQ_FUNCTIONS(X)                                                                        \
    X(cancel)                                                                                      \
    X(clear)                                                                                       \
    X(cmdStatus)                                                                                   \
    X(cmdTuples)                                                                                   \
    X(conndefaults)                                                                                \
    X(connectPoll)                                                                                 \
    X(connectStartParams)                                                                          \
    X(conninfoFree)                                                                                \
    X(conninfoParse)                                                                               \
    X(consumeInput)                                                                                \
    X(enterPipelineMode)                                                                           \
    X(errorMessage)                                                                                \
    X(exitPipelineMode)                                                                            \
    X(fformat)                                                                                     \
    X(finish)                                                                                      \
    X(flush)                                                                                       \
    X(fname)                                                                                       \
    X(freeCancel)                                                                                  \
    X(freemem)                                                                                     \
    X(ftype)                                                                                       \
    X(getCancel)                                                                                   \
    X(getResult)                                                                                   \
    X(getisnull)                                                                                   \
    X(getlength)                                                                                   \
    X(getvalue)                                                                                    \
    X(isBusy)                                                                                      \
    X(nfields)                                                                                     \
    X(notifies)                                                                                    \
    X(nparams)                                                                                     \
    X(ntuples)                                                                                     \
    X(paramtype)                                                                                   \
    X(pipelineSync)                                                                                \
    X(putCopyData)                                                                                 \
    X(putCopyEnd)                                                                                  \
    X(resultErrorField)                                                                            \
    X(resultStatus)                                                                                \
    X(sendDescribePrepared)                                                                        \
    X(sendPrepare)                                                                                 \
    X(sendQuery)                                                                                   \
    X(sendQueryParams)                                                                             \
    X(sendQueryPrepared)                                                                           \
    X(setNoticeReceiver)                                                                           \
    X(setnonblocking)                                                                              \
    X(socket)                                                                                      \
    X(sslInUse)                                                                                    \
    X(status)                                                                                      \
    X(transactionStatus)

/* nu__pq.clear is PQclear, and so on. */
typedef struct nu_pq {
#define X(name) __typeof__(&PQ##name) name;
    NU__PQ_FUNCTIONS(X)
#undef X
} nu_pq;
extern nu_pq nu__pq;

/* Fills the table. Raises ImproperlyConfigured where libpq is not installed. */
void nu__pq_load(void);
