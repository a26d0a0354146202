/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a POST of /v1 asks for: a JSON object with lists of texts. Read strictly; members that nobody knows are passed
 * over, so that newer clients can say more.
 */
#ifndef MSTR_AGENT_ORDER_H
#define MSTR_AGENT_ORDER_H

#include "base/json.h"
#include "request.h"

struct order {
    struct json_object *tree;
    struct json_object *references; /* NULL = none are told, as of what follows */
    struct json_object *patterns;
    struct json_object *fingerprints; /* of the caller, by their schemes */
    struct json_object *profiles;     /* the same by profiles */
    size_t reference_count;
    size_t pattern_count;
    bool refresh;
};

/* False with the reply filled in: it is none, or names more than so many references. To be released either way. */
bool order_read(struct request *request, size_t most, struct order *order);
/* The texts, from 0 on. */
const char *order_reference(const struct order *order, size_t index);
const char *order_pattern(const struct order *order, size_t index);
void order_release(struct order *order);

#endif
