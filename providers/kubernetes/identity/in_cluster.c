/* SPDX-License-Identifier: Apache-2.0 */
/* The service account of the pod. */
#include "kubernetes/identity/in_cluster.h"

#include "base/text.h"
#include "kubernetes/identity/token_file.h"
#include "sdk/file.h"
#include "sdk/host.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* An option, or the file of that name in the folder. */
static bool put_path(const char *option, const char *folder, const char *name, struct buffer *out)
{
    return text_empty(option) ? buffer_printf(out, "%s/%s", folder, name) : buffer_puts(out, option);
}

static char *server_of(const char *name, const char *port)
{
    struct buffer url = BUFFER_INIT;
    bool bare = strchr(name, ':') != NULL && name[0] != '[';
    buffer_printf(&url, "https://%s%s%s:%s", bare ? "[" : "", name, bare ? "]" : "", port);
    char *text = url.failed ? NULL : text_copy(buffer_text(&url));
    buffer_release(&url);
    return text;
}

/* Of the pod: POD_NAMESPACE, which its author sets, the file, or the default. */
static char *namespace_of(const char *folder)
{
    struct buffer path = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    const char *named = host->environment("POD_NAMESPACE");
    buffer_printf(&path, "%s/namespace", folder);
    if (text_empty(named) && file_read(buffer_text(&path), "", 0, &text, NULL) == MSTR_OK && text.length > 0) {
        named = text_trim(text.data);
    }
    char *found = path.failed ? NULL : text_copy(text_empty(named) ? "default" : named);
    buffer_release(&text);
    buffer_release(&path);
    return found;
}

static enum mstr_code make(const struct mstr_instance *instance, const char *folder, const char *token,
                           const char *authority, struct identity **out, struct mstr_error *error)
{
    struct identity *identity = identity_new(instance, "in-cluster service account");
    if (identity != NULL) {
        identity->kind = &token_file_identity;
        identity->token_file_bad = MSTR_E_AUTHENTICATION;
        identity->token_file = text_copy(token);
        identity->cluster.server =
            server_of(host->environment("KUBERNETES_SERVICE_HOST"), host->environment("KUBERNETES_SERVICE_PORT"));
        identity->cluster.ca_file = text_copy(authority);
        identity->cluster.namespace = namespace_of(folder);
    }
    if (identity == NULL || identity->token_file == NULL || identity->cluster.server == NULL ||
        identity->cluster.ca_file == NULL || identity->cluster.namespace == NULL) {
        identity_release(identity);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *out = identity;
    return MSTR_OK;
}

/* client-go goes on with the system's roots where the authority is missing, which then trust too many. */
static enum mstr_code check_files(const char *token, const char *authority, struct mstr_error *error)
{
    if (access(token, F_OK) != 0 && file_is_absent(token, errno)) {
        host->error_set(error, MSTR_E_NOT_AVAILABLE, "the pod has no token: %s is not there", token);
        return error_hint(error, MSTR_E_NOT_AVAILABLE,
                          "give the pod a service account, with automountServiceAccountToken");
    }
    return access(authority, R_OK) == 0
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "the cluster's authority %s cannot be read: %s", authority,
                                 strerror(errno));
}

enum mstr_code in_cluster_find(const struct mstr_instance *instance, const char *folder, struct identity **out,
                               struct mstr_error *error)
{
    struct buffer token = BUFFER_INIT;
    struct buffer authority = BUFFER_INIT;
    if (text_empty(host->environment("KUBERNETES_SERVICE_HOST")) ||
        text_empty(host->environment("KUBERNETES_SERVICE_PORT"))) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE,
                               "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not both set");
    }
    bool good = put_path(host->option(instance, "token_file"), folder, "token", &token) &&
                put_path(host->option(instance, "ca_file"), folder, "ca.crt", &authority);
    enum mstr_code code = good ? check_files(buffer_text(&token), buffer_text(&authority), error)
                               : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK) {
        code = make(instance, folder, buffer_text(&token), buffer_text(&authority), out, error);
    }
    buffer_release(&token);
    buffer_release(&authority);
    return code;
}
