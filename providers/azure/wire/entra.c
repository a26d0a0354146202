/* SPDX-License-Identifier: Apache-2.0 */
/* Token endpoints of authorities. */
#include "azure/wire/entra.h"

#include "azure/config/cloud.h"
#include "azure/wire/oauth_error.h"
#include "azure/wire/region.h"
#include "azure/wire/send.h"
#include "azure/wire/token_answer.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <string.h>

enum { HEADERS = 3 };

/* One conversation with an endpoint. */
struct exchange {
    const struct ask *ask;
    const struct grant *grant;
    char tenant[TENANT_MAX + 1];
    struct buffer audience; /* URL of the endpoint */
    struct buffer url;      /* where it is asked, which is the same but for a proxy */
    struct buffer form;     /* of the present attempt */
    char request_id[REQUEST_ID_LENGTH + 1];
    struct mstr_header headers[HEADERS];
    bool read_again; /* the file of the proof */
    struct token *token;
};

static enum mstr_code fill_form(struct exchange *exchange, int64_t now, struct mstr_error *error)
{
    const struct ask *ask = exchange->ask;
    struct buffer *form = &exchange->form;
    bool adfs = authority_is_adfs(exchange->tenant);
    struct buffer scope = BUFFER_INIT;
    const struct proof_context context = {buffer_text(&exchange->audience), adfs, exchange->grant->client_id, now};
    buffer_clear(form);
    uri_form_add(form, "grant_type", "client_credentials");
    uri_form_add(form, "client_id", exchange->grant->client_id);
    buffer_printf(&scope, "%s%s", ask->demand->resource, adfs ? "" : "/.default");
    uri_form_add(form, adfs ? "resource" : "scope", buffer_text(&scope));
    if (ask->demand->claims[0] != '\0') {
        uri_form_add(form, "claims", ask->demand->claims);
    }
    enum mstr_code code = exchange->grant->prove(exchange->grant->data, &context, form, error);
    if (code == MSTR_OK && (form->failed || scope.failed)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&scope);
    return code;
}

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct exchange *exchange = data;
    const struct token_proxy *proxy = exchange->grant->proxy;
    enum mstr_code code = fill_form(exchange, attempt->now, error);
    send_request_id(exchange->ask->call, exchange->request_id);
    exchange->headers[0] = (struct mstr_header){"Content-Type", "application/x-www-form-urlencoded"};
    exchange->headers[1] = (struct mstr_header){"Accept", "application/json"};
    exchange->headers[2] = (struct mstr_header){"client-request-id", exchange->request_id};
    http->method = "POST";
    http->url = buffer_text(&exchange->url);
    http->headers = exchange->headers;
    http->header_count = HEADERS;
    http->body = buffer_text(&exchange->form);
    http->body_length = exchange->form.length;
    if (proxy != NULL) {
        http->tls_server_name = proxy->server_name;
        http->ca_file = proxy->ca_file;
        http->ca_pem = proxy->ca_pem;
    }
    return code;
}

/* An assertion out of its time may be newer in its file by now, or be mended by the authority's clock. */
static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    struct exchange *exchange = data;
    const struct mstr_http_answer *answer = host->http_answer(response);
    const char *who = buffer_text(&exchange->url);
    if (answer->status == 200) {
        struct json_object *body = NULL;
        enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
        enum mstr_code code = token_answer_read(body, answer->received, who, exchange->token, error);
        return json_done(body, parsed, code, error);
    }
    struct oauth_refusal refusal = oauth_error_read(response, who, error);
    bool from_file = refusal.stale && exchange->grant->rereads;
    attempt->again = from_file && !exchange->read_again ? AGAIN_AT_ONCE
                     : refusal.passing                  ? AGAIN_LATER
                                                        : AGAIN_BY_POLICY;
    attempt->clock = refusal.stale && !exchange->grant->rereads;
    exchange->read_again = exchange->read_again || from_file;
    return refusal.code;
}

/* The URL of the tenant's token endpoint, at the region's own authority where one is to be asked. */
static enum mstr_code put_endpoint(const struct exchange *exchange, struct buffer *url, struct mstr_error *error)
{
    const struct ask *ask = exchange->ask;
    const char *tenant = exchange->tenant;
    struct authority authority;
    struct buffer region = BUFFER_INIT;
    enum mstr_code code = authority_find(ask->instance, &authority, error);
    if (code == MSTR_OK && exchange->grant->regional && !authority_is_adfs(tenant)) {
        code = region_find(ask->instance, ask->call, &region, error);
    }
    if (code == MSTR_OK && region.length > 0) {
        bool public = cloud_is_public_authority(authority.host);
        buffer_printf(url, "https://%s.%s", buffer_text(&region),
                      public ? "login.microsoft.com" : strstr(authority.url, "://") + strlen("://"));
    } else if (code == MSTR_OK) {
        buffer_puts(url, authority.url);
    }
    if (code == MSTR_OK) {
        buffer_printf(url, authority_is_adfs(tenant) ? "/%s/oauth2/token" : "/%s/oauth2/v2.0/token", tenant);
        code = url->failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
    }
    buffer_release(&region);
    return code;
}

/* The endpoint, and the address that a proxy has for it: the proxy's path and then the endpoint's. */
static enum mstr_code find_url(struct exchange *exchange, struct mstr_error *error)
{
    struct uri uri;
    const struct grant *grant = exchange->grant;
    enum mstr_code code = put_endpoint(exchange, &exchange->audience, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (grant->proxy != NULL && uri_parse(buffer_text(&exchange->audience), &uri)) {
        size_t length = strlen(grant->proxy->url);
        buffer_append(&exchange->url, grant->proxy->url, length - (grant->proxy->url[length - 1] == '/'));
        buffer_puts(&exchange->url, uri.path);
    } else {
        buffer_puts(&exchange->url, buffer_text(&exchange->audience));
    }
    return exchange->url.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

enum mstr_code entra_put_assertion(const char *jwt, struct buffer *form, struct mstr_error *error)
{
    uri_form_add(form, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    return uri_form_add(form, "client_assertion", jwt) ? MSTR_OK
                                                       : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code entra_token(const struct ask *ask, const struct grant *grant, struct token *token,
                           struct mstr_error *error)
{
    struct exchange exchange = {.ask = ask, .grant = grant, .token = token};
    struct clock_skew clock = {.ahead = 0};
    struct request request = {.traffic = &send_traffic,
                              .ca_file = send_ca_file(ask->instance),
                              .clock = &clock,
                              .error = error,
                              .prepare = prepare,
                              .read = read,
                              .data = &exchange};
    enum mstr_code code =
        authority_tenant(ask->instance, ask->demand->tenant, grant->own_tenant, exchange.tenant, error);
    if (code == MSTR_OK) {
        code = find_url(&exchange, error);
    }
    if (code == MSTR_OK) {
        code = request_send(&request, ask->call);
    }
    buffer_release(&exchange.audience);
    buffer_release(&exchange.url);
    buffer_release(&exchange.form);
    return code;
}
