/* SPDX-License-Identifier: Apache-2.0 */
/* Identities: counted, each with its token. */
#include "gcp/identity/identity.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* ms. Metadata servers hand out the same token until 240 s before its end: asking earlier only makes a storm. */
enum { RENEWAL_WINDOW = 225000 };

/* The file's own, which must be the one that GOOGLE_CLOUD_UNIVERSE_DOMAIN asks for: a token sent to another universe
 * would be given away. A metadata server's is compared when it is asked for a token. */
static enum mstr_code find_universe(struct gcp_identity *identity, struct mstr_error *error)
{
    const char *own = json_member_text(identity->config, "universe_domain");
    const char *wanted = host->environment("GOOGLE_CLOUD_UNIVERSE_DOMAIN");
    own = text_empty(own) ? UNIVERSE_DEFAULT : own;
    wanted = text_empty(wanted) ? NULL : wanted;
    identity->universe = text_copy(identity->config == NULL && wanted != NULL ? wanted : own);
    if (identity->universe == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (!text_is_made_of(identity->universe, "-.")) {
        return host->error_set(error, MSTR_E_CONFIG, "%s: \"universe_domain\" is no domain", identity->source);
    }
    return wanted == NULL || strcmp(wanted, identity->universe) == 0
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG,
                                 "%s: is of the universe %.100s, but GOOGLE_CLOUD_UNIVERSE_DOMAIN asks for %.100s",
                                 identity->source, identity->universe, wanted);
}

static enum mstr_code fetch(struct renewable_token *renewable, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    char *place = (char *)renewable - offsetof(struct gcp_identity, token);
    struct gcp_identity *identity = (struct gcp_identity *)(void *)place;
    return identity->kind->fetch(identity, call, token, error);
}

static void free_identity(struct kept *kept)
{
    struct gcp_identity *identity = (struct gcp_identity *)(void *)kept;
    if (identity->kind->close != NULL) {
        identity->kind->close(identity);
    }
    renewable_destroy(&identity->token.renewable);
    json_release(identity->config);
    free(identity->principal);
    free(identity->universe);
    free(identity->source);
    free(identity->before);
    free(identity);
}

enum mstr_code gcp_identity_new(const struct mstr_instance *instance, const struct gcp_identity_kind *kind,
                                const char *source, struct json_object *config, struct gcp_identity **out,
                                struct mstr_error *error)
{
    struct gcp_identity *identity = calloc(1, sizeof(*identity));
    *out = NULL;
    if (identity == NULL || !renewable_token_init(&identity->token, fetch, RENEWAL_WINDOW, instance)) {
        free(identity);
        json_release(config);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    identity->kind = kind;
    identity->instance = instance;
    identity->config = config;
    kept_init(&identity->kept, free_identity);
    identity->source = text_copy(source);
    enum mstr_code code = identity->source != NULL ? find_universe(identity, error)
                                                   : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK && kind->open != NULL) {
        code = kind->open(identity, error);
    }
    if (code != MSTR_OK) {
        gcp_identity_release(identity);
        return code;
    }
    *out = identity;
    return MSTR_OK;
}

void gcp_identity_release(struct gcp_identity *identity)
{
    kept_release(identity != NULL ? &identity->kept : NULL);
}

const char *gcp_identity_need(const struct gcp_identity *identity, const char *member, struct mstr_error *error)
{
    const char *text = json_member_text(identity->config, member);
    if (text_empty(text)) {
        host->error_set(error, MSTR_E_CONFIG, "%s: %s credentials need the text \"%s\"", identity->source,
                        identity->kind->name, member);
        return NULL;
    }
    return text;
}

bool gcp_identity_need_all(const struct gcp_identity *identity, const char *const members[], struct mstr_error *error)
{
    while (*members != NULL && gcp_identity_need(identity, *members, error) != NULL) {
        members++;
    }
    return *members == NULL;
}

enum mstr_code gcp_identity_fail(const struct gcp_identity *identity, const struct mstr_error *why,
                                 enum mstr_code code, struct mstr_error *error)
{
    struct buffer message = BUFFER_INIT;
    const char *reason = host->error_message(why);
    bool named = identity->config == NULL || text_starts_with(reason, identity->source);
    buffer_printf(&message, "%s%s%s", named ? "" : identity->source, named ? "" : ": ", reason);
    if (!text_empty(identity->before)) {
        buffer_printf(&message, " (before it: %s)", identity->before);
    }
    host->error_set(error, code, "%s", buffer_text(&message));
    host->error_detail(error, MSTR_DETAIL_STEP, identity->source);
    error_add_details(error, why);
    buffer_release(&message);
    return code;
}

enum mstr_code gcp_identity_token(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                                  struct mstr_error *error)
{
    struct mstr_error *why = host->error_new();
    enum mstr_code code = renewable_token_get(&identity->token, call, token, why);
    if (code != MSTR_OK) {
        gcp_identity_fail(identity, why, code, error);
    }
    host->error_free(why);
    return code;
}

void gcp_identity_drop_token(struct gcp_identity *identity, const char *text)
{
    renewable_token_drop(&identity->token, text);
}

/* A service account is known by its name, a user by the login; a federated subject and a machine by the token
 * alone. */
void gcp_identity_digest(const struct gcp_identity *identity, const char *token, char digest[IDENTITY_SIZE])
{
    const char *login = json_member_text(identity->config, "refresh_token");
    const char *const named[] = {identity->universe, identity->principal, login};
    if (identity->principal != NULL || login != NULL) {
        identity_digest_of(named, sizeof(named) / sizeof(*named), digest);
    } else {
        identity_digest_of_token(token, digest);
    }
}
