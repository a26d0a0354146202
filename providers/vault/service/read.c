/* Reading secrets. */
#include "vault/service/read.h"

#include "base/text.h"
#include "sdk/host.h"
#include "vault/identity/look_up_self.h"

#include <stdlib.h>
#include <string.h>

/* Reads that go side by side, in one call. */
struct vault_batch {
    struct vault *vault;
    const struct mstr_call *call;
    const struct vault_read *first;
    bool tokenless; /* no token could be had: */
    enum mstr_code code;
    struct mstr_error *why;
};

static const char look_up_path[] = "sys/internal/ui/mounts";
static const char versioned[] = "Invalid path for a versioned K/V secrets engine";

static const char *namespace_of(const struct vault_read *read)
{
    const char *own = read->wanted.namespace;
    return own != NULL ? own : read->batch->vault->settings.namespace;
}

/* The first segment with its slash, which is the mount unless Vault says otherwise. */
static size_t first_segment(const char *path)
{
    size_t length = strcspn(path, "/");
    return path[length] == '/' ? length + 1 : length;
}

static void learn(struct vault_read *read, size_t length, enum vault_kv kv)
{
    read->mount = (struct vault_mount){length, kv};
    if (read->wanted.path[length - 1] == '/') { /* else it is the mount itself, which is no secret */
        vault_mounts_learn(&read->batch->vault->mounts, namespace_of(read), read->wanted.path, &read->mount);
    }
}

/* A token, where the last one was taken for an attempt before or let go. What one read of a batch could not have,
 * others do not ask for again. */
static enum mstr_code authorize(struct vault_read *read, struct mstr_error *error)
{
    struct vault_batch *batch = read->batch;
    struct vault_token *token = NULL;
    if (batch->tokenless) {
        host->error_copy(error, batch->why);
        return batch->code;
    }
    enum mstr_code code = vault_tokens_get(&batch->vault->tokens, batch->call, &token, error);
    if (code != MSTR_OK) {
        batch->tokenless = true;
        batch->code = code;
        host->error_copy(batch->why, error);
        return code;
    }
    vault_token_release(read->token);
    read->token = token;
    identity_digest(token->text != NULL ? token->text : "", read->identity);
    return MSTR_OK;
}

/* Whether a token that was found anew is the one that was refused, of which all is told already. */
static bool is_refused(const struct vault_read *read)
{
    return read->replaced && strcmp(read->identity, read->refused) == 0;
}

/* Another of the batch, before this one, that looks up the same mount, as far as that can be told. */
static const struct vault_read *find_leader(const struct vault_read *read)
{
    size_t length = first_segment(read->wanted.path);
    const char *namespace = namespace_of(read);
    for (const struct vault_read *other = read->batch->first; other < read; other++) {
        const char *others = namespace_of(other);
        bool same = namespace == others || (namespace != NULL && others != NULL && strcmp(namespace, others) == 0);
        if (other->looks && same && strncmp(other->wanted.path, read->wanted.path, length) == 0) {
            return other;
        }
    }
    return NULL;
}

/* What is known of the mount. Nothing is known yet, and another finds out: then this one is held. */
static enum mstr_code locate(struct vault_read *read, bool *held, struct mstr_error *error)
{
    struct vault *vault = read->batch->vault;
    const struct vault_read *leader = NULL;
    if (read->stage != VAULT_LOOK_UP) {
        return MSTR_OK;
    }
    if (vault->settings.kv != VAULT_KV_AUTO) {
        read->mount = (struct vault_mount){first_segment(read->wanted.path), vault->settings.kv};
    } else {
        read->mount = vault_mounts_find(&vault->mounts, namespace_of(read), read->wanted.path);
    }
    if (read->mount.kv != VAULT_KV_AUTO) {
        read->stage = VAULT_READ;
        return MSTR_OK;
    }
    leader = read->looks ? NULL : find_leader(read);
    *held = leader != NULL && !leader->request->done && leader->stage == VAULT_LOOK_UP;
    if (leader != NULL && leader->request->done && leader->stage == VAULT_LOOK_UP) {
        host->error_copy(error, leader->error);
        return leader->request->code;
    }
    read->looks = !*held;
    return MSTR_OK;
}

