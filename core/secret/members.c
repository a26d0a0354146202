/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of a secret that is a JSON object, one by one. */
#include "base/error.h"
#include "base/json_scan.h"
#include "secret/memory.h"
#include "secret/secret.h"

#include <string.h>

static enum mstr_code no_object(mstr_secret *secret, mstr_error *error)
{
    char fault[JSON_SCAN_FAULT_MAX];
    struct json_span whole;
    if (json_scan_check(mstr_secret_octets(secret), mstr_secret_length(secret), &whole)) {
        return error_set(error, MSTR_E_NOT_FOUND, "the secret is no JSON object");
    }
    json_scan_fault(mstr_secret_octets(secret), mstr_secret_length(secret), fault);
    return error_set(error, MSTR_E_NOT_FOUND, "the secret is not JSON: %s", fault);
}

/* Both texts undone in `scratch`, which has room for either. */
static enum mstr_code tell_one(const mstr_secret *secret, struct json_span name, struct json_span value,
                               char *scratch, mstr_member_fn each, void *data, mstr_error *error)
{
    mstr_secret *text = secret_part(secret, scratch, json_scan_text(value, scratch));
    if (text == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = MSTR_OK;
    size_t length = json_scan_text(name, scratch);
    scratch[length] = '\0';
    if (strlen(scratch) != length) {
        code = error_set(error, MSTR_E_NOT_FOUND, "a member of the secret has a NUL in its name");
    } else if (each(scratch, text, data) != 0) {
        code = error_set(error, MSTR_E_CANCELLED, "not all members were wanted");
    }
    mstr_secret_release(text);
    return code;
}

enum mstr_code mstr_secret_members(mstr_secret *secret, mstr_member_fn each, void *data, mstr_error *error)
{
    struct json_span object;
    struct json_span name;
    struct json_span value = {NULL, NULL};
    size_t length = mstr_secret_length(secret);
    if (!json_scan_check(mstr_secret_octets(secret), length, &object) || *object.at != '{') {
        return no_object(secret, error);
    }
    char *scratch = secure_alloc(length + 1);
    enum mstr_code code = scratch != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    while (code == MSTR_OK && json_scan_next_member(object, &name, &value)) {
        if (*value.at == '"') {
            code = tell_one(secret, name, value, scratch, each, data, error);
        }
    }
    secure_free(scratch);
    return code;
}
