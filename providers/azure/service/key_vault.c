/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of Key Vault. */
#include "azure/service/key_vault.h"

#include "azure/config/field.h"
#include "azure/service/service_error.h"
#include "azure/wire/send.h"
#include "base/base64.h"
#include "base/text.h"
#include "sdk/host.h"

#include <openssl/evp.h>
#include <string.h>

/* Octets; a value has at most 25 KiB, which JSON may write six times as long. */
enum { ANSWER_MOST = 512 * 1024 };

static const char unreachable_hint[] = "check the vault's name: one that does not exist has no address; behind a "
                                       "private endpoint, check that its DNS zone and network reach this machine";

/* NULL where the options are not known yet, and the reference has none. */
static enum mstr_code find_version(const struct mstr_instance *instance, const struct mstr_reference *reference,
                                   const char **version, struct mstr_error *error)
{
    *version = host->option(instance, "api_version");
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
    return *version == NULL || (**version != '\0' && text_is_made_of(*version, "-."))
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "api-version is no version such as 7.6 or 2025-07-01");
}

/* Which secret of which vault, by which version of the interface. */
static enum mstr_code find(const struct mstr_instance *instance, const struct mstr_reference *reference,
                           struct secret_id *id, struct vault *vault, const char **version, struct mstr_error *error)
{
    const struct secret_id_fault fault = secret_id_parse(reference->body, id);
    if (fault.what != NULL) {
        return error_hint(error, host->error_set(error, MSTR_E_CONFIG, "the reference %s", fault.what), fault.hint);
    }
    enum mstr_code code = find_version(instance, reference, version, error);
    return code == MSTR_OK ? vault_locate(instance, id, vault, error) : code;
}

enum mstr_code key_vault_check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                               struct mstr_error *error)
{
    struct secret_id id;
    struct vault vault;
    const char *version = NULL;
    return find(instance, reference, &id, &vault, &version, error);
}

static struct azure *azure_of(const struct fetch *fetch)
{
    return fetch->item.batch->self;
}

enum mstr_code key_vault_read(struct batch_item *item)
{
    struct fetch *fetch = (struct fetch *)(void *)item;
    const char *version = NULL;
    enum mstr_code code =
        find(azure_of(fetch)->instance, item->reference, &fetch->id, &fetch->vault, &version, item->error);
    if (code == MSTR_OK) {
        buffer_printf(&fetch->url, "%s/secrets/%s%s%s?api-version=%s", fetch->vault.url, fetch->id.name,
                      fetch->id.version[0] != '\0' ? "/" : "", fetch->id.version, version);
        code = fetch->url.failed ? host->error_set(item->error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
    }
    return code;
}

/* A token that could not be had for one secret of a batch need not be asked for again for the next. */
static bool is_tokenless(const struct batch_item *other, const struct batch_item *item)
{
    const struct fetch *others = (const void *)other;
    return other->tokenless && demand_equals(&others->demand, &((const struct fetch *)(const void *)item)->demand);
}

/* The one of a batch that asks this vault what it wants: the others wait for its answer. */
static bool is_leader(const struct batch_item *other, const struct batch_item *item)
{
    const struct fetch *others = (const void *)other;
    const struct vault *vault = &((const struct fetch *)(const void *)item)->vault;
    return others->bare && strcmp(others->vault.url, vault->url) == 0 && strcmp(others->vault.host, vault->host) == 0;
}

/* To be sent without a token: the first one is; the others are held for what it learns, or fail as it did where that
 * was not for the sake of its own secret. */
static enum mstr_code go_bare(struct fetch *fetch, bool *held, struct mstr_error *error)
{
    const struct batch_item *leader = fetch->bare ? NULL : batch_find(&fetch->item, is_leader);
    bool ended = leader != NULL && leader->request->done;
    *held = leader != NULL && !ended && ((const struct fetch *)(const void *)leader)->demand.resource[0] == '\0';
    if (ended && leader->request->code != MSTR_OK && leader->request->code != MSTR_E_NOT_FOUND) {
        return batch_fail_like(leader, error);
    }
    fetch->bare = !*held;
    return MSTR_OK;
}

/* Gets a token where the vault's demand is known; without one the request is sent bare, to learn it. */
static enum mstr_code authorize(struct fetch *fetch, bool *held, struct mstr_error *error)
{
    struct token token = {.text = NULL};
    buffer_clear(&fetch->bearer);
    if (fetch->demand.resource[0] == '\0' && !vault_demand(&azure_of(fetch)->vaults, &fetch->vault, &fetch->demand)) {
        return go_bare(fetch, held, error);
    }
    const struct batch_item *tokenless = batch_find(&fetch->item, is_tokenless);
    if (tokenless != NULL) {
        return batch_fail_like(tokenless, error);
    }
    enum mstr_code code =
        renewable_tokens_get(&azure_of(fetch)->tokens, &fetch->demand, fetch->item.batch->call, &token, error);
    fetch->item.tokenless = code != MSTR_OK;
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
    send_request_id(fetch->item.batch->call, fetch->request_id);
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
    enum mstr_code code = vault_learn(&azure_of(fetch)->vaults, &fetch->vault,
                                      host->http_header(response, "WWW-Authenticate"), &fetch->demand, error);
    bool claims = code == MSTR_OK && fetch->demand.claims[0] != '\0';
    bool spent = claims ? fetch->claimed : fetch->renewed;
    if (code != MSTR_OK && (bare || code != MSTR_E_PROTOCOL)) {
        return code;
    }
    if (!bare) {
        renewable_tokens_drop(&azure_of(fetch)->tokens, &before, key_vault_token(fetch));
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

void key_vault_fetch(const struct batch *batch)
{
    const struct azure *azure = batch->self;
    const struct request like = {
        .traffic = &send_traffic, .ca_file = send_ca_file(azure->instance), .prepare = prepare, .read = read};
    batch_send(batch, &like);
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_item *item = batch_at(batch, i);
        if (item->code == MSTR_E_NETWORK && !item->tokenless) {
            host->error_detail(item->error, MSTR_DETAIL_HINT, unreachable_hint);
        }
    }
}

void key_vault_release(struct batch_item *item)
{
    struct fetch *fetch = (struct fetch *)(void *)item;
    bundle_release(&fetch->bundle);
    buffer_release(&fetch->url);
    buffer_release(&fetch->bearer);
}