/* MOUNT/data/REST for version 2. */
static enum mstr_code put_path(struct vault_read *read, size_t mount, struct mstr_error *error)
{
    struct vault_message *message = &read->message;
    const char *path = read->wanted.path;
    if (path[mount] == '\0') {
        return error_hint(error,
                          host->error_set(error, MSTR_E_CONFIG, "the reference names the mount %.200s alone", path),
                          "write MOUNT/PATH");
    }
    char *name = text_copy_length(path, path[mount - 1] == '/' ? mount - 1 : mount);
    bool good = name != NULL && vault_message_add(message, name) && vault_message_add(message, "data") &&
                vault_message_add(message, path + mount);
    free(name);
    return good ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

static enum mstr_code put_url(struct vault_read *read, struct mstr_error *error)
{
    struct vault_message *message = &read->message;
    bool version_2 = read->stage == VAULT_GUESS_2 || (read->stage == VAULT_READ && read->mount.kv == VAULT_KV_2);
    enum mstr_code code = MSTR_OK;
    buffer_clear(&message->path);
    buffer_clear(&read->what);
    if (read->wanted.version != 0 && !version_2 && read->stage != VAULT_LOOK_UP) {
        return error_hint(error,
                          host->error_set(error, MSTR_E_CONFIG, "the reference has a version, but %.200s has none",
                                          read->wanted.path),
                          "versions are of version 2 of the key/value engine; leave ?version= out");
    }
    if (version_2) {
        size_t mount = read->stage == VAULT_READ ? read->mount.length : first_segment(read->wanted.path);
        code = put_path(read, mount, error);
    } else if (read->stage == VAULT_LOOK_UP) {
        vault_message_add(message, look_up_path);
        vault_message_add(message, read->wanted.path);
    } else {
        vault_message_add(message, read->wanted.path);
    }
    buffer_printf(&read->what, "%s%.300s", read->stage == VAULT_LOOK_UP ? "looking up the mount of " : "reading ",
                  read->stage == VAULT_LOOK_UP ? read->wanted.path : buffer_text(&message->path) + 1);
    if (version_2 && read->wanted.version != 0) {
        buffer_printf(&message->path, "?version=%lld", (long long)read->wanted.version);
    }
    message->asked = (struct vault_asked){.what = buffer_text(&read->what)};
    return code == MSTR_OK && (message->path.failed || read->what.failed)
               ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
               : code;
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

/* The mount as the look-up tells it: its path, which may lie in a child namespace, and the version as a text. */
static enum mstr_code read_mount(const struct vault_answer *answer, const char *path, struct vault_mount *mount,
                                 struct mstr_error *error)
{
    const char *found = json_member_text(answer->data, "path");
    const char *type = json_member_text(answer->data, "type");
    const char *version = json_member_text(json_member(answer->data, "options"), "version");
    size_t length = found != NULL ? strlen(found) : 0;
    size_t whole = strlen(path);
    bool fits = length > 0 && found[length - 1] == '/' && type != NULL &&
                (strncmp(path, found, length) == 0 || (whole + 1 == length && strncmp(path, found, whole) == 0));
    if (!fits) {
        return host->error_set(error, MSTR_E_PROTOCOL, "Vault answered with another mount, \"%.100s\"",
                               found != NULL ? found : "");
    }
    bool keyed = strcmp(type, "kv") == 0 || strcmp(type, "generic") == 0;
    *mount = (struct vault_mount){.length = length < whole ? length : whole,
                                  .kv = !keyed                                         ? VAULT_KV_NONE
                                        : version != NULL && strcmp(version, "2") == 0 ? VAULT_KV_2
                                                                                       : VAULT_KV_1};
    return MSTR_OK;
}

static enum mstr_code take_mount(struct vault_read *read, const struct vault_answer *answer, struct attempt *attempt,
                                 struct mstr_error *error)
{
    struct vault_mount mount;
    enum mstr_code code = read_mount(answer, read->wanted.path, &mount, error);
    if (code != MSTR_OK) {
        return code;
    }
    learn(read, mount.length, mount.kv);
    read->spared = read->cautious && mount.kv == VAULT_KV_NONE;
    return read->spared ? MSTR_OK : go_on(read, VAULT_READ, attempt);
}

/* What was read dies with the token that read it, if it lives by a lease. */
static void note_lease(const struct vault_read *read, const struct vault_answer *answer, struct vault_value *value)
{
    const struct vault_token *token = read->token;
    struct vault *vault = read->batch->vault;
    if (!value->leased) {
        return;
    }
    atomic_store(&read->token->leased, true);
    if (token->expires != 0 && (value->expires == 0 || value->expires > token->expires)) {
        value->expires = token->expires;
    }
    if (vault->settings.revoke && !token->own) {
        vault_leases_note(&vault->leases, namespace_of(read), answer->lease_id);
    }
}

static enum mstr_code take_value(struct vault_read *read, const struct mstr_http_answer *http,
                                 const struct vault_answer *answer, struct mstr_error *error)
{
    bool guess = read->stage == VAULT_GUESS_1 || read->stage == VAULT_GUESS_2;
    if (guess) {
        learn(read, first_segment(read->wanted.path), read->stage == VAULT_GUESS_2 ? VAULT_KV_2 : VAULT_KV_1);
        read->stage = VAULT_READ;
    }
    vault_answer_log_warnings(answer, read->message.settings->instance, buffer_text(&read->what));
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
    if (code == MSTR_OK) {
        code = read->stage == VAULT_LOOK_UP ? take_mount(read, &answer, attempt, error)
                                            : take_value(read, http, &answer, error);
    }
    vault_answer_release(&answer);
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
    if (read->stage == VAULT_LOOK_UP) {
        learn(read, first_segment(path), VAULT_KV_1); /* a server from before the look-up */
        return go_on(read, VAULT_READ, attempt);
    }
    if (read->stage == VAULT_GUESS_2 && read->wanted.version == 0) {
        return go_on(read, VAULT_GUESS_1, attempt);
    }
    code = vault_message_refused(&read->message, attempt, response, NULL, error);
    if (text_starts_with(path + first_segment(path), "data/")) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "leave data/ out of the reference: it is put in where it belongs");
    }
    return code;
}

