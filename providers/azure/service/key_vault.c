/* Secrets of Key Vault. */
#include "azure/service/key_vault.h"

#include "azure/config/field.h"
#include "azure/service/service_error.h"
#include "azure/wire/send.h"
#include "base/base64.h"
#include "base/text.h"
#include "sdk/host.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* Octets; a value has at most 25 KiB, which JSON may write six times as long. */
enum { ANSWER_MOST = 512 * 1024 };

static const char unreachable_hint[] = "check the vault's name: one that does not exist has no address; behind a "
                                       "private endpoint, check that its DNS zone and network reach this machine";

static void end(struct fetch *fetch, enum mstr_code code)
{
    fetch->code = code;
    fetch->done = true;
}

static enum mstr_code find_version(const struct azure *azure, const struct mstr_reference *reference,
                                   const char **version, struct mstr_error *error)
{
    *version = host->option(azure->instance, "api_version");
    for (uint32_t i = 0; i < reference->query_count; i++) {
        if (strcmp(reference->query[i].key, "api-version") != 0) {
            host->error_set(error, MSTR_E_CONFIG, "the reference has the unknown query key \"%.60s\"",
                            reference->query[i].key);
            host->error_detail(error, MSTR_DETAIL_HINT, "the only key is api-version");
            return MSTR_E_CONFIG;
        }
        *version = reference->query[i].value;
    }
    return !text_empty(*version) && text_is_made_of(*version, "-.")
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "api-version is no version such as 7.6 or 2025-07-01");
}

bool key_vault_prepare(struct azure *azure, struct fetch *fetch, const struct mstr_reference *reference,
                       struct mstr_error *error)
{
    const char *version = NULL;
    *fetch = (struct fetch){.reference = reference, .error = error, .url = BUFFER_INIT};
    struct secret_id_fault fault = secret_id_parse(reference->body, &fetch->id);
    if (fault.what != NULL) {
        host->error_set(error, MSTR_E_CONFIG, "the reference %s", fault.what);
        host->error_detail(error, MSTR_DETAIL_HINT, fault.hint);
        end(fetch, MSTR_E_CONFIG);
        return false;
    }
    enum mstr_code code = find_version(azure, reference, &version, error);
    if (code == MSTR_OK) {
        code = vault_locate(azure->instance, &fetch->id, &fetch->vault, error);
    }
    if (code == MSTR_OK) {
        buffer_printf(&fetch->url, "%s/secrets/%s%s%s?api-version=%s", fetch->vault.url, fetch->id.name,
                      fetch->id.version[0] != '\0' ? "/" : "", fetch->id.version, version);
        code = fetch->url.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
    }
    if (code != MSTR_OK) {
        end(fetch, code);
    }
    return code == MSTR_OK;
}

/* Another attempt after a pause, or the end. */
static void later(struct fetch *fetch, enum mstr_code code, int64_t asked, const struct mstr_call *call)
{
    int64_t pause = retry_pause(&send_retry, ++fetch->attempts, asked);
    if (pause == RETRY_NOT_ASKED || pause >= host->remaining(call)) {
        end(fetch, code);
    } else {
        fetch->not_before = host->monotonic() + pause;
    }
}

/* A token that could not be had for one secret of a batch need not be asked for again for the next. */
static bool shares_failure(struct fetch *fetch, const struct fetch *others)
{
    for (; others < fetch; others++) {
        if (others->tokenless && demand_equals(&others->demand, &fetch->demand)) {
            host->error_copy(fetch->error, others->error);
            end(fetch, others->code);
            return true;
        }
    }
    return false;
}

/* The one of a batch that asks this vault what it wants: the others wait for its answer. */
static const struct fetch *find_leader(const struct fetch *fetch, const struct fetch *others)
{
    for (; others < fetch; others++) {
        if (others->bare && strcmp(others->vault.url, fetch->vault.url) == 0 &&
            strcmp(others->vault.host, fetch->vault.host) == 0) {
            return others;
        }
    }
    return NULL;
}

static bool is_waiting(const struct fetch *fetch)
{
    return fetch->leader != NULL && !fetch->leader->done && fetch->leader->demand.resource[0] == '\0';
}

/* To be sent without a token: the first one is; the others wait for what it learns, or fail as it did where that was
 * not for the sake of its own secret. */
