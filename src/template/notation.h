/* Values of templates written as JSON, for data that JSON alone cannot say.
 *
 * JSON's own values stand for themselves. An object of one key that begins with "$" is tagged:
 *   {"$safe": "<b>"}            text that needs no escaping
 *   {"$tuple": […]} {"$set": […]} {"$range": [start, stop, step]}
 *   {"$decimal": "1.50"} {"$float": "inf"} {"$bigint": "123…"}
 *   {"$date": "…"} {"$time": "…"} {"$datetime": "…"}    ISO 8601; with an offset it is aware
 *   {"$timedelta_s": 90}        a duration in seconds
 *   {"$dict": [[key, value], …]}  keys that are not plain strings */
#pragma once

#include "nuages/value.h"

/* The value that parsed JSON stands for, in the current arena. Raises ValueError for a tagged object that
 * is malformed. */
nu_value nu__notation_value(nu_value json);
