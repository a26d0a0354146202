/* SPDX-License-Identifier: Apache-2.0 */
/* Which URLs a credential file may name. */
#include "gcp/config/url_policy.h"

#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <string.h>

enum { HOST_MAX = 253 };

static enum mstr_code refuse(const char *member, const char *source, const char *why, struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_CONFIG, "%s: \"%s\" %s", source, member, why);
}

enum mstr_code url_policy_plain(const char *url, const char *member, const char *source, struct mstr_error *error)
{
    struct uri uri;
    if (!uri_parse(url, &uri) || uri.user != NULL || uri.fragment) {
        return refuse(member, source, uri_fault(url, "is no plain URL"), error);
    }
    return uri.https || uri_is_loopback(&uri) ? MSTR_OK
                                              : refuse(member, source, "must be https, or on loopback", error);
}

/* Whether this can be a label. */
static bool label(const char *text, size_t length)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") >= length;
}

/* The API's name and a label, in either order with `joint` between them, and what follows. */
struct form {
    bool api_first;
    char joint;
    const char *after;
};

static bool has_form(const char *text, const struct form *form, const char *api)
{
    size_t length = strlen(text);
    size_t named = strlen(api);
    size_t tail = strlen(form->after);
    if (length <= named + 1 + tail || !text_ends_with(text, form->after)) {
        return false;
    }
    size_t rest = length - tail - named - 1;
    size_t name_at = form->api_first ? 0 : rest + 1;
    size_t joint_at = form->api_first ? named : rest;
    return strncmp(text + name_at, api, named) == 0 && text[joint_at] == form->joint &&
           label(text + (form->api_first ? named + 1 : 0), rest);
}

/* With the dot before it. */
static bool cut_suffix(char *text, const char *suffix)
{
    char *end = strlen(text) > strlen(suffix) ? text + strlen(text) - strlen(suffix) - 1 : text;
    if (*end != '.' || strcmp(end + 1, suffix) != 0) {
        return false;
    }
    *end = '\0';
    return true;
}

bool url_policy_host_fits(const char *host_name, const char *api, const char *universe)
{
    char name[HOST_MAX + 1];
    if (strlen(host_name) > HOST_MAX) {
        return false;
    }
    strcpy(name, host_name);
    text_lower(name);
    if (!cut_suffix(name, universe)) {
        return false;
    }
    cut_suffix(name, "mtls");
    if (strcmp(name, api) == 0) {
        return true;
    }
    static const struct form forms[] = {{false, '.', ""}, {true, '.', ""}, {false, '-', ""}, {true, '-', ".p"}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        if (has_form(name, &forms[i], api)) {
            return true;
        }
    }
    return false;
}

enum mstr_code url_policy_google(const char *url, const char *member, const char *source, const char *api,
                                 const char *universe, struct mstr_error *error)
{
    struct uri uri;
    char name[HOST_MAX + 1] = "";
    enum mstr_code code = url_policy_plain(url, member, source, error);
    if (code != MSTR_OK || !uri_parse(url, &uri) || uri_is_loopback(&uri)) {
        return code;
    }
    if (uri.host_length <= HOST_MAX) {
        memcpy(name, uri.host, uri.host_length);
        name[uri.host_length] = '\0';
    }
    return uri.default_port && url_policy_host_fits(name, api, universe)
               ? MSTR_OK
               : refuse(member, source, "names a host that is none of Google's", error);
}
