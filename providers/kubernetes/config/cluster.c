/* SPDX-License-Identifier: Apache-2.0 */
/* Where the API server is. */
#include "kubernetes/config/cluster.h"

#include "base/text.h"
#include "base/uri.h"
#include "kubernetes/config/secret_name.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

static enum mstr_code no_memory(struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* Verification is never turned off. */
static enum mstr_code check_verification(const struct kube_entry *entry, struct mstr_error *error)
{
    struct json_object *skip = json_member(entry->value, "insecure-skip-tls-verify");
    if (skip == NULL) {
        return MSTR_OK;
    }
    if (!json_object_is_type(skip, json_type_boolean)) {
        return kube_refuse(entry, skip, "has an insecure-skip-tls-verify that is neither true nor false", error);
    }
    if (!json_object_get_boolean(skip)) {
        return MSTR_OK;
    }
    kube_refuse(entry, skip,
                "sets insecure-skip-tls-verify, which is not followed: whoever stands in between would get the "
                "credentials and the secret",
                error);
    return error_hint(error, MSTR_E_CONFIG,
                      "take the line out and set certificate-authority-data to the cluster's authority, and "
                      "tls-server-name where its certificate has another name");
}

static enum mstr_code check_proxy(const struct kube_entry *entry, const char *proxy, struct mstr_error *error)
{
    static const char *const schemes[] = {"http://", "https://", "socks5://"};
    for (size_t i = 0; proxy != NULL && i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (text_starts_with(proxy, schemes[i])) {
            return MSTR_OK;
        }
    }
    return proxy == NULL
               ? MSTR_OK
               : kube_refuse(entry, json_member(entry->value, "proxy-url"),
                             "has a proxy-url that begins with none of http://, https:// and socks5://", error);
}

/* kubectl takes http where no scheme is told; here that must be written. */
static enum mstr_code check_server(const struct kube_entry *entry, const char *server, struct mstr_error *error)
{
    struct json_object *at = json_member(entry->value, "server");
    struct uri uri;
    if (server == NULL || !uri_parse(server, &uri) || uri.user != NULL) {
        return kube_refuse(entry, at, "has no server that is an http or https URL", error);
    }
    if (uri.https || uri_is_loopback(&uri)) {
        return MSTR_OK;
    }
    kube_refuse(entry, at, "has a server of plain http, which is asked on loopback alone", error);
    return error_hint(error, MSTR_E_CONFIG,
                      "use https; where plain http is meant, name it in the option server of the section");
}

static enum mstr_code read_authority(const struct kube_entry *entry, struct cluster *out, struct mstr_error *error)
{
    struct buffer pem = BUFFER_INIT;
    const char *path = json_member_text(entry->value, "certificate-authority");
    bool file = !text_empty(path) && text_empty(json_member_text(entry->value, "certificate-authority-data"));
    enum mstr_code code = MSTR_OK;
    if (file) { /* told by the host as one that is missing, when it is used */
        kube_path(entry, path, &pem);
        out->ca_file = text_copy(buffer_text(&pem));
    } else {
        code = kube_octets(entry, "certificate-authority", &pem, error);
        out->ca_pem = pem.length > 0 ? text_copy(buffer_text(&pem)) : NULL;
    }
    code = code == MSTR_OK && (pem.failed || (pem.length > 0 && out->ca_file == NULL && out->ca_pem == NULL))
               ? no_memory(error)
               : code;
    buffer_release(&pem);
    return code;
}

/* A copy in place of what stands there; NULL and "" leave it. */
static bool put(char **at, const char *text)
{
    if (text_empty(text)) {
        return true;
    }
    free(*at);
    *at = text_copy(text);
    return *at != NULL;
}

enum mstr_code cluster_read(const struct kube_context *context, const struct mstr_instance *instance,
                            struct cluster *out, struct mstr_error *error)
{
    enum { SERVER, SERVER_NAME, PROXY, MEMBERS };
    static const char *const members[MEMBERS] = {"server", "tls-server-name", "proxy-url"};
    const struct kube_entry *entry = &context->cluster;
    const char *texts[MEMBERS] = {NULL};
    const char *namespace = NULL;
    enum mstr_code code = kube_texts(entry, entry->value, members, MEMBERS, texts, error);
    code =
        code == MSTR_OK ? kube_text(&context->context, context->context.value, "namespace", &namespace, error) : code;
    code = code == MSTR_OK ? check_verification(entry, error) : code;
    code = code == MSTR_OK ? check_proxy(entry, texts[PROXY], error) : code;
    if (code == MSTR_OK && text_empty(host->option(instance, "server"))) {
        code = check_server(entry, texts[SERVER], error);
    }
    code = code == MSTR_OK ? read_authority(entry, out, error) : code;
    if (code == MSTR_OK &&
        !(put(&out->server, texts[SERVER]) && put(&out->server_name, texts[SERVER_NAME]) &&
          put(&out->proxy, texts[PROXY]) && put(&out->namespace, namespace != NULL ? namespace : "default"))) {
        code = no_memory(error);
    }
    return code;
}

/* Scheme, host, port and path of the URL, without the slashes at its end: query and fragment say nothing to an API
 * server. */
static void cut_server(char *url)
{
    size_t length = strcspn(url, "?#");
    while (length > 0 && url[length - 1] == '/') {
        length--;
    }
    url[length] = '\0';
}

enum mstr_code cluster_settle(struct cluster *cluster, const struct mstr_instance *instance, const char *source,
                              struct mstr_error *error)
{
    const char *server = host->option(instance, "server");
    const char *ca_file = host->option(instance, "ca_file");
    if (!put(&cluster->server, server) || !put(&cluster->namespace, host->option(instance, "namespace")) ||
        !put(&cluster->ca_file, ca_file)) {
        return no_memory(error);
    }
    cluster->plain = !text_empty(server);
    cut_server(cluster->server);
    if (!text_empty(ca_file)) {
        free(cluster->ca_pem);
        cluster->ca_pem = NULL;
    }
    return secret_name_is_namespace(cluster->namespace)
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "%s: \"%.100s\" is no name of a namespace", source,
                                 cluster->namespace);
}

void cluster_release(struct cluster *cluster)
{
    char *const texts[] = {cluster->server, cluster->ca_file, cluster->ca_pem, cluster->server_name,
                           cluster->namespace};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        free(texts[i]);
    }
    text_wipe_free(cluster->proxy); /* may hold a password */
    *cluster = (struct cluster){.server = NULL};
}