static bool go_bare(struct fetch *fetch, const struct fetch *others)
{
    fetch->leader = fetch->bare ? NULL : find_leader(fetch, others);
    if (is_waiting(fetch)) {
        return false;
    }
    if (fetch->leader != NULL && fetch->leader->code != MSTR_OK && fetch->leader->code != MSTR_E_NOT_FOUND) {
        host->error_copy(fetch->error, fetch->leader->error);
        end(fetch, fetch->leader->code);
        return false;
    }
    fetch->bare = true;
    return true;
}

/* Gets a token where the vault's demand is known; without one the request is sent bare, to learn it. */
static bool authorize(struct azure *azure, struct fetch *fetch, const struct fetch *others,
                      const struct mstr_call *call)
{
    struct token token = {.text = NULL};
    enum mstr_code code = MSTR_OK;
    buffer_clear(&fetch->bearer);
    if (fetch->demand.resource[0] == '\0' && !vault_demand(&azure->vaults, &fetch->vault, &fetch->demand)) {
        return go_bare(fetch, others);
    }
    if (shares_failure(fetch, others)) {
        return false;
    }
    code = renewable_tokens_get(&azure->tokens, &fetch->demand, call, &token, fetch->error);
    if (code == MSTR_OK && !buffer_printf(&fetch->bearer, "Bearer %s", token.text)) {
        code = host->error_set(fetch->error, MSTR_E_MEMORY, "out of memory");
    }
    token_release(&token);
    if (code != MSTR_OK) {
        fetch->tokenless = true;
        end(fetch, code);
    }
    return code == MSTR_OK;
}

static const char *token_of(const struct fetch *fetch)
{
    return fetch->bearer.length > 0 ? fetch->bearer.data + strlen("Bearer ") : NULL;
}

/* A claims challenge is answered with the hash of the token that it refused. */
static void note_refused(struct fetch *fetch)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    struct buffer text = BUFFER_INIT;
    const char *token = token_of(fetch);
    if (token != NULL && EVP_Digest(token, strlen(token), hash, &length, EVP_sha256(), NULL) == 1 &&
        hex_encode(&text, hash, length)) {
        field_set(fetch->demand.refused, sizeof(fetch->demand.refused), text.data, text.length);
    }
    buffer_release(&text);
}

/* 401: without a token the vault tells what it wants. With one, it may want another, once, and other claims, once. */
static void refused(struct azure *azure, struct fetch *fetch, struct mstr_http_response *response)
{
    struct demand before = fetch->demand;
    bool bare = fetch->bearer.length == 0;
    enum mstr_code code = vault_learn(&azure->vaults, &fetch->vault, host->http_header(response, "WWW-Authenticate"),
                                      &fetch->demand, fetch->error);
    bool claims = code == MSTR_OK && fetch->demand.claims[0] != '\0';
    bool spent = claims ? fetch->claimed : fetch->renewed;
    if (code != MSTR_OK && (bare || code != MSTR_E_PROTOCOL)) {
        end(fetch, code);
        return;
    }
    if (!bare) {
        renewable_tokens_drop(&azure->tokens, &before, token_of(fetch));
        if (spent) {
            end(fetch, service_error_read(response, fetch->vault.url, fetch->error));
            return;
        }
        fetch->claimed = fetch->claimed || claims;
        fetch->renewed = fetch->renewed || !claims;
    }
    if (claims) {
        note_refused(fetch);
    }
}

static void settle(struct azure *azure, struct fetch *fetch, const struct mstr_http_exchange *exchange,
                   const struct mstr_call *call)
{
    if (exchange->code != MSTR_OK) {
        if (exchange->code == MSTR_E_NETWORK) {
            host->error_detail(fetch->error, MSTR_DETAIL_HINT, unreachable_hint);
        }
        if (send_is_passing(exchange->code)) {
            later(fetch, exchange->code, RETRY_NOT_ASKED, call);
        } else {
            end(fetch, exchange->code);
        }
        return;
    }
    const struct mstr_http_answer *answer = host->http_answer(exchange->response);
    if (answer->status == 200) {
        end(fetch, bundle_read(answer, &fetch->bundle, fetch->error));
    } else if (answer->status == 401) {
        refused(azure, fetch, exchange->response);
    } else {
        enum mstr_code code = service_error_read(exchange->response, fetch->vault.url, fetch->error);
        if (send_status_is_passing(answer->status)) {
            later(fetch, code, retry_asked(exchange->response), call);
        } else {
            end(fetch, code);
        }
    }
}