/* What must be allowed, as policies have it. */
static void note_policy(struct vault_read *read)
{
    bool guess = read->stage == VAULT_GUESS_1 || read->stage == VAULT_GUESS_2;
    bool version_2 = read->stage == VAULT_READ && read->mount.kv == VAULT_KV_2;
    read->policy_mount = guess ? first_segment(read->wanted.path) : version_2 ? read->mount.length : 0;
    read->unnamed = true;
}

static enum mstr_code tell_denied(struct vault_read *read, struct mstr_error *error)
{
    const char *path = read->wanted.path;
    size_t mount = first_segment(path);
    if (read->stage != VAULT_GUESS_1) {
        note_policy(read);
        return MSTR_E_DENIED;
    }
    if (!read->denied) {
        return host->error_set(error, MSTR_E_NOT_FOUND, "reading %.*sdata/%.200s: nothing is there", (int)mount, path,
                               path + mount);
    }
    note_policy(read);
    return host->error_set(
        error, MSTR_E_DENIED,
        "reading %.200s: Vault denies the look-up of its mount, and to read %.*sdata/%.200s and %.200s", path,
        (int)mount, path, path + mount, path);
}

static enum mstr_code tell_refused(const struct vault_read *read, struct mstr_error *error)
{
    host->error_set(
        error, MSTR_E_AUTHENTICATION,
        "%s: Vault does not take the token from %s: it has expired, was revoked, or is of another namespace",
        buffer_text(&read->what), read->token->source);
    return MSTR_E_AUTHENTICATION;
}

