/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a request goes, and whom TLS trusts there. */
#include "http/transfer.h"

#include "base/text.h"
#include "http/client_certificate.h"
#include "http/pinned_key.h"
#include "http/tls_file.h"

/* The URL, and where to connect to instead of its host. A server name of its own goes into the URL, since that is
 * what curl asks for and verifies; the true host then moves into CURLOPT_CONNECT_TO and the Host header. */
static bool route(struct transfer *t)
{
    const struct mstr_http_request *request = t->request;
    const struct uri *uri = &t->uri;
    const char *name = request->tls_server_name;
    if (name == NULL && request->connect_address == NULL) {
        return transfer_set_text(t, CURLOPT_URL, request->url);
    }
    struct buffer url = BUFFER_INIT;
    struct buffer *to = &t->connect_to_text;
    const char *colon = request->connect_address != NULL ? strchr(request->connect_address, ':') : NULL;
    bool bracket = request->connect_address != NULL ? colon != NULL && request->connect_address[0] != '[' : uri->ipv6;

    buffer_printf(to, "::%s", bracket ? "[" : "");
    if (request->connect_address != NULL) {
        buffer_puts(to, request->connect_address);
    } else {
        buffer_append(to, uri->host, uri->host_length);
    }
    buffer_printf(to, "%s:%u", bracket ? "]" : "", uri->port);
    t->connect_to = (struct curl_slist){.data = to->data};

    buffer_printf(&url, "http%s://", uri->https ? "s" : "");
    if (name != NULL) {
        buffer_printf(&url, "%s:%u", name, uri->port);
    } else {
        uri_host_header(uri, &url);
    }
    buffer_puts(&url, uri->path);
    bool set = !to->failed && !url.failed && transfer_set_text(t, CURLOPT_URL, url.data) &&
               t->api->easy_setopt(t->easy, CURLOPT_CONNECT_TO, &t->connect_to) == CURLE_OK;
    buffer_release(&url);
    return set;
}

/* Without CURLOPT_PROXY and CURLOPT_NOPROXY curl would look at the environment itself, by rules of its own. */
static bool set_proxy(struct transfer *t)
{
    const struct http_extras *extras = t->extras;
    bool sent = t->proxy.url != NULL && extras->proxy == t->proxy.url; /* whose password the extras have */
    if (t->proxy.url == NULL) {
        return transfer_set_text(t, CURLOPT_PROXY, "");
    }
    return transfer_set_text(t, CURLOPT_PROXY, t->proxy.url) && transfer_set_text(t, CURLOPT_NOPROXY, "") &&
           transfer_set_long(t, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) &&
           (!sent || extras->proxy_user == NULL || transfer_set_text(t, CURLOPT_PROXYUSERNAME, extras->proxy_user)) &&
           (!sent || extras->proxy_password == NULL ||
            transfer_set_text(t, CURLOPT_PROXYPASSWORD, extras->proxy_password));
}

static enum mstr_code find_proxy(struct transfer *t)
{
    const struct http_extras *extras = t->extras;
    const struct http_client_options *client = t->client;
    const char *wanted = extras->proxy != NULL ? extras->proxy : TRANSFER_WANTS(t, proxy);
    bool own = wanted != NULL;
    const struct proxy_settings settings = {.url = own ? wanted : client->proxy,
                                            .except =
                                                own || extras->no_proxy != NULL ? extras->no_proxy : client->no_proxy,
                                            .environment = client->trust_environment && !extras->no_environment};
    t->proxy = (struct proxy){.url = NULL};
    enum mstr_code code =
        (t->request->flags & MSTR_HTTP_NO_PROXY) != 0 ? MSTR_OK : proxy_find(&settings, &t->uri, &t->proxy, t->error);
    if (extras->proxy_told != NULL && t->proxy.url != NULL) {
        snprintf(extras->proxy_told, PROXY_TOLD, "%.*s (%s)", (int)t->proxy.name_length, t->proxy.name,
                 t->proxy.source);
    }
    return code;
}

/* The options of those who may have to be trusted. */
struct trust_options {
    CURLoption file, folder, pem;
};
static const struct trust_options of_server = {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_CAINFO_BLOB};
static const struct trust_options of_proxy = {CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH, CURLOPT_PROXY_CAINFO_BLOB};

static bool set_pem(struct transfer *t, CURLoption option, const char *pem, size_t length)
{
    struct curl_blob blob = {.data = (char *)(uintptr_t)pem, .len = length, .flags = CURL_BLOB_NOCOPY};
    return t->api->easy_setopt(t->easy, option, &blob) == CURLE_OK;
}

/* The file of the system's roots that libcurl is to be told, since it was built for no system in particular; else
 * NULL. */
static const char *unknown_roots(const struct transfer *t)
{
    const curl_version_info_data *info = t->api->version_info(CURLVERSION_NOW);
    return info->cainfo == NULL && info->capath == NULL ? trust_system_file() : NULL;
}

