/* Identities: by kind, counted, each with its token. */
#include "gcp/identity/identity.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* ms. Metadata servers hand out the same token until 240 s before its end: asking earlier only makes a storm. */
enum { RENEWAL_WINDOW = 225000 };

static const struct gcp_identity_kind *const types[] = {&service_account_identity,  &authorized_user_identity,
                                                        &external_account_identity, &external_user_identity,
                                                        &impersonated_identity,     &gdch_identity};

static enum mstr_code unknown_type(const char *type, const char *source, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_CONFIG, "%s: %s%.64s%s", source,
                    type == NULL ? "has no \"type\"" : "has the unknown type \"", type == NULL ? "" : type,
                    type == NULL ? "" : "\"");
    host->error_detail(
        error, MSTR_DETAIL_HINT,
        "known types are service_account, authorized_user, external_account, "
        "external_account_authorized_user and impersonated_service_account; an OAuth client id file is "
        "no credential");
    return MSTR_E_CONFIG;
}

enum mstr_code gcp_identity_kind_of(struct json_object *config, const char *source,
                                    const struct gcp_identity_kind **type, struct mstr_error *error)
{
    const char *name = json_member_text(config, "type");
    for (size_t i = 0; name != NULL && i < sizeof(types) / sizeof(*types); i++) {
        if (strcmp(types[i]->name, name) == 0) {
            *type = types[i];
            return MSTR_OK;
        }
    }
    return unknown_type(name, source, error);
}

enum mstr_code gcp_identity_parse(const struct mstr_instance *instance, const char *source, const char *text,
                                  size_t length, struct gcp_identity **out, struct mstr_error *error)
{
    const struct gcp_identity_kind *type = NULL;
    struct json_object *config = json_parse(text, length);
    if (!json_object_is_type(config, json_type_object)) {
        json_release(config);
        return host->error_set(error, MSTR_E_CONFIG, "%s: is not a JSON object", source);
    }
    enum mstr_code code = gcp_identity_kind_of(config, source, &type, error);
    if (code != MSTR_OK) {
        json_release(config);
        return code;
    }
    return gcp_identity_new(instance, type, source, config, out, error);
}

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

enum mstr_code gcp_identity_new(const struct mstr_instance *instance, const struct gcp_identity_kind *type,
                                const char *source, struct json_object *config, struct gcp_identity **out,
                                struct mstr_error *error)
{
    struct gcp_identity *identity = calloc(1, sizeof(*identity));
    *out = NULL;
    if (identity == NULL || !renewable_init(&identity->cache, RENEWAL_WINDOW)) {
        free(identity);
        json_release(config);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    identity->kind = type;
    identity->instance = instance;
    identity->config = config;
    identity->references = 1;
    identity->source = text_copy(source);
    enum mstr_code code = identity->source != NULL ? find_universe(identity, error)
                                                   : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK && type->open != NULL) {
        code = type->open(identity, error);
    }
    if (code != MSTR_OK) {
        gcp_identity_release(identity);
        return code;
    }
    *out = identity;
    return MSTR_OK;
}

struct gcp_identity *gcp_identity_retain(struct gcp_identity *identity)
{
    atomic_fetch_add(&identity->references, 1);
    return identity;
}

void gcp_identity_release(struct gcp_identity *identity)
{
    if (identity == NULL || atomic_fetch_sub(&identity->references, 1) != 1) {
        return;
    }
    if (identity->kind->close != NULL) {
        identity->kind->close(identity);
    }
    renewable_destroy(&identity->cache);
    json_release(identity->config);
    free(identity->principal);
    free(identity->universe);
    free(identity->source);
    free(identity);
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

static enum mstr_code fetch(void *data, const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct gcp_identity *identity = data;
    return identity->kind->fetch(identity, call, token, error);
}

enum mstr_code gcp_identity_token(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                                  struct mstr_error *error)
{
    enum mstr_code code = renewable_get(&identity->cache, fetch, identity, call, token, error);
    if (code != MSTR_OK && host->error_text(error, MSTR_DETAIL_STEP) == NULL) {
        host->error_detail(error, MSTR_DETAIL_STEP, identity->source);
    }
    return code;
}