/* A 403 says that the token has no permission, or that it is none: another one is tried once. */
static enum mstr_code read_denied(struct vault_read *read, struct mstr_http_response *response,
                                  struct attempt *attempt, struct mstr_error *error)
{
    bool named = false;
    enum mstr_code code = vault_message_refused(&read->message, attempt, response, &named, error);
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
    code = named ? tell_refused(read, error) : tell_denied(read, error);
    if (code != MSTR_E_NOT_FOUND && !read->replaced &&
        vault_tokens_replace(&read->batch->vault->tokens, read->token, named)) {
        read->replaced = true;
        strcpy(read->refused, read->identity);
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
        return vault_message_refused(&read->message, attempt, response, NULL, error);
    }
}

static void hint_denied(const struct vault_read *read, const struct buffer *facts)
{
    struct buffer hint = BUFFER_INIT;
    const char *namespace = namespace_of(read);
    size_t mount = read->policy_mount;
    buffer_printf(&hint, "a policy must allow to read %.*s%s%.200s", (int)mount, read->wanted.path,
                  mount > 0 ? "data/" : "", read->wanted.path + mount);
    buffer_printf(&hint, "%s%s; the token is from %s%s%s", namespace != NULL ? " in namespace " : "",
                  namespace != NULL ? namespace : "", read->token->source, facts->length > 0 ? " and has " : "",
                  buffer_text(facts));
    host->error_detail(read->error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
}

/* A server may say the same of a token that is none and of one that may not. One that is not ours is looked up, once
 * for all. */
static void judge_denied(const struct vault_batch *batch, struct vault_read *reads, size_t count)
{
    struct buffer facts = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    bool looked = false;
    for (size_t i = 0; i < count; i++) {
        struct vault_read *read = &reads[i];
        if (read->code != MSTR_E_DENIED || !read->unnamed) {
            continue;
        }
        if (!looked && !read->token->own && read->token->text != NULL) {
            code = vault_look_up_self(&batch->vault->settings, read->token, batch->call, &facts, NULL);
            looked = true;
        }
        if (code == MSTR_E_DENIED && !read->token->own) {
            read->code = tell_refused(read, read->error);
        } else {
            hint_denied(read, &facts);
        }
    }
    buffer_release(&facts);
}

/* The one before it that is answered by the same request. */
static const struct vault_read *find_same(const struct vault_read *first, const struct vault_read *read)
{
    for (const struct vault_read *other = first; other < read; other++) {
        if (other->code == MSTR_OK && vault_wanted_equal(&other->wanted, &read->wanted)) {
            return other;
        }
    }
    return NULL;
}

void vault_read_many(struct vault *vault, struct vault_read *reads, size_t count, const struct mstr_call *call)
{
    const struct traffic traffic = vault_traffic(&vault->settings, false);
    struct vault_batch batch = {.vault = vault, .call = call, .first = reads, .why = host->error_new()};
    struct request *requests = calloc(count, sizeof(*requests));
    size_t sent = 0;
    for (size_t i = 0; i < count; i++) {
        struct vault_read *read = &reads[i];
        read->batch = &batch;
        if (read->code == MSTR_OK && requests == NULL) {
            read->code = host->error_set(read->error, MSTR_E_MEMORY, "out of memory");
        } else if (read->code == MSTR_OK && (read->same = find_same(reads, read)) == NULL) {
            read->message = (struct vault_message){.settings = &vault->settings, .namespace = namespace_of(read)};
            read->request = &requests[sent];
            requests[sent++] = (struct request){
                .traffic = &traffic, .error = read->error, .prepare = prepare, .read = read_answer, .data = read};
        }
    }
    request_send_many(requests, sent, call);
    for (size_t i = 0; i < sent; i++) {
        ((struct vault_read *)requests[i].data)->code = requests[i].code;
    }
    free(requests);
    judge_denied(&batch, reads, count);
    host->error_free(batch.why);
}

void vault_read_release(struct vault_read *read)
{
    vault_value_release(&read->value);
    vault_token_release(read->token);
    vault_message_release(&read->message);
    buffer_release(&read->what);
}
