/* Secret Manager, REST v1: the access method, with its retries. */
#include "gcp/gcp.h"
#include "gcp/oauth.h"
#include "gcp/resource.h"
#include "gcp/service_error.h"
#include "util/text.h"
#include "util/uri.h"

#include <string.h>

enum { ATTEMPTS = 5, FIRST_PAUSE = 300, PAUSE_MAX = 10000, ANSWER_MAX = 256 * 1024 };

static bool put_part(struct buffer *url, const char *collection, const char *name)
{
    buffer_printf(url, "/%s/", collection);
    return uri_encode(url, name, strlen(name));
}

/* The user's endpoint, or the universe's: regional secrets live on hosts of their own. */
static void put_origin(const struct credential *credential, const struct resource *resource, struct buffer *url)
{
    const char *endpoint = host->option(credential->instance, "endpoint");
    if (endpoint != NULL) {
        size_t length = strlen(endpoint);
        buffer_append(url, endpoint, length > 0 && endpoint[length - 1] == '/' ? length - 1 : length);
    } else if (resource->location[0] != '\0') {
        buffer_printf(url, "https://secretmanager.%s.rep.%s", resource->location, credential->universe);
    } else {
        buffer_printf(url, "https://secretmanager.%s", credential->universe);
    }
}

static bool make_url(const struct credential *credential, const struct resource *resource, struct buffer *url)
{
    put_origin(credential, resource, url);
    buffer_puts(url, "/v1");
    put_part(url, "projects", resource->project);
    if (resource->location[0] != '\0') {
        put_part(url, "locations", resource->location);
    }
    put_part(url, "secrets", resource->secret);
    put_part(url, "versions", resource->version);
    return buffer_puts(url, ":access");
}

/* The option, the environment, the credential file; NULL = none. */
static const char *quota_project(const struct credential *credential)
{
    const char *const places[] = {host->option(credential->instance, "quota_project"),
                                  host->environment("GOOGLE_CLOUD_QUOTA_PROJECT"),
                                  json_member_text(credential->config, "quota_project_id")};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (!text_empty(places[i])) {
            return places[i];
        }
    }
    return NULL;
}

/* One attempt after another, and what the last one found. */
struct access {
    struct credential *credential;
    const char *url;
    const struct mstr_call *call;
    bool passing;        /* the failure may be over the next time */
    bool at_once;        /* the next time may be now */
    bool renewed;        /* the token was refused once */
    bool fetched_again;  /* a damaged payload was asked for once more */
    int64_t retry_after; /* ms that the service asked for */
};

/* A token that the service no longer takes is replaced once. */
static void consider_renewal(struct access *access, const char *token)
{
    if (!access->renewed) {
        token_cache_drop(&access->credential->cache, token);
        access->renewed = true;
        access->at_once = true;
    }
}

static enum mstr_code read_answer(struct access *access, struct mstr_http_response *response, const char *token,
                                  struct payload *payload, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    if (answer->status == 200) {
        bool damaged = false;
        enum mstr_code code = payload_read(answer, payload, &damaged, error);
        access->at_once = damaged && !access->fetched_again;
        access->fetched_again = damaged;
        return code;
    }
    struct service_refusal refusal =
        service_error_read(response, "Secret Manager", access->credential->principal, error);
    access->passing = refusal.passing;
    access->retry_after = refusal.retry_after;
    if (answer->status == 401) {
        consider_renewal(access, token);
    }
    return refusal.code;
}

static enum mstr_code send(struct access *access, const struct token *token, struct payload *payload,
                           struct mstr_error *error)
{
    struct buffer bearer = BUFFER_INIT;
    struct mstr_http_response *response = NULL;
    const char *quota = quota_project(access->credential);
    buffer_printf(&bearer, "Bearer %s", token->text);
    const struct mstr_header headers[] = {
        {"Authorization", buffer_text(&bearer)}, {"Accept", "application/json"}, {"x-goog-user-project", quota}};
    const struct mstr_http_request get = {.method = "GET",
                                          .url = access->url,
                                          .headers = headers,
                                          .header_count = quota != NULL ? 3 : 2,
                                          .response_limit = ANSWER_MAX};
    enum mstr_code code = bearer.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                        : gcp_http(access->credential, access->call, get, &response, error);
    access->passing = gcp_is_passing(code);
    if (code == MSTR_OK) {
        code = read_answer(access, response, token->text, payload, error);
    }
    host->http_free(response);
    buffer_release(&bearer);
    return code;
}

static enum mstr_code attempt(struct access *access, struct payload *payload, struct mstr_error *error)
{
    struct token token = {.text = NULL};
    access->passing = false;
    access->at_once = false;
    access->retry_after = 0;
    enum mstr_code code = credential_token(access->credential, access->call, &token, error);
    if (code == MSTR_OK) {
        code = send(access, &token, payload, error);
    }
    token_release(&token);
    return code;
}

/* Full jitter: anything up to FIRST_PAUSE doubled with each attempt, unless the service asks for a pause. */
static int64_t pause_after(const struct access *access, int attempts)
{
    uint32_t chance = 0;
    int64_t most = (int64_t)FIRST_PAUSE << attempts;
    host->random(&chance, sizeof(chance));
    int64_t pause = chance % ((most < PAUSE_MAX ? most : PAUSE_MAX) + 1);
    return access->retry_after > 0 ? access->retry_after : pause;
}

static enum mstr_code repeat(struct access *access, struct payload *payload, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    for (int attempts = 0; attempts < ATTEMPTS; attempts++) {
        code = attempt(access, payload, error);
        if (code == MSTR_OK || !(access->passing || access->at_once)) {
            break;
        }
        bool last = attempts + 1 == ATTEMPTS;
        if (!access->at_once && !last && host->sleep(access->call, pause_after(access, attempts)) != MSTR_OK) {
            break; /* the failure says more than the deadline that ends the waiting */
        }
    }
    return code;
}

enum mstr_code secret_manager_access(struct credential *credential, const struct resource *resource,
                                     const struct mstr_call *call, struct payload *payload, struct mstr_error *error)
{
    struct buffer url = BUFFER_INIT;
    enum mstr_code code;
    if (make_url(credential, resource, &url)) {
        struct access access = {.credential = credential, .url = buffer_text(&url), .call = call};
        code = repeat(&access, payload, error);
    } else {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&url);
    return code;
}
