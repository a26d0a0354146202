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

static enum mstr_code find_version(const struct azure *azure, const struct mstr_reference *reference,
                                   const char **version, struct mstr_error *error)
{
    *version = host->option(azure->instance, "api_version");
    for (uint32_t i = 0; i < reference->query_count; i++) {
        if (strcmp(reference->query[i].key, "api-version") != 0) {
            return error_hint(error,
                              host->error_set(error, MSTR_E_CONFIG,
                                              "the reference has the unknown query key \"%.60s\"",
                                              reference->query[i].key),
                              "the only key is api-version");
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
    *fetch = (struct fetch){.azure = azure, .reference = reference, .error = error};
    struct secret_id_fault fault = secret_id_parse(reference->body, &fetch->id);
    if (fault.what != NULL) {
        host->error_set(error, MSTR_E_CONFIG, "the reference %s", fault.what);
        host->error_detail(error, MSTR_DETAIL_HINT, fault.hint);
        fetch->code = MSTR_E_CONFIG;
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
    fetch->code = code;
    return code == MSTR_OK;
}

/* A token that could not be had for one secret of a batch need not be asked for again for the next. */
static const struct fetch *find_tokenless(const struct fetch *fetch)
{
    for (const struct fetch *others = fetch->others; others < fetch; others++) {
        if (others->tokenless && demand_equals(&others->demand, &fetch->demand)) {
            return others;
        }
    }
    return NULL;
}

/* The one of a batch that asks this vault what it wants: the others wait for its answer. */
static const struct fetch *find_leader(const struct fetch *fetch)
{
    for (const struct fetch *others = fetch->others; others < fetch; others++) {
        if (others->bare && strcmp(others->vault.url, fetch->vault.url) == 0 &&
            strcmp(others->vault.host, fetch->vault.host) == 0) {
            return others;
        }
    }
    return NULL;
}

static enum mstr_code fail_as(const struct fetch *other, enum mstr_code code, struct mstr_error *error)
{
    host->error_copy(error, other->error);
    return code;
}

/* To be sent without a token: the first one is; the others are held for what it learns, or fail as it did where that
 * was not for the sake of its own secret. */
static enum mstr_code go_bare(struct fetch *fetch, bool *held, struct mstr_error *error)
{
    const struct fetch *leader = fetch->bare ? NULL : find_leader(fetch);
    *held = leader != NULL && !leader->request->done && leader->demand.resource[0] == '\0';
    bool ended = leader != NULL && leader->request->done;
    enum mstr_code code = ended ? leader->request->code : MSTR_OK;
    if (code != MSTR_OK && code != MSTR_E_NOT_FOUND) {
        return fail_as(leader, code, error);
    }
    fetch->bare = !*held;
    return MSTR_OK;
}

/* Gets a token where the vault's demand is known; without one the request is sent bare, to learn it. */
static enum mstr_code authorize(struct fetch *fetch, bool *held, struct mstr_error *error)
{
    struct token token = {.text = NULL};
    buffer_clear(&fetch->bearer);
    if (fetch->demand.resource[0] == '\0' && !vault_demand(&fetch->azure->vaults, &fetch->vault, &fetch->demand)) {
        return go_bare(fetch, held, error);
    }
    const struct fetch *tokenless = find_tokenless(fetch);
    if (tokenless != NULL) {
        return fail_as(tokenless, tokenless->request->code, error);
    }
    enum mstr_code code = renewable_tokens_get(&fetch->azure->tokens, &fetch->demand, fetch->call, &token, error);
    fetch->tokenless = code != MSTR_OK;
    if (code == MSTR_OK && !buffer_printf(&fetch->bearer, "Bearer %s", token.text)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    token_release(&token);
    return code;
}

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct fetch *fetch = data;
    bool held = false;
    (void)attempt;
    enum mstr_code code = authorize(fetch, &held, error);
    if (code != MSTR_OK || held) {
        return code;
    }
    send_request_id(fetch->call, fetch->request_id);
    fetch->headers[0] = (struct mstr_header){"Accept", "application/json"};
    fetch->headers[1] = (struct mstr_header){"x-ms-client-request-id", fetch->request_id};
    fetch->headers[2] = (struct mstr_header){"Authorization", buffer_text(&fetch->bearer)};
    *http = (struct mstr_http_request){.flags = fetch->vault.by_endpoint ? MSTR_HTTP_ALLOW_PLAIN : 0,
                                       .method = "GET",
                                       .url = buffer_text(&fetch->url),
                                       .headers = fetch->headers,
                                       .header_count = fetch->bearer.length > 0 ? 3 : 2,
                                       .response_limit = ANSWER_MOST};
    return MSTR_OK;
}

const char *key_vault_token(const struct fetch *fetch)
{
    return fetch->bearer.length > 0 ? fetch->bearer.data + strlen("Bearer ") : NULL;
}

/* A claims challenge is answered with the hash of the token that it refused. */
static void note_refused(struct fetch *fetch)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    struct buffer text = BUFFER_INIT;
    const char *token = key_vault_token(fetch);
    if (token != NULL && EVP_Digest(token, strlen(token), hash, &length, EVP_sha256(), NULL) == 1 &&
        hex_encode(&text, hash, length)) {
        field_set(fetch->demand.refused, sizeof(fetch->demand.refused), text.data, text.length);
    }
    buffer_release(&text);
}

/* 401: without a token the vault tells what it wants. With one, it may want another, once, and other claims, once. */
static enum mstr_code refused(struct fetch *fetch, struct attempt *attempt, struct mstr_http_response *response,
                              struct mstr_error *error)
{
    struct demand before = fetch->demand;
    bool bare = fetch->bearer.length == 0;
    enum mstr_code code = vault_learn(&fetch->azure->vaults, &fetch->vault,
                                      host->http_header(response, "WWW-Authenticate"), &fetch->demand, error);
    bool claims = code == MSTR_OK && fetch->demand.claims[0] != '\0';
    bool spent = claims ? fetch->claimed : fetch->renewed;
    if (code != MSTR_OK && (bare || code != MSTR_E_PROTOCOL)) {
        return code;
    }
    if (!bare) {
        renewable_tokens_drop(&fetch->azure->tokens, &before, key_vault_token(fetch));
        if (spent) {
            return service_error_read(response, fetch->vault.url, error);
        }
        fetch->claimed = fetch->claimed || claims;
        fetch->renewed = fetch->renewed || !claims;
    }
    if (claims) {
        note_refused(fetch);
    }
    attempt->again = AGAIN_AT_ONCE;
    return code;
}

static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    struct fetch *fetch = data;
    const struct mstr_http_answer *answer = host->http_answer(response);
    return answer->status == 200   ? bundle_read(answer, &fetch->id, &fetch->vault, &fetch->bundle, error)
           : answer->status == 401 ? refused(fetch, attempt, response, error)
                                   : service_error_read(response, fetch->vault.url, error);
}

static void arrive(struct fetch *fetch)
{
    fetch->code = fetch->request->code;
    if (fetch->code == MSTR_E_NETWORK && fetch->request->attempt.status == 0 && !fetch->tokenless) {
        host->error_detail(fetch->error, MSTR_DETAIL_HINT, unreachable_hint);
    }
}

void key_vault_fetch(struct azure *azure, struct fetch *fetches, size_t count, const struct mstr_call *call)
{
    struct request *requests = calloc(count, sizeof(*requests));
    size_t sent = 0;
    for (size_t i = 0; i < count; i++) {
        struct fetch *fetch = &fetches[i];
        if (fetch->code == MSTR_OK && requests == NULL) {
            fetch->code = host->error_set(fetch->error, MSTR_E_MEMORY, "out of memory");
        } else if (fetch->code == MSTR_OK) {
            fetch->call = call;
            fetch->others = fetches;
            fetch->request = &requests[sent];
            requests[sent++] = (struct request){.traffic = &send_traffic,
                                                .ca_file = send_ca_file(azure->instance),
                                                .error = fetch->error,
                                                .prepare = prepare,
                                                .read = read,
                                                .data = fetch};
        }
    }
    request_send_many(requests, sent, call);
    for (size_t i = 0; i < sent; i++) {
        arrive(requests[i].data);
    }
    free(requests);
}

void key_vault_release(struct fetch *fetch)
{
    bundle_release(&fetch->bundle);
    buffer_release(&fetch->url);
    buffer_release(&fetch->bearer);
}
