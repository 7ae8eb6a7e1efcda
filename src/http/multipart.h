/* Forms with files: multipart/form-data (RFC 7578, on the framing of RFC 2046 5.1). */
#pragma once

#include "http/internal.h"

/* Reads the request's body and adds its fields to req->post, its files to req->files. A boundary that is
 * none, or base64 that is none, raises BadRequest; limits raise SuspiciousOperation or TooLarge. Waits
 * for the client. */
NU_WAITS void nu__multipart_parse(nu_request *req, const char *boundary);
