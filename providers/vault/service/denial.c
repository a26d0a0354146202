/* SPDX-License-Identifier: Apache-2.0 */
/* What a 403 means. */
#include "vault/service/denial.h"

#include "sdk/host.h"
#include "vault/identity/look_up_self.h"

/* What must be allowed, as policies have it. */
static void note_policy(struct vault_read *read)
{
    bool guess = read->stage == VAULT_GUESS_1 || read->stage == VAULT_GUESS_2;
    bool version_2 = read->stage == VAULT_READ && read->mount.kv == VAULT_KV_2;
    read->policy_mount = guess ? vault_mount_guess(read->wanted.path) : version_2 ? read->mount.length : 0;
    read->unnamed = true;
}

static enum mstr_code tell_denied(struct vault_read *read, struct mstr_error *error)
{
    const char *path = read->wanted.path;
    size_t mount = vault_mount_guess(path);
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

enum mstr_code vault_denial_tell(struct vault_read *read, bool named, struct mstr_error *error)
{
    return named ? tell_refused(read, error) : tell_denied(read, error);
}

static void hint_denied(const struct vault_read *read, const struct buffer *facts)
{
    struct buffer hint = BUFFER_INIT;
    const char *namespace = read->namespace;
    size_t mount = read->policy_mount;
    buffer_printf(&hint, "a policy must allow to read %.*s%s%.200s", (int)mount, read->wanted.path,
                  mount > 0 ? "data/" : "", read->wanted.path + mount);
    buffer_printf(&hint, "%s%s; ", namespace != NULL ? " in namespace " : "", namespace != NULL ? namespace : "");
    if (read->token->text == NULL) {
        buffer_puts(&hint, "no token was sent, as auth = none says: that is for an agent or proxy that has its own");
    } else {
        buffer_printf(&hint, "the token is from %s%s%s", read->token->source, facts->length > 0 ? " and has " : "",
                      buffer_text(facts));
    }
    host->error_detail(read->item.error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
}

/* A token that is not ours is looked up, once for all. */
void vault_denial_judge(const struct batch *batch)
{
    const struct vault *vault = batch->self;
    struct buffer facts = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    bool looked = false;
    for (size_t i = 0; i < batch->count; i++) {
        struct vault_read *read = (struct vault_read *)(void *)batch_at(batch, i);
        if (read->item.code != MSTR_E_DENIED || !read->unnamed) {
            continue;
        }
        if (!looked && !read->token->own && read->token->text != NULL) {
            code = vault_look_up_self(&vault->settings, read->token, batch->call, &facts, NULL);
            looked = true;
        }
        if (code == MSTR_E_DENIED && !read->token->own) {
            read->item.code = tell_refused(read, read->item.error);
        } else {
            hint_denied(read, &facts);
        }
    }
    buffer_release(&facts);
}
