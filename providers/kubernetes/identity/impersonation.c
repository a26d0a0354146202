/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a user acts as: Kubernetes' user impersonation. */
#include "kubernetes/identity/impersonation.h"

#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    const struct kube_entry *user;
    struct identity *identity;
    struct mstr_error *error;
};

static bool fits(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            return false;
        }
    }
    return true;
}

static enum mstr_code add(const struct reading *reading, const char *name, struct json_object *value)
{
    struct identity *identity = reading->identity;
    const char *text = json_text(value);
    if (text_empty(text) || !fits(text)) {
        return kube_refuse(reading->user, value, "acts as somebody whose name is no text that a header can hold",
                           reading->error);
    }
    if (identity->impersonation_count == IMPERSONATION_MAX) {
        return kube_refuse(reading->user, value, "acts as somebody with more than 64 groups and extra words",
                           reading->error);
    }
    struct mstr_header *all = realloc(identity->impersonation, (identity->impersonation_count + 1) * sizeof(*all));
    struct mstr_header header = {text_copy(name), text_copy(text)};
    identity->impersonation = all != NULL ? all : identity->impersonation;
    if (all == NULL || header.name == NULL || header.value == NULL) {
        free((char *)(uintptr_t)header.name);
        free((char *)(uintptr_t)header.value);
        return host->error_set(reading->error, MSTR_E_MEMORY, "out of memory");
    }
    all[identity->impersonation_count++] = header;
    return MSTR_OK;
}

/* A header for each item of a list. */
static enum mstr_code add_all(const struct reading *reading, const char *name, struct json_object *list)
{
    enum mstr_code code = MSTR_OK;
    if (list != NULL && !json_object_is_type(list, json_type_array)) {
        return kube_refuse(reading->user, list, "acts as somebody by what should be a list", reading->error);
    }
    for (size_t i = 0; code == MSTR_OK && list != NULL && i < json_object_array_length(list); i++) {
        code = add(reading, name, json_object_array_get_idx(list, i));
    }
    return code;
}

/* The keys are encoded, since a header's name holds less than they do. */
static enum mstr_code add_extra(const struct reading *reading, struct json_object *extra)
{
    enum mstr_code code = MSTR_OK;
    if (extra != NULL && !json_object_is_type(extra, json_type_object)) {
        return kube_refuse(reading->user, extra, "has an as-user-extra that is no mapping", reading->error);
    }
    if (extra == NULL) {
        return MSTR_OK;
    }
    json_object_object_foreach(extra, key, list)
    {
        struct buffer name = BUFFER_INIT;
        buffer_puts(&name, "Impersonate-Extra-");
        bool good = uri_encode(&name, key, strlen(key)) && !name.failed;
        code = code != MSTR_OK ? code
               : good          ? add_all(reading, buffer_text(&name), list)
                               : host->error_set(reading->error, MSTR_E_MEMORY, "out of memory");
        buffer_release(&name);
    }
    return code;
}

enum mstr_code impersonation_read(const struct kube_entry *user, struct identity *identity, struct mstr_error *error)
{
    static const char *const others[] = {"as-uid", "as-groups", "as-user-extra"};
    const struct reading reading = {user, identity, error};
    struct json_object *as = json_member(user->value, "as");
    if (as == NULL) {
        for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
            if (json_member(user->value, others[i]) != NULL) {
                return kube_refuse(user, json_member(user->value, others[i]), "acts as groups of nobody: set as",
                                   error);
            }
        }
        return MSTR_OK;
    }
    struct json_object *uid = json_member(user->value, "as-uid");
    enum mstr_code code = add(&reading, "Impersonate-User", as);
    code = code == MSTR_OK && uid != NULL ? add(&reading, "Impersonate-Uid", uid) : code;
    code = code == MSTR_OK ? add_all(&reading, "Impersonate-Group", json_member(user->value, "as-groups")) : code;
    return code == MSTR_OK ? add_extra(&reading, json_member(user->value, "as-user-extra")) : code;
}
