/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from the container's agent: ECS tasks, EKS Pod Identity, Greengrass. */
#include "aws/identity/container.h"

#include "aws/config/files.h"
#include "aws/identity/identity.h"
#include "aws/wire/agent.h"
#include "aws/wire/name_lookup.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { CONNECT_TIMEOUT = 2000, EXCHANGE_TIMEOUT = 5000, PAUSE = 1000 }; /* ms */
enum { TOKEN_LIMIT = 16384, ATTEMPTS = 3 };

/* Plain http may carry keys only to addresses that no network can take over. */
static bool is_allowed(const struct uri *uri)
{
    static const char *const agents[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    if (uri->https || uri_is_loopback(uri)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(agents) / sizeof(*agents); i++) {
        if (uri->host_length == strlen(agents[i]) && strncmp(uri->host, agents[i], uri->host_length) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_numeric(const struct uri *uri)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;
    if (uri->ipv6 || uri->host_length >= sizeof(text)) {
        return uri->ipv6;
    }
    memcpy(text, uri->host, uri->host_length);
    text[uri->host_length] = '\0';
    return inet_pton(AF_INET, text, &address) == 1;
}

static enum mstr_code tell_unsafe(const char *host_name, const char *address, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_CONFIG, "AWS_CONTAINER_CREDENTIALS_FULL_URI: plain http to %.200s%s%s is not safe",
                    host_name, address != NULL ? " at " : "", address != NULL ? address : "");
    host->error_detail(error, MSTR_DETAIL_HINT, "use https, a loopback address or the agent's own address");
    return MSTR_E_CONFIG;
}

/* The addresses of a name to which plain http shall go, none where the URL's own host will do. All must be safe:
 * whoever answers for the name could choose among them otherwise. The connection is made to these and the name is not
 * looked up again, since the next answer may differ. */
static enum mstr_code find_addresses(const char *url, const struct mstr_call *call, struct name_addresses *addresses,
                                     struct mstr_error *error)
{
    struct uri uri;
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    addresses->count = 0;
    if (!uri_parse(url, &uri) || is_allowed(&uri)) {
        return MSTR_OK;
    }
    buffer_append(&text, uri.host, uri.host_length);
    code = text.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                       : name_lookup(buffer_text(&text), call, addresses, error);
    for (size_t i = 0; i < addresses->count && code == MSTR_OK; i++) {
        struct buffer literal = BUFFER_INIT;
        struct uri address;
        bool colons = strchr(addresses->text[i], ':') != NULL;
        buffer_printf(&literal, colons ? "http://[%s]/" : "http://%s/", addresses->text[i]);
        if (!uri_parse(buffer_text(&literal), &address) || !is_allowed(&address)) {
            code = tell_unsafe(buffer_text(&text), addresses->text[i], error);
        }
        buffer_release(&literal);
    }
    buffer_release(&text);
    return code;
}

enum mstr_code container_url(struct buffer *url, struct mstr_error *error)
{
    const char *relative = host->environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = host->environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    struct uri uri;
    if (!text_empty(relative) && relative[0] != '/') {
        return host->error_set(
            error, MSTR_E_CONFIG,
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with a slash, or it would change the "
            "host");
    }
    if (!text_empty(relative)) {
        buffer_puts(url, "http://169.254.170.2");
        buffer_puts(url, relative);
    } else if (!text_empty(full)) {
        buffer_puts(url, full);
    } else {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
    }
    if (url->failed) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (!uri_parse(buffer_text(url), &uri) || uri.user != NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "AWS_CONTAINER_CREDENTIALS_%s_URI: URI %s",
                               text_empty(relative) ? "FULL" : "RELATIVE",
                               uri_fault(buffer_text(url), "did not specify a host"));
    }
    if (is_numeric(&uri) && !is_allowed(&uri)) {
        char literal[INET6_ADDRSTRLEN + 1];
        snprintf(literal, sizeof(literal), "%.*s", (int)uri.host_length, uri.host);
        return tell_unsafe(literal, NULL, error);
    }
    return MSTR_OK;
}

/* The token file is read at each fetch, since Kubernetes replaces it. */
static enum mstr_code read_token(const struct mstr_call *call, struct buffer *token, struct mstr_error *error)
{
    const char *file = host->environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *plain = host->environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (!text_empty(file)) {
        enum mstr_code code = files_read(call, file, TOKEN_LIMIT, token, error);
        if (code != MSTR_OK) {
            return code == MSTR_E_NOT_FOUND ? MSTR_E_CONFIG : code;
        }
    } else if (!text_empty(plain)) {
        buffer_puts(token, plain);
    }
    return files_header_value(token, "the container's authorization token",
                              !text_empty(file) ? file : "AWS_CONTAINER_AUTHORIZATION_TOKEN", error);
}

static enum mstr_code fetch_at(const struct surroundings *around, const char *url, const char *address,
                               const char *token, struct mstr_http_response **response, struct mstr_error *error)
{
    const struct traffic traffic = agent_traffic(ATTEMPTS, PAUSE, CONNECT_TIMEOUT, EXCHANGE_TIMEOUT);
    const struct mstr_header headers[] = {{"Accept", "application/json"}, {"Authorization", token}};
    const struct mstr_http_request get = {.method = "GET",
                                          .url = url,
                                          .headers = headers,
                                          .header_count = *token != '\0' ? 2 : 1,
                                          .connect_address = address};
    struct request request = {.traffic = &traffic,
                              .ca_file = configuration_ca_file(around->config),
                              .error = error,
                              .fixed = &get,
                              .read = agent_read,
                              .keeps_answer = true};
    enum mstr_code code = request_send(&request, around->call);
    *response = request.answer;
    return code;
}

/* At the first of the name's addresses where somebody answers. */
static enum mstr_code fetch(const struct surroundings *around, const char *url, const char *token,
                            struct mstr_http_response **response, struct mstr_error *error)
{
    struct name_addresses addresses;
    enum mstr_code code = find_addresses(url, around->call, &addresses, error);
    if (code != MSTR_OK || addresses.count == 0) {
        return code == MSTR_OK ? fetch_at(around, url, NULL, token, response, error) : code;
    }
    for (size_t i = 0; i < addresses.count; i++) {
        code = fetch_at(around, url, addresses.text[i], token, response, error);
        if (code != MSTR_E_NETWORK) {
            break;
        }
    }
    return code;
}

enum mstr_code container_keys(const struct surroundings *around, struct aws_keys **out, struct mstr_error *error)
{
    struct buffer url = BUFFER_INIT;
    struct buffer token = BUFFER_INIT;
    struct mstr_http_response *response = NULL;
    *out = NULL;
    enum mstr_code code = container_url(&url, error);
    if (code == MSTR_OK) {
        code = read_token(around->call, &token, error);
    }
    if (code == MSTR_OK) {
        code = fetch(around, buffer_text(&url), buffer_text(&token), &response, error);
    }
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        code = answer->status == 200 ? aws_keys_from_json(&(struct aws_keys_parts){.identity = "container"},
                                                          answer->body, answer->body_length, out, error)
                                     : host->error_set(error, agent_class(answer->status),
                                                       "the container's agent answered with status %d: %.200s",
                                                       (int)answer->status, answer->body);
    }
    host->http_free(response);
    buffer_release(&url);
    buffer_release(&token);
    return code;
}
