/* SPDX-License-Identifier: Apache-2.0 */
/* Secret Manager, REST v1: the access method, for several versions side by side, with its retries. */
#include "gcp/service/secret_manager.h"

#include "base/text.h"
#include "base/uri.h"
#include "gcp/identity/allowed_locations.h"
#include "gcp/wire/http.h"
#include "gcp/wire/service_error.h"

#include <string.h>

enum { ANSWER_MAX = 256 * 1024 };

/* Attempts as in the service's own configuration, but sooner; full jitter. Times are ms. */
static const struct traffic traffic = {.retry = {.attempts = 5,
                                                 .first_pause = 300,
                                                 .longest_pause = 10000,
                                                 .jitter_high = 100,
                                                 .unanswered = PASSING_UNANSWERED,
                                                 .longest_asked = 60000},
                                       .connect_timeout = GCP_CONNECT_TIMEOUT,
                                       .timeout = GCP_TIMEOUT,
                                       .answer_limit = ANSWER_MAX};

static bool put_part(struct buffer *url, const char *collection, const char *name)
{
    buffer_printf(url, "/%s/", collection);
    return uri_encode(url, name, strlen(name));
}

/* The user's endpoint, or the universe's: regional secrets live on hosts of their own. */
static void put_origin(const struct gcp_identity *identity, const struct resource *resource, struct buffer *url)
{
    const char *endpoint = host->option(identity->instance, "endpoint");
    if (endpoint != NULL) {
        size_t length = strlen(endpoint);
        buffer_append(url, endpoint, length > 0 && endpoint[length - 1] == '/' ? length - 1 : length);
    } else if (resource->location[0] != '\0') {
        buffer_printf(url, "https://secretmanager.%s.rep.%s", resource->location, identity->universe);
    } else {
        buffer_printf(url, "https://secretmanager.%s", identity->universe);
    }
}

static bool make_url(const struct gcp_identity *identity, const struct resource *resource, struct buffer *url)
{
    put_origin(identity, resource, url);
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
static const char *quota_project(const struct gcp_identity *identity)
{
    const char *const places[] = {host->option(identity->instance, "quota_project"),
                                  host->environment("GOOGLE_CLOUD_QUOTA_PROJECT"),
                                  json_member_text(identity->config, "quota_project_id")};
    return first_filled(places, sizeof(places) / sizeof(*places));
}

/* A token that could not be had for one is not asked for again for the next: that was tried as far as makes sense. */
static enum mstr_code authorize(struct access *access, struct mstr_error *error)
{
    struct token token = {.text = NULL};
    const struct batch_item *tokenless = batch_find(&access->item, batch_is_tokenless);
    buffer_clear(&access->bearer);
    if (tokenless != NULL) {
        return batch_fail_like(tokenless, error);
    }
    enum mstr_code code = gcp_identity_token(access->identity, access->item.batch->call, &token, error);
    if (code == MSTR_OK && !buffer_printf(&access->bearer, "Bearer %s", token.text)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        code = allowed_locations_find(access->identity, &token, access->item.batch->call, access->locations, error);
    }
    access->item.tokenless = code != MSTR_OK;
    token_release(&token);
    return code;
}

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct access *access = data;
    const char *quota = quota_project(access->identity);
    (void)attempt;
    if (quota != NULL && !token_fits_header(quota, strlen(quota))) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "the quota project, by quota_project, GOOGLE_CLOUD_QUOTA_PROJECT or "
                               "%s, is no project",
                               access->identity->source);
    }
    enum mstr_code code = authorize(access, error);
    size_t count = 2;
    access->headers[0] = (struct mstr_header){"Authorization", buffer_text(&access->bearer)};
    access->headers[1] = (struct mstr_header){"Accept", "application/json"};
    if (quota != NULL) {
        access->headers[count++] = (struct mstr_header){"x-goog-user-project", quota};
    }
    if (access->locations[0] != '\0') {
        access->headers[count++] = (struct mstr_header){"x-allowed-locations", access->locations};
    }
    *http = (struct mstr_http_request){
        .flags = host->option(access->identity->instance, "endpoint") != NULL ? MSTR_HTTP_ALLOW_PLAIN : 0,
        .method = "GET",
        .url = buffer_text(&access->url),
        .headers = access->headers,
        .header_count = count};
    return code;
}

static const char *token_of(const struct access *access)
{
    return access->bearer.data + strlen("Bearer ");
}

/* A token that the service no longer takes is replaced once, and a damaged payload asked for once more. */
static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    struct access *access = data;
    bool damaged = false;
    if (attempt->status == 200) {
        enum mstr_code code =
            payload_read(host->http_answer(response), &access->resource, &access->payload, &damaged, error);
        attempt->again = damaged && !access->damaged ? AGAIN_AT_ONCE : AGAIN_NEVER;
        access->damaged = access->damaged || damaged;
        gcp_identity_digest(access->identity, token_of(access), access->reader);
        return code;
    }
    enum mstr_code code = service_error_read(response, "Secret Manager", access->identity->principal, attempt, error);
    if (attempt->status == 401 && !access->renewed) {
        gcp_identity_drop_token(access->identity, token_of(access));
        access->renewed = true;
        attempt->again = AGAIN_AT_ONCE;
    }
    return code;
}

void secret_manager_access(const struct batch *batch, struct gcp_identity *identity)
{
    const struct request like = {.traffic = &traffic,
                                 .ca_file = gcp_http_ca_file(identity->instance),
                                 .clock = &identity->clock,
                                 .prepare = prepare,
                                 .read = read};
    for (size_t i = 0; i < batch->count; i++) {
        struct access *access = (struct access *)(void *)batch_at(batch, i);
        access->identity = identity;
        if (batch_waits(&access->item) && !make_url(identity, &access->resource, &access->url)) {
            access->item.code = host->error_set(access->item.error, MSTR_E_MEMORY, "out of memory");
        }
    }
    batch_send(batch, &like);
}

void access_release(struct batch_item *item)
{
    struct access *access = (struct access *)(void *)item;
    payload_release(&access->payload);
    buffer_release(&access->url);
    buffer_release(&access->bearer);
}
