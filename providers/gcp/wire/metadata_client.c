/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the metadata server. */
#include "gcp/wire/metadata_client.h"

#include "base/text.h"
#include "gcp/wire/http.h"
#include "sdk/host.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PING_TIMEOUT = 1000, TIMEOUT = 3000 }; /* ms */

/* A Kubernetes node's metadata server refuses connections during a pod's first seconds: about 10 s in all. */
static const struct traffic traffic = {.retry = {.attempts = 7,
                                                 .first_pause = 200,
                                                 .longest_pause = 3200,
                                                 .jitter_low = 90,
                                                 .jitter_high = 110,
                                                 .unanswered = PASSING_UNANSWERED,
                                                 .longest_asked = 10000},
                                       .flags = MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN,
                                       .connect_timeout = TIMEOUT,
                                       .timeout = TIMEOUT};

static const struct mstr_header flavor = {"Metadata-Flavor", "Google"};
static const char tls_folder[] = "/run/google-mds-mtls"; /* where the guest agent puts the files */

static const char *given_host(void)
{
    const char *const names[] = {host->environment("GCE_METADATA_HOST"), host->environment("GCE_METADATA_ROOT")};
    return first_filled(names, sizeof(names) / sizeof(*names));
}

bool metadata_route_choose(const char *mode, const char *folder, bool moved, struct metadata_route *route,
                           const char **why)
{
    bool strict = mode != NULL && text_equal_nocase(mode, "strict");
    *route = (struct metadata_route){.https = false};
    if (text_empty(mode) || text_equal_nocase(mode, "default")) {
        route->plain_instead = true;
    } else if (!strict) {
        *why = "GCE_METADATA_MTLS_MODE must be strict, none or default";
        return text_equal_nocase(mode, "none");
    }
    snprintf(route->root, sizeof(route->root), "%s/root.crt", folder);
    snprintf(route->client, sizeof(route->client), "%s/client.key", folder);
    route->https = !moved && access(route->root, R_OK) == 0 && access(route->client, R_OK) == 0;
    *why = moved ? "GCE_METADATA_MTLS_MODE is strict, but the address of the metadata server was given by hand"
                 : "GCE_METADATA_MTLS_MODE is strict, but its certificates are not on this machine";
    return route->https || !strict;
}

static bool has_flavor(struct mstr_http_response *response)
{
    const char *value = host->http_header(response, flavor.name);
    return value != NULL && text_equal_nocase(value, flavor.value);
}

/* A passing failure needs no flavor: what stands before a server that is down does not know of it. */
static enum mstr_code read_answer(void *data, struct attempt *attempt, struct mstr_http_response *response,
                                  struct mstr_error *error)
{
    gcp_http_read(data, attempt, response, error);
    if (has_flavor(response)) {
        return MSTR_OK;
    }
    if (attempt->again == AGAIN_LATER) {
        return host->error_set(error, attempt_class(attempt->status, MSTR_E_PROTOCOL),
                               "the metadata server answered %d", (int)attempt->status);
    }
    return host->error_set(error, MSTR_E_PROTOCOL,
                           "what answers at the metadata address is not Google's: no Metadata-Flavor header");
}

static enum mstr_code send(const struct mstr_call *call, const struct mstr_http_request *get,
                           const struct traffic *row, struct mstr_http_response **response, struct mstr_error *error)
{
    struct request request = {
        .traffic = row, .error = error, .fixed = get, .read = read_answer, .keeps_answer = true};
    enum mstr_code code = request_send(&request, call);
    *response = request.answer;
    return code;
}

/* https first where that is the route; what fails there is asked for in plain, unless that is forbidden. */
static enum mstr_code send_by_route(const struct mstr_instance *instance, const struct mstr_call *call,
                                    const char *rest, const struct metadata_route *route,
                                    struct mstr_http_response **response, struct mstr_error *error)
{
    const char *name = given_host();
    struct buffer url = BUFFER_INIT;
    struct mstr_http_request get = {.method = "GET", .headers = &flavor, .header_count = 1};
    enum mstr_code code = MSTR_E_NETWORK;
    bool done = false;
    if (route->https) {
        struct traffic row = traffic;
        row.retry.attempts = route->plain_instead ? 1 : row.retry.attempts;
        buffer_printf(&url, "https://metadata.google.internal/computeMetadata/v1/%s", rest);
        get.url = buffer_text(&url);
        get.ca_file = route->root;
        get.client_cert_file = route->client;
        code = send(call, &get, &row, response, error);
        done = !route->plain_instead || (code == MSTR_OK && host->http_answer(*response)->status == 200);
    }
    if (!done) {
        host->http_free(*response);
        buffer_clear(&url);
        buffer_printf(&url, "http://%s/computeMetadata/v1/%s", name != NULL ? name : "metadata.google.internal",
                      rest);
        get.url = buffer_text(&url);
        get.ca_file = gcp_http_ca_file(instance);
        get.client_cert_file = NULL;
        code = send(call, &get, &traffic, response, error);
    }
    buffer_release(&url);
    return code;
}

enum mstr_code metadata_get(const struct mstr_instance *instance, const struct mstr_call *call, const char *path,
                            struct mstr_http_response **response, struct mstr_error *error)
{
    struct metadata_route route;
    const char *why = NULL;
    *response = NULL;
    if (!metadata_route_choose(host->environment("GCE_METADATA_MTLS_MODE"), tls_folder, given_host() != NULL, &route,
                               &why)) {
        return host->error_set(error, MSTR_E_CONFIG, "%s", why);
    }
    return send_by_route(instance, call, path, &route, response, error);
}

enum mstr_code metadata_text(const struct mstr_instance *instance, const struct mstr_call *call, const char *path,
                             struct buffer *out, struct mstr_error *error)
{
    static const char blanks[] = " \t\r\n";
    struct mstr_http_response *response = NULL;
    enum mstr_code code = metadata_get(instance, call, path, &response, error);
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        const char *text = answer->body + strspn(answer->body, blanks);
        if (answer->status != 200 || *text == '\0') {
            code = host->error_set(error, MSTR_E_NOT_FOUND, "the metadata server answered %d to %s",
                                   (int)answer->status, path);
        } else {
            buffer_append(out, text, strcspn(text, blanks));
        }
    }
    host->http_free(response);
    return code;
}

bool metadata_ping(const struct mstr_call *call)
{
    const char *address = host->environment("GCE_METADATA_IP");
    struct mstr_http_response *response = NULL;
    struct buffer url = BUFFER_INIT;
    struct traffic once = traffic;
    once.retry.attempts = 1;
    once.connect_timeout = PING_TIMEOUT;
    once.timeout = PING_TIMEOUT;
    buffer_printf(&url, "http://%s/", text_empty(address) ? "169.254.169.254" : address);
    const struct mstr_http_request get = {
        .method = "GET", .url = buffer_text(&url), .headers = &flavor, .header_count = 1};
    bool found = send(call, &get, &once, &response, NULL) == MSTR_OK && host->http_answer(response)->status == 200;
    host->http_free(response);
    buffer_release(&url);
    return found;
}
