/* SPDX-License-Identifier: Apache-2.0 */
/* Reading secrets. */
#include "vault/service/read.h"

#include "base/text.h"
#include "sdk/host.h"
#include "vault/service/denial.h"

#include <stdlib.h>
#include <string.h>

static const char versioned[] = "Invalid path for a versioned K/V secrets engine";

static struct vault *vault_of(const struct vault_read *read)
{
    return read->item.batch->self;
}

static void learn(struct vault_read *read, size_t length, enum vault_kv kv)
{
    read->mount = (struct vault_mount){length, kv};
    if (read->wanted.path[length - 1] == '/') { /* else it is the mount itself, which is no secret */
        vault_mounts_learn(&vault_of(read)->mounts, read->namespace, read->wanted.path, &read->mount);
    }
}

/* A token, where the last one was taken for an attempt before or let go. What one read of a batch could not have,
 * others do not ask for again. */
static enum mstr_code authorize(struct vault_read *read, struct mstr_error *error)
{
    struct vault_token *token = NULL;
    const struct batch_item *tokenless = batch_find(&read->item, batch_is_tokenless);
    if (tokenless != NULL) {
        return batch_fail_like(tokenless, error);
    }
    enum mstr_code code = vault_tokens_get(&vault_of(read)->tokens, read->item.batch->call, &token, error);
    read->item.tokenless = code != MSTR_OK;
    if (code == MSTR_OK) {
        vault_token_release(read->token);
        read->token = token;
    }
    return code;
}

/* Whether a token that was found anew is the one that was refused, of which all is told already. */
static bool is_refused(const struct vault_read *read)
{
    const struct vault_token *refused = read->refused;
    bool bare = refused != NULL && refused->text == NULL;
    return refused != NULL && (bare ? read->token->text == NULL : strcmp(read->token->text, refused->text) == 0);
}

/* Another of the batch looks up the same mount, as far as that can be told. */
static bool is_leader(const struct batch_item *other, const struct batch_item *item)
{
    const struct vault_read *leader = (const void *)other;
    const struct vault_read *read = (const void *)item;
    const char *one = leader->namespace;
    bool same =
        one == read->namespace || (one != NULL && read->namespace != NULL && strcmp(one, read->namespace) == 0);
    size_t length = vault_mount_guess(read->wanted.path);
    return leader->looks && same && strncmp(leader->wanted.path, read->wanted.path, length) == 0;
}

/* What is known of the mount. Nothing is known yet, and another finds out: then this one is held. */
static enum mstr_code locate(struct vault_read *read, bool *held, struct mstr_error *error)
{
    struct vault *vault = vault_of(read);
    const struct batch_item *leader = NULL;
    if (read->stage != VAULT_LOOK_UP) {
        return MSTR_OK;
    }
    if (vault->settings.kv != VAULT_KV_AUTO) {
        read->mount = (struct vault_mount){vault_mount_guess(read->wanted.path), vault->settings.kv};
    } else {
        read->mount = vault_mounts_find(&vault->mounts, read->namespace, read->wanted.path);
    }
    if (read->mount.kv != VAULT_KV_AUTO) {
        read->stage = VAULT_READ;
        return MSTR_OK;
    }
    leader = read->looks ? NULL : batch_find(&read->item, is_leader);
    bool looks = leader != NULL && ((const struct vault_read *)(const void *)leader)->stage == VAULT_LOOK_UP;
    if (looks && leader->request->done) {
        return batch_fail_like(leader, error);
    }
    *held = looks;
    read->looks = !*held;
    return MSTR_OK;
}