/* One request on its way. */
struct flight {
    struct fetch *fetch;
    struct mstr_http_request request;
    struct mstr_header headers[3];
    char request_id[REQUEST_ID_LENGTH + 1];
};

static void board(const struct azure *azure, struct flight *flight, struct mstr_http_exchange *exchange,
                  struct fetch *fetch, const struct mstr_call *call)
{
    flight->fetch = fetch;
    send_request_id(call, flight->request_id);
    flight->headers[0] = (struct mstr_header){"Accept", "application/json"};
    flight->headers[1] = (struct mstr_header){"x-ms-client-request-id", flight->request_id};
    flight->headers[2] = (struct mstr_header){"Authorization", buffer_text(&fetch->bearer)};
    flight->request = (struct mstr_http_request){.flags = fetch->vault.by_endpoint ? MSTR_HTTP_ALLOW_PLAIN : 0,
                                                 .method = "GET",
                                                 .url = buffer_text(&fetch->url),
                                                 .headers = flight->headers,
                                                 .header_count = fetch->bearer.length > 0 ? 3 : 2,
                                                 .response_limit = ANSWER_MOST};
    send_defaults(azure->instance, &flight->request);
    *exchange =
        (struct mstr_http_exchange){.size = sizeof(*exchange), .request = &flight->request, .error = fetch->error};
}

/* When the next attempt is due, monotonic ms; INT64_MAX when all are done. */
static int64_t next_due(const struct fetch *fetches, size_t count)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        if (!fetches[i].done && !is_waiting(&fetches[i]) && fetches[i].not_before < due) {
            due = fetches[i].not_before;
        }
    }
    return due;
}

/* Sends the requests that are due, side by side. */
static void run_round(struct azure *azure, struct fetch *fetches, size_t count, struct flight *flights,
                      struct mstr_http_exchange *exchanges, const struct mstr_call *call)
{
    size_t sent = 0;
    int64_t now = host->monotonic();
    for (size_t i = 0; i < count; i++) {
        struct fetch *fetch = &fetches[i];
        if (!fetch->done && fetch->not_before <= now && authorize(azure, fetch, fetches, call)) {
            board(azure, &flights[sent], &exchanges[sent], fetch, call);
            sent++;
        }
    }
    host->http_many(call, exchanges, sent);
    for (size_t i = 0; i < sent; i++) {
        settle(azure, flights[i].fetch, &exchanges[i], call);
        host->http_free(exchanges[i].response);
    }
}

/* What failed before says more than the deadline that ends the waiting. */
static void give_up(struct fetch *fetches, size_t count, const struct mstr_call *call)
{
    for (size_t i = 0; i < count; i++) {
        struct fetch *fetch = &fetches[i];
        if (!fetch->done && host->cancelled(call)) {
            end(fetch,
                host->error_set(fetch->error, MSTR_E_CANCELLED, "cancelled while waiting for %s", fetch->vault.url));
        } else if (!fetch->done) {
            if (fetch->leader != NULL) {
                host->error_copy(fetch->error, fetch->leader->error);
            }
            enum mstr_code code = host->error_code(fetch->error);
            end(fetch, code != MSTR_OK ? code : host->error_set(fetch->error, MSTR_E_MEMORY, "out of memory"));
        }
    }
}

void key_vault_fetch(struct azure *azure, struct fetch *fetches, size_t count, const struct mstr_call *call)
{
    struct flight *flights = calloc(count, sizeof(*flights));
    struct mstr_http_exchange *exchanges = calloc(count, sizeof(*exchanges));
    int64_t due = 0;
    while (flights != NULL && exchanges != NULL && (due = next_due(fetches, count)) != INT64_MAX) {
        int64_t wait = due - host->monotonic();
        if (wait > 0 && host->sleep(call, wait) != MSTR_OK) {
            break;
        }
        run_round(azure, fetches, count, flights, exchanges, call);
    }
    give_up(fetches, count, call);
    free(exchanges);
    free(flights);
}

void key_vault_release(struct fetch *fetch)
{
    bundle_release(&fetch->bundle);
    buffer_release(&fetch->url);
    buffer_release(&fetch->bearer);
}
