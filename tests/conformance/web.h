/* The web part of the conformance cases: requests, responses, URLs, signing. A file holds a JSON object a
 * line, an operation with its inputs and what Django does with them. */
#pragma once

#include "nuages/value.h"

/* Runs the cases of one file, prints a line for each that fails and one with the figures, and returns
 * how many failed. Beside the file may lie differences.txt: the cases where we differ on purpose, a line
 * each with id, tab and reason. */
int nu__conformance_web(const char *file);

/* An operation: gives what the case's "expect" should equal, or raises. */
typedef struct nu__web_op {
    const char *name;
    nu_value (*run)(const nu_dict *line);
    /* Brings both results into one form where parts may come in any order; NULL: compared as they are. */
    nu_value (*normal)(nu_value result);
} nu__web_op;

/* Ended by {0}. */
extern const nu__web_op nu__web_text_ops[], nu__web_request_ops[], nu__web_response_ops[],
    nu__web_url_ops[], nu__web_signing_ops[], nu__web_form_ops[], nu__web_widget_ops[],
    nu__web_validator_ops[], nu__web_session_ops[];

/* Reads urlconfs.json in `folder`. */
void nu__web_urls_open(const char *folder);

/* HTML in a normal form: attributes and classes sorted, no white space beside tags. */
nu_value nu__web_html(nu_value html);

/* Raised by an operation that does not cover a form of its input. */
extern const nu_kind nu__web_uncovered;

/* ---- helpers for operations ------------------------------------------------------------------------- */

/* The member as text, or `fallback` if it is missing or null. */
const char *nu__web_text(const nu_dict *line, const char *key, const char *fallback);
bool        nu__web_flag(const nu_dict *line, const char *key);
int64_t     nu__web_int(const nu_dict *line, const char *key, int64_t fallback);
/* The member as a dict or list; empty if it is missing. */
nu_dict *nu__web_dict(const nu_dict *line, const char *key);
nu_list *nu__web_list(const nu_dict *line, const char *key);
/* A list of texts as a NULL-ended array; NULL if the member is missing or null. */
const char *const *nu__web_texts(const nu_dict *line, const char *key);
/* "$b64", "$datetime" and so on made into values, all the way down. */
nu_value nu__web_decode(nu_value value);
/* Text or bytes as the cases show content: from 2000 on by its SHA-1. */
nu_value nu__web_content(nu_value content);
/* A list of pairs in order of their first members. */
nu_value nu__web_sorted(nu_value pairs);