/* MOUNT/data/REST for version 2. */
static enum mstr_code put_data_path(struct vault_read *read, size_t mount, struct mstr_error *error)
{
    struct vault_message *message = &read->message;
    const char *path = read->wanted.path;
    char *name = text_copy_length(path, path[mount - 1] == '/' ? mount - 1 : mount);
    bool good = name != NULL && vault_message_add(message, name) && vault_message_add(message, "data") &&
                vault_message_add(message, path + mount);
    free(name);
    return good ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* Of what the path is asked for as; VAULT_KV_AUTO = that is still to be found out. */
static enum vault_kv kv_of(const struct vault_read *read)
{
    return read->stage == VAULT_READ      ? read->mount.kv
           : read->stage == VAULT_GUESS_2 ? VAULT_KV_2
           : read->stage == VAULT_GUESS_1 ? VAULT_KV_NONE
                                          : VAULT_KV_AUTO;
}

/* What no mount of that version has; `mount` octets of the path are the mount. */
static enum mstr_code check_mount(const struct vault_wanted *wanted, size_t mount, enum vault_kv kv,
                                  struct mstr_error *error)
{
    if (wanted->path[mount] == '\0' && (kv == VAULT_KV_1 || kv == VAULT_KV_2)) {
        return error_hint(
            error, host->error_set(error, MSTR_E_CONFIG, "the reference names the mount %.200s alone", wanted->path),
            "write MOUNT/PATH");
    }
    if (wanted->version != 0 && (kv == VAULT_KV_1 || kv == VAULT_KV_NONE)) {
        return error_hint(
            error,
            host->error_set(error, MSTR_E_CONFIG, "the reference has a version, but %.200s has none", wanted->path),
            "versions are of version 2 of the key/value engine; leave ?version= out");
    }
    return MSTR_OK;
}

static enum mstr_code put_path(struct vault_read *read, bool version_2, struct mstr_error *error)
{
    struct vault_message *message = &read->message;
    const char *path = read->wanted.path;
    bool known = read->stage == VAULT_READ;
    size_t mount = known ? read->mount.length : vault_mount_guess(path);
    enum mstr_code code = check_mount(&read->wanted, mount, kv_of(read), error);
    buffer_clear(&message->path);
    if (code != MSTR_OK) {
        return code;
    }
    if (version_2) {
        return put_data_path(read, mount, error);
    }
    if (read->stage == VAULT_LOOK_UP) {
        vault_message_add(message, VAULT_LOOK_UP_PATH);
    }
    return vault_message_add(message, read->wanted.path) ? MSTR_OK
                                                         : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

static enum mstr_code put_url(struct vault_read *read, struct mstr_error *error)
{
    struct vault_message *message = &read->message;
    bool version_2 = kv_of(read) == VAULT_KV_2;
    enum mstr_code code = put_path(read, version_2, error);
    if (code != MSTR_OK) {
        return code;
    }
    buffer_clear(&read->what);
    buffer_printf(&read->what, "%s%.300s", read->stage == VAULT_LOOK_UP ? "looking up the mount of " : "reading ",
                  read->stage == VAULT_LOOK_UP ? read->wanted.path : buffer_text(&message->path) + 1);
    if (version_2 && read->wanted.version != 0) {
        buffer_printf(&message->path, "?version=%lld", (long long)read->wanted.version);
    }
    message->asked = (struct vault_asked){.what = buffer_text(&read->what)};
    return message->path.failed || read->what.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                                     : MSTR_OK;
}

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct vault_read *read = data;
    bool held = false;
    (void)attempt;
    enum mstr_code code = locate(read, &held, error);
    if (code != MSTR_OK || held) {
        return code;
    }
    code = authorize(read, error);
    if (code == MSTR_OK && is_refused(read)) {
        return host->error_code(error);
    }
    if (code == MSTR_OK) {
        code = put_url(read, error);
    }
    read->message.token = read->token != NULL ? read->token->text : NULL;
    read->message.index = read->token != NULL ? read->token->index : NULL;
    return code == MSTR_OK ? vault_message_prepare(&read->message, http, error) : code;
}

static enum mstr_code go_on(struct vault_read *read, enum vault_stage stage, struct attempt *attempt)
{
    read->stage = stage;
    attempt->again = AGAIN_AT_ONCE;
    return MSTR_OK;
}

static enum mstr_code take_mount(struct vault_read *read, const struct vault_answer *answer, struct attempt *attempt,
                                 struct mstr_error *error)
{
    struct vault_mount mount;
    enum mstr_code code = vault_mount_read(answer, read->wanted.path, &mount, error);
    if (code != MSTR_OK) {
        return code;
    }
    learn(read, mount.length, mount.kv);
    return go_on(read, VAULT_READ, attempt);
}

/* What was read dies with the token that read it, if it lives by a lease. */
static void note_lease(const struct vault_read *read, const struct vault_answer *answer, struct vault_value *value)
{
    const struct vault_token *token = read->token;
    struct vault *vault = vault_of(read);
    if (!value->leased) {
        return;
    }
    atomic_store(&read->token->leased, true);
    if (token->expires != 0 && (value->expires == 0 || value->expires > token->expires)) {
        value->expires = token->expires;
    }
    if (vault->settings.revoke && (!token->own || token->batch)) {
        vault_leases_note(&vault->leases, read->namespace, answer->lease_id, value->expires);
    }
}

static enum mstr_code take_value(struct vault_read *read, const struct mstr_http_answer *http,
                                 const struct vault_answer *answer, struct mstr_error *error)
{
    bool guess = read->stage == VAULT_GUESS_1 || read->stage == VAULT_GUESS_2;
    if (guess) {
        learn(read, vault_mount_guess(read->wanted.path), read->stage == VAULT_GUESS_2 ? VAULT_KV_2 : VAULT_KV_1);
        read->stage = VAULT_READ;
    }
    vault_message_log_warnings(&read->message, answer);
    enum mstr_code code = vault_value_read(http, answer, read->mount.kv, &read->value, error);
    if (code == MSTR_OK) {
        note_lease(read, answer, &read->value);
    }
    return code;
}

static enum mstr_code read_good(struct vault_read *read, const struct mstr_http_answer *http, struct attempt *attempt,
                                struct mstr_error *error)
{
    struct vault_answer answer;
    enum mstr_code code = vault_answer_read(http, &answer, error);
    attempt->again = AGAIN_NEVER;
    if (code == MSTR_OK && read->stage == VAULT_LOOK_UP) {
        code = take_mount(read, &answer, attempt, error);
    } else if (code == MSTR_OK && read->stage == VAULT_GUESS_2 && !vault_value_is_versioned(&answer)) {
        code = go_on(read, VAULT_GUESS_1, attempt); /* a secret of version 1 whose name begins with data/ */
    } else if (code == MSTR_OK) {
        code = take_value(read, http, &answer, error);
    }
    vault_answer_release(&answer);
    return code;
}

static enum mstr_code read_refused(struct vault_read *read, struct mstr_http_response *response,
                                   struct attempt *attempt, bool *named, struct mstr_error *error)
{
    enum mstr_code code = vault_message_refused(&read->message, attempt, response, named, error);
    if (code == MSTR_E_PROTOCOL && read->stage == VAULT_LOOK_UP &&
        host->error_text(error, MSTR_DETAIL_HINT) == NULL) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "check the address; where something before Vault blocks this path, set kv to 1 or 2");
    }
    return code;
}

