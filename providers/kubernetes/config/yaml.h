/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as kubeconfig files are written in it, JSON included, made a tree of json-c: mappings, sequences, null and
 * booleans in their plain form, and texts, which all other scalars are. Bounded: 32 levels, 1,000 values out of
 * aliases, one document. A key that comes twice, a merge key, a tag, characters of private use and whatever else
 * would be read in two ways is a fault. What may be secret is kept from libyaml, see veil.h. Thread-safe.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_CONFIG_YAML_H
#define MSTR_PROVIDERS_KUBERNETES_CONFIG_YAML_H

#include "base/json.h"

struct yaml_fault {
    int line;      /* from 1 on */
    char why[128]; /* with nothing of the text itself */
};

/* For json_release(); NULL for a text without a value. MSTR_E_CONFIG with the fault, MSTR_E_MEMORY. */
enum mstr_code yaml_read(const char *text, size_t length, struct json_object **tree, struct yaml_fault *fault);
/* The line on which a value begins; 0 for NULL. */
int yaml_line(struct json_object *value);
/* Appends a value as JSON; what was written plain as one of its numbers is one. */
void yaml_put_json(struct json_object *value, struct buffer *out);

#endif
