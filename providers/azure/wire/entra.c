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

/* One conversation with an endpoint. */
struct exchange {
    const struct ask *ask;
    const struct grant *grant;
    char tenant[TENANT_MAX + 1];
    struct buffer audience; /* URL of the endpoint */
    struct buffer url;      /* where it is asked, which is the same but for a proxy */
    bool passing;
    bool stale;
    int64_t asked; /* pause that the authority asks for */
};

static enum mstr_code fill_form(const struct exchange *exchange, struct buffer *form, struct mstr_error *error)
{
    const struct ask *ask = exchange->ask;
    bool adfs = authority_is_adfs(exchange->tenant);
    struct buffer scope = BUFFER_INIT;
    const struct proof_context context = {buffer_text(&exchange->audience), adfs, exchange->grant->client_id};
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

static enum mstr_code read_answer(struct exchange *exchange, struct mstr_http_response *response, struct token *token,
                                  struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    const char *who = buffer_text(&exchange->url);
    if (answer->status == 200) {
        struct json_object *body = json_parse(answer->body, answer->body_length);
        enum mstr_code code = token_answer_read(body, answer->received, who, token, error);
        json_release(body);
        return code;
    }
    struct oauth_refusal refusal = oauth_error_read(response, who, error);
    exchange->passing = refusal.passing;
    exchange->stale = refusal.stale;
    exchange->asked = retry_asked(response);
    return refusal.code;
}

static enum mstr_code post(struct exchange *exchange, const struct buffer *form, struct token *token,
                           struct mstr_error *error)
{
    const struct token_proxy *proxy = exchange->grant->proxy;
    struct mstr_http_response *response = NULL;
    char request_id[REQUEST_ID_LENGTH + 1];
    send_request_id(exchange->ask->call, request_id);
    const struct mstr_header headers[] = {{"Content-Type", "application/x-www-form-urlencoded"},
                                          {"Accept", "application/json"},
                                          {"client-request-id", request_id}};
    struct mstr_http_request request = {.method = "POST",
                                        .url = buffer_text(&exchange->url),
                                        .headers = headers,
                                        .header_count = sizeof(headers) / sizeof(*headers),
                                        .body = buffer_text(form),
                                        .body_length = form->length};
    if (proxy != NULL) {
        request.tls_server_name = proxy->server_name;
        request.ca_file = proxy->ca_file;
        request.ca_pem = proxy->ca_pem;
    }
    enum mstr_code code = send_request(exchange->ask->instance, exchange->ask->call, request, &response, error);
    exchange->passing = send_is_passing(code);
    exchange->stale = false;
    exchange->asked = RETRY_NOT_ASKED;
    if (code == MSTR_OK) {
        code = read_answer(exchange, response, token, error);
    }
    host->http_free(response);
    return code;
}

static enum mstr_code attempt(struct exchange *exchange, struct token *token, struct mstr_error *error)
{
    struct buffer form = BUFFER_INIT;
    exchange->passing = false;
    enum mstr_code code = fill_form(exchange, &form, error);
    if (code == MSTR_OK) {
        code = post(exchange, &form, token, error);
    }
    buffer_release(&form);
    return code;
}

static enum mstr_code repeat(struct exchange *exchange, struct token *token, struct mstr_error *error)
{
    bool read_again = false;
    for (int attempts = 1;; attempts++) {
        enum mstr_code code = attempt(exchange, token, error);
        if (code == MSTR_OK) {
            return code;
        }
        if (exchange->stale && exchange->grant->rereads && !read_again) {
            read_again = true; /* the file may hold a newer one by now */
        } else if (!exchange->passing || !retry_wait(&send_retry, attempts, exchange->asked, exchange->ask->call)) {
            return code;
        }
    }
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

enum mstr_code entra_token(const struct ask *ask, const struct grant *grant, struct token *token,
                           struct mstr_error *error)
{
    struct exchange exchange = {.ask = ask, .grant = grant, .audience = BUFFER_INIT, .url = BUFFER_INIT};
    enum mstr_code code =
        authority_tenant(ask->instance, ask->demand->tenant, grant->own_tenant, exchange.tenant, error);
    if (code == MSTR_OK) {
        code = find_url(&exchange, error);
    }
    if (code == MSTR_OK) {
        code = repeat(&exchange, token, error);
    }
    buffer_release(&exchange.audience);
    buffer_release(&exchange.url);
    return code;
}