/* A 404 may mean that the path was asked for as of the wrong version; with an envelope, it tells more. */
static enum mstr_code read_missing(struct vault_read *read, struct mstr_http_response *response,
                                   struct attempt *attempt, struct mstr_error *error)
{
    struct vault_answer answer;
    const char *path = read->wanted.path;
    bool told = vault_answer_read(host->http_answer(response), &answer, NULL) == MSTR_OK;
    bool is_versioned = told && vault_answer_warns(&answer, versioned);
    bool gone = told && vault_value_tell_gone(&answer, buffer_text(&read->what), error);
    enum mstr_code code = MSTR_E_NOT_FOUND;
    vault_answer_release(&answer);
    attempt->again = AGAIN_NEVER;
    if (gone) {
        return code;
    }
    if (is_versioned && !read->corrected && read->stage == VAULT_READ &&
        read->message.settings->kv == VAULT_KV_AUTO) {
        read->corrected = true; /* it was made version 2 since */
        learn(read, read->mount.length, VAULT_KV_2);
        return go_on(read, VAULT_READ, attempt);
    }
    if (read->stage == VAULT_LOOK_UP && told) {
        learn(read, vault_mount_guess(path), VAULT_KV_1); /* a server from before the look-up */
        return go_on(read, VAULT_READ, attempt);
    }
    if (read->stage == VAULT_GUESS_2 && read->wanted.version == 0) {
        return go_on(read, VAULT_GUESS_1, attempt);
    }
    code = read_refused(read, response, attempt, NULL, error);
    if (text_starts_with(path + vault_mount_guess(path), "data/")) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "leave data/ out of the reference: it is put in where it belongs");
    }
    return code;
}

