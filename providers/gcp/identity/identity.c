/* Identities: by type, counted, each with its token cache. */
#include "gcp/identity/identity.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* ms. Metadata servers hand out the same token until 240 s before its end: asking earlier only makes a storm. */
enum { RENEWAL_WINDOW = 225000 };

static const struct credential_type *const types[] = {&credential_service_account,  &credential_authorized_user,
                                                      &credential_external_account, &credential_external_user,
                                                      &credential_impersonated,     &credential_gdch};

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

enum mstr_code credential_type_of(struct json_object *config, const char *source, const struct credential_type **type,
                                  struct mstr_error *error)
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

enum mstr_code credential_parse(const struct mstr_instance *instance, const char *source, const char *text,
                                size_t length, struct credential **out, struct mstr_error *error)
{
    const struct credential_type *type = NULL;
    struct json_object *config = json_parse(text, length);
    if (!json_object_is_type(config, json_type_object)) {
        json_release(config);
        return host->error_set(error, MSTR_E_CONFIG, "%s: is not a JSON object", source);
    }
    enum mstr_code code = credential_type_of(config, source, &type, error);
    if (code != MSTR_OK) {
        json_release(config);
        return code;
    }
    return credential_new(instance, type, source, config, out, error);
}

/* The file's own, which must be the one that GOOGLE_CLOUD_UNIVERSE_DOMAIN asks for: a token sent to another universe
 * would be given away. A metadata server's is compared when it is asked for a token. */
static enum mstr_code find_universe(struct credential *credential, struct mstr_error *error)
{
    const char *own = json_member_text(credential->config, "universe_domain");
    const char *wanted = host->environment("GOOGLE_CLOUD_UNIVERSE_DOMAIN");
    own = text_empty(own) ? UNIVERSE_DEFAULT : own;
    wanted = text_empty(wanted) ? NULL : wanted;
    credential->universe = text_copy(credential->config == NULL && wanted != NULL ? wanted : own);
    if (credential->universe == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (!text_is_made_of(credential->universe, "-.")) {
        return host->error_set(error, MSTR_E_CONFIG, "%s: \"universe_domain\" is no domain", credential->source);
    }
    return wanted == NULL || strcmp(wanted, credential->universe) == 0
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG,
                                 "%s: is of the universe %.100s, but GOOGLE_CLOUD_UNIVERSE_DOMAIN asks for %.100s",
                                 credential->source, credential->universe, wanted);
}

enum mstr_code credential_new(const struct mstr_instance *instance, const struct credential_type *type,
                              const char *source, struct json_object *config, struct credential **out,
                              struct mstr_error *error)
{
    struct credential *credential = calloc(1, sizeof(*credential));
    *out = NULL;
    if (credential == NULL || !renewable_init(&credential->cache, RENEWAL_WINDOW)) {
        free(credential);
        json_release(config);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    credential->type = type;
    credential->instance = instance;
    credential->config = config;
    credential->references = 1;
    credential->source = text_copy(source);
    enum mstr_code code = credential->source != NULL ? find_universe(credential, error)
                                                     : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK && type->open != NULL) {
        code = type->open(credential, error);
    }
    if (code != MSTR_OK) {
        credential_release(credential);
        return code;
    }
    *out = credential;
    return MSTR_OK;
}

struct credential *credential_retain(struct credential *credential)
{
    atomic_fetch_add(&credential->references, 1);
    return credential;
}

void credential_release(struct credential *credential)
{
    if (credential == NULL || atomic_fetch_sub(&credential->references, 1) != 1) {
        return;
    }
    if (credential->type->close != NULL) {
        credential->type->close(credential);
    }
    renewable_destroy(&credential->cache);
    json_release(credential->config);
    free(credential->principal);
    free(credential->universe);
    free(credential->source);
    free(credential);
}

const char *credential_need(const struct credential *credential, const char *member, struct mstr_error *error)
{
    const char *text = json_member_text(credential->config, member);
    if (text_empty(text)) {
        host->error_set(error, MSTR_E_CONFIG, "%s: %s credentials need the text \"%s\"", credential->source,
                        credential->type->name, member);
        return NULL;
    }
    return text;
}

static enum mstr_code fetch(void *data, const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct credential *credential = data;
    return credential->type->fetch(credential, call, token, error);
}

enum mstr_code credential_token(struct credential *credential, const struct mstr_call *call, struct token *token,
                                struct mstr_error *error)
{
    enum mstr_code code = renewable_get(&credential->cache, fetch, credential, call, token, error);
    if (code != MSTR_OK && host->error_text(error, MSTR_DETAIL_STEP) == NULL) {
        host->error_detail(error, MSTR_DETAIL_STEP, credential->source);
    }
    return code;
}