/* What replaces the system's roots replaces its file and its folder both. */
static enum mstr_code set_trust(struct transfer *t, const struct trust *trust, const struct trust_options *options,
                                struct buffer *roots)
{
    bool replaced = trust->file.path != NULL || trust->folder.path != NULL;
    bool joined = trust->added.path != NULL;
    const char *file = replaced ? trust->file.path : unknown_roots(t);
    bool checked = joined || trust->folder.path != NULL || options == &of_proxy; /* curl tells of the server's file */
    enum mstr_code code = checked ? trust_check(trust, t->error)
                          : trust->file.path != NULL
                              ? tls_file_check_regular(trust->file.source, trust->file.path, t->error)
                              : MSTR_OK;
    if (code != MSTR_OK) {
        error_prefix(t->error, "CA file for %.*s cannot be used: ", TRANSFER_HOST(t));
        return code;
    }
    if (joined && !trust_join(trust, file != NULL ? file : t->api->version_info(CURLVERSION_NOW)->cainfo, roots)) {
        return error_set(t->error, MSTR_E_MEMORY, "out of memory");
    }
    bool set = !joined ? (file == NULL && !replaced) || transfer_set_text(t, options->file, file)
                       : set_pem(t, options->pem, buffer_text(roots), roots->length);
    return set && (!replaced || transfer_set_text(t, options->folder, trust->folder.path)) ? MSTR_OK
                                                                                           : transfer_refused(t);
}

static enum mstr_code trust_server(struct transfer *t)
{
    const struct mstr_http_request *request = t->request;
    if (request->leaf_sha1 != NULL) {
        return tls_pin(&t->tls, t->easy, request->leaf_sha1, t->error);
    }
    if (request->ca_pem != NULL) {
        t->trust = (struct trust){.file = {.path = NULL}};
        return set_pem(t, CURLOPT_CAINFO_BLOB, request->ca_pem, strlen(request->ca_pem)) &&
                       transfer_set_text(t, CURLOPT_CAPATH, NULL)
                   ? MSTR_OK
                   : transfer_refused(t);
    }
    t->trust =
        trust_find(request->ca_file, t->client->ca_file, t->client->trust_environment && !t->extras->no_environment);
    return set_trust(t, &t->trust, &of_server, &t->roots);
}

/* What a section trusts for its service says nothing of proxies. */
static enum mstr_code trust_proxy(struct transfer *t)
{
    const struct trust trust =
        trust_find(NULL, t->client->ca_file, t->client->trust_environment && !t->extras->no_environment);
    return transfer_set_long(t, CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
               ? set_trust(t, &trust, &of_proxy, &t->proxy_roots)
               : transfer_refused(t);
}

static bool set_certificate_file(struct transfer *t)
{
    const char *certificate = t->request->client_cert_file;
    const char *key = t->request->client_key_file;
    bool whole = client_certificate_is_pkcs12(certificate); /* which has the key, too */
    key = key != NULL || whole ? key : certificate;
    return transfer_set_text(t, CURLOPT_SSLCERT, certificate) &&
           transfer_set_text(t, CURLOPT_SSLCERTTYPE, whole ? "P12" : "PEM") &&
           (key == NULL || transfer_set_text(t, CURLOPT_SSLKEY, key));
}

static bool set_certificate_text(struct transfer *t, const char *certificate)
{
    const char *key = TRANSFER_WANTS(t, client_key_pem);
    key = key != NULL ? key : certificate;
    return set_pem(t, CURLOPT_SSLCERT_BLOB, certificate, strlen(certificate)) &&
           set_pem(t, CURLOPT_SSLKEY_BLOB, key, strlen(key));
}

/* There always is a passphrase, as without one OpenSSL asks for it at the terminal. */
static bool set_client_certificate(struct transfer *t)
{
    const char *text = TRANSFER_WANTS(t, client_cert_pem);
    const char *passphrase = t->extras->key_passphrase != NULL ? t->extras->key_passphrase : "";
    return (text != NULL ? set_certificate_text(t, text) : set_certificate_file(t)) &&
           transfer_set_text(t, CURLOPT_KEYPASSWD, passphrase);
}

static bool set_tls(struct transfer *t)
{
    t->tls.api = t->api;
    if (!transfer_set_long(t, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) || !tls_prepare(&t->tls, t->easy)) {
        return false;
    }
    if (transfer_shows_certificate(t) && !set_client_certificate(t)) {
        return false;
    }
    return t->extras->pinned_key == NULL || transfer_set_text(t, CURLOPT_PINNEDPUBLICKEY, t->extras->pinned_key);
}

/* What curl opens for itself or takes without a look, but for the files of trust. */
static enum mstr_code check_files(const struct transfer *t)
{
    const char *certificate = t->request->client_cert_file;
    const char *key = t->request->client_key_file;
    enum mstr_code code =
        certificate != NULL ? tls_file_check_regular("client_cert", certificate, t->error) : MSTR_OK;
    if (code == MSTR_OK && key != NULL) {
        code = tls_file_check_regular("client_key", key, t->error);
    }
    return code == MSTR_OK && t->extras->pinned_key != NULL ? pinned_key_check(t->extras->pinned_key, t->error)
                                                            : code;
}

enum mstr_code transfer_peer_setup(struct transfer *t)
{
    enum mstr_code code = find_proxy(t);
    code = code == MSTR_OK && t->uri.https ? check_files(t) : code;
    if (code != MSTR_OK) {
        return code;
    }
    if (!route(t) || !set_proxy(t) || (t->uri.https && !set_tls(t))) {
        return transfer_refused(t);
    }
    if (t->proxy.tls) {
        code = trust_proxy(t);
    }
    return code == MSTR_OK && t->uri.https ? trust_server(t) : code;
}
