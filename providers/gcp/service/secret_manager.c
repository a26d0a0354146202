/* Secret Manager, REST v1: the access method, for several versions side by side, with its retries. */
#include "gcp/service/secret_manager.h"

#include "base/text.h"
#include "base/uri.h"
#include "gcp/wire/http.h"
#include "gcp/wire/service_error.h"
#include "sdk/retry.h"

#include <string.h>

enum { SIDE_BY_SIDE = 32, ANSWER_MAX = 256 * 1024 };

/* Attempts as in the service's own configuration, but sooner; full jitter. */
static const struct retry_policy policy = {.attempts = 5,
                                           .first_pause = 300,
                                           .longest_pause = 10000,
                                           .longest_asked = 60000,
                                           .jitter_low = 0,
                                           .jitter_high = 100};

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
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (!text_empty(places[i])) {
            return places[i];
        }
    }
    return NULL;
}

/* A token that the service no longer takes is replaced once, and a damaged payload asked for once more. */
static void read_answer(struct gcp_identity *identity, struct access *access, struct mstr_http_response *response,
                        const char *token)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    if (answer->status == 200) {
        bool damaged = false;
        access->code = payload_read(answer, &access->payload, &damaged, access->error);
        access->next = damaged && !access->damaged ? ACCESS_AT_ONCE : ACCESS_NEVER;
        access->damaged = damaged;
        return;
    }
    struct service_refusal refusal =
        service_error_read(response, "Secret Manager", identity->principal, access->error);
    access->code = refusal.code;
    access->asked = refusal.asked;
    access->next = refusal.passing ? ACCESS_LATER : ACCESS_NEVER;
    if (answer->status == 401 && !access->renewed) {
        gcp_identity_drop_token(identity, token);
        access->renewed = true;
        access->next = ACCESS_AT_ONCE;
    }
}

/* Those of the versions that are not done; their number. */
static size_t select_open(struct access *accesses, size_t count, struct access *open[SIDE_BY_SIDE])
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (accesses[i].next != ACCESS_NEVER) {
            open[found++] = &accesses[i];
        }
    }
    return found;
}

static void send_all(struct gcp_identity *identity, const struct mstr_call *call, const char *token,
                     struct access *const *open, size_t count)
{
    struct mstr_http_request requests[SIDE_BY_SIDE];
    struct mstr_http_exchange exchanges[SIDE_BY_SIDE];
    struct buffer bearer = BUFFER_INIT;
    const char *quota = quota_project(identity);
    buffer_printf(&bearer, "Bearer %s", token);
    const struct mstr_header headers[] = {
        {"Authorization", buffer_text(&bearer)}, {"Accept", "application/json"}, {"x-goog-user-project", quota}};
    for (size_t i = 0; i < count; i++) {
        requests[i] = (struct mstr_http_request){.method = "GET",
                                                 .url = buffer_text(&open[i]->url),
                                                 .headers = headers,
                                                 .header_count = quota != NULL ? 3 : 2,
                                                 .response_limit = ANSWER_MAX};
        gcp_http_defaults(identity->instance, &requests[i]);
        exchanges[i] = (struct mstr_http_exchange){
            .size = sizeof(exchanges[i]), .request = &requests[i], .error = open[i]->error};
    }
    host->http_many(call, exchanges, count);
    for (size_t i = 0; i < count; i++) {
        open[i]->code = exchanges[i].code;
        open[i]->asked = RETRY_NOT_ASKED;
        open[i]->next = gcp_http_is_passing(exchanges[i].code) ? ACCESS_LATER : ACCESS_NEVER;
        if (exchanges[i].code == MSTR_OK) {
            read_answer(identity, open[i], exchanges[i].response, token);
        }
        host->http_free(exchanges[i].response);
    }
    buffer_release(&bearer);
}

static void attempt(struct gcp_identity *identity, const struct mstr_call *call, struct access *const *open,
                    size_t count)
{
    struct token token = {.text = NULL};
    struct mstr_error *why = host->error_new();
    enum mstr_code code = gcp_identity_token(identity, call, &token, why);
    for (size_t i = 0; code != MSTR_OK && i < count; i++) {
        open[i]->code = code;
        open[i]->next = ACCESS_NEVER; /* it was tried again as far as that makes sense */
        host->error_copy(open[i]->error, why);
    }
    if (code == MSTR_OK) {
        send_all(identity, call, token.text, open, count);
    }
    token_release(&token);
    host->error_free(why);
}

/* Whether there is to be another attempt, after the pause that the most patient version needs. */
static bool wait_for_next(const struct access *accesses, size_t count, int attempts, const struct mstr_call *call)
{
    int64_t asked = RETRY_NOT_ASKED;
    bool again = false;
    bool later = false;
    for (size_t i = 0; i < count; i++) {
        again = again || accesses[i].next != ACCESS_NEVER;
        later = later || accesses[i].next == ACCESS_LATER;
        asked = accesses[i].next == ACCESS_LATER && accesses[i].asked > asked ? accesses[i].asked : asked;
    }
    return later ? retry_wait(&policy, attempts, asked, call) : again && attempts < policy.attempts;
}

static void fetch(struct gcp_identity *identity, const struct mstr_call *call, struct access *accesses, size_t count)
{
    struct access *open[SIDE_BY_SIDE];
    int attempts = 0;
    for (size_t i = 0; i < count; i++) {
        if (accesses[i].code == MSTR_OK && !make_url(identity, &accesses[i].resource, &accesses[i].url)) {
            accesses[i].code = host->error_set(accesses[i].error, MSTR_E_MEMORY, "out of memory");
        }
        accesses[i].next = accesses[i].code == MSTR_OK ? ACCESS_AT_ONCE : ACCESS_NEVER;
    }
    do {
        size_t left = select_open(accesses, count, open);
        if (left > 0) {
            attempt(identity, call, open, left);
        }
        attempts++;
    } while (wait_for_next(accesses, count, attempts, call));
}

void secret_manager_access(struct gcp_identity *identity, const struct mstr_call *call, struct access *accesses,
                           size_t count)
{
    for (size_t done = 0; done < count; done += SIDE_BY_SIDE) {
        size_t left = count - done;
        fetch(identity, call, accesses + done, left < SIDE_BY_SIDE ? left : SIDE_BY_SIDE);
    }
}

void access_release(struct access *access)
{
    payload_release(&access->payload);
    buffer_release(&access->url);
}