/* A 403 says that the token has no permission, or that it is none: another one is tried once. */
static enum mstr_code read_denied(struct vault_read *read, struct mstr_http_response *response,
                                  struct attempt *attempt, struct mstr_error *error)
{
    bool named = false;
    enum mstr_code code = read_refused(read, response, attempt, &named, error);
    bool look_up = read->stage == VAULT_LOOK_UP;
    if (code != MSTR_E_DENIED) {
        return code;
    }
    if (look_up && !named) {
        return go_on(read, VAULT_GUESS_2, attempt);
    }
    if (read->stage == VAULT_GUESS_2 && read->wanted.version == 0 && !named) {
        read->denied = true;
        return go_on(read, VAULT_GUESS_1, attempt);
    }
    code = vault_denial_tell(read, named, error);
    if (code != MSTR_E_NOT_FOUND && read->refused == NULL &&
        vault_tokens_replace(&vault_of(read)->tokens, read->token, named, read->item.batch->call)) {
        read->refused = (struct vault_token *)(void *)kept_retain(&read->token->kept);
        read->stage = read->stage == VAULT_READ ? VAULT_READ : VAULT_LOOK_UP;
        attempt->again = AGAIN_AT_ONCE;
    }
    return code;
}

static enum mstr_code read_answer(void *data, struct attempt *attempt, struct mstr_http_response *response,
                                  struct mstr_error *error)
{
    struct vault_read *read = data;
    switch (attempt->status) {
    case 200:
        return read_good(read, host->http_answer(response), attempt, error);
    case 403:
        return read_denied(read, response, attempt, error);
    case 404:
        return read_missing(read, response, attempt, error);
    default:
        return read_refused(read, response, attempt, NULL, error);
    }
}

enum mstr_code vault_read_wanted(const struct mstr_reference *reference, enum vault_kv kv,
                                 struct vault_wanted *wanted, struct mstr_error *error)
{
    enum mstr_code code = vault_wanted_read(reference, wanted, error);
    return code == MSTR_OK ? check_mount(wanted, vault_mount_guess(wanted->path), kv, error) : code;
}

enum mstr_code vault_check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                           struct mstr_error *error)
{
    struct vault_wanted wanted;
    enum vault_kv kv = VAULT_KV_AUTO;
    enum mstr_code code = vault_kv_read(instance, &kv, error);
    return code == MSTR_OK ? vault_read_wanted(reference, kv, &wanted, error) : code;
}

static enum mstr_code read_reference(struct batch_item *item)
{
    struct vault_read *read = (struct vault_read *)(void *)item;
    const struct vault *vault = item->batch->self;
    enum mstr_code code = vault_read_wanted(item->reference, vault->settings.kv, &read->wanted, item->error);
    const char *own = read->wanted.namespace;
    read->namespace = own != NULL ? own : vault->settings.namespace;
    read->message = (struct vault_message){.settings = &vault->settings, .namespace = read->namespace};
    return code;
}

static void fetch(const struct batch *batch)
{
    const struct vault *vault = batch->self;
    const struct traffic traffic = vault_traffic(&vault->settings, false);
    const struct request like = {.traffic = &traffic, .prepare = prepare, .read = read_answer};
    batch_send(batch, &like);
    vault_denial_judge(batch);
}

static void answer(struct batch_item *item)
{
    const struct vault_read *read = (struct vault_read *)(void *)item;
    const struct vault_value *value = &read->value;
    const struct mstr_meta meta = {.size = sizeof(meta),
                                   .flags = value->fleeting ? MSTR_META_NO_CACHE : 0,
                                   .expires = value->expires,
                                   .version = value->version[0] != '\0' ? value->version : NULL,
                                   .identity = read->token->text != NULL ? read->token->identity : NULL};
    batch_answer(item, value->text, value->length, &meta);
}

static void release(struct batch_item *item)
{
    struct vault_read *read = (struct vault_read *)(void *)item;
    vault_value_release(&read->value);
    vault_token_release(read->token);
    vault_token_release(read->refused);
    vault_message_release(&read->message);
    buffer_release(&read->what);
}

const struct batch_kind vault_reads = {sizeof(struct vault_read), read_reference, fetch, answer, release};
