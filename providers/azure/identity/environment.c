/* SPDX-License-Identifier: Apache-2.0 */
/* A service principal out of options or variables: with a client secret, else with a certificate. */
#include "azure/identity/kinds.h"

#include "azure/config/setting.h"
#include "azure/identity/assertion.h"
#include "azure/wire/entra.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/file.h"
#include "sdk/host.h"

#include <string.h>

/* Where each part came from is worth a word, since a stale variable is a common reason for refusals. */
struct principal {
    const char *tenant;
    const char *tenant_from;
    const char *client;
    const char *client_from;
};

/* A certificate to prove by. */
struct own_certificate {
    struct certificate certificate;
    bool with_chain;
};

static bool is_true(const char *text)
{
    return text != NULL &&
           (strcmp(text, "1") == 0 || text_equal_nocase(text, "true") || text_equal_nocase(text, "yes"));
}

static enum mstr_code prove_by_secret(const void *data, const struct proof_context *context, struct buffer *form,
                                      struct mstr_error *error)
{
    (void)context;
    return uri_form_add(form, "client_secret", data) ? MSTR_OK
                                                     : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

static enum mstr_code prove_by_certificate(const void *data, const struct proof_context *context, struct buffer *form,
                                           struct mstr_error *error)
{
    struct buffer jwt = BUFFER_INIT;
    const struct own_certificate *own = data;
    const struct assertion assertion = {
        .client_id = context->client_id,
        .audience = context->audience,
        .now = context->now,
        .with_chain = own->with_chain,
        .adfs = context->adfs,
    };
    enum mstr_code code =
        assertion_sign(&assertion, &own->certificate, &jwt)
            ? entra_put_assertion(buffer_text(&jwt), form, error)
            : host->error_set(error, MSTR_E_CONFIG, "no assertion can be signed with the certificate's key");
    buffer_release(&jwt);
    return code;
}

static void tell_who(const struct turn *turn, const struct principal *principal, const char *by)
{
    buffer_printf(turn->who, "service principal %.80s (%s) of tenant %.80s (%s) by %s", principal->client,
                  principal->client_from, principal->tenant, principal->tenant_from, by);
}

static struct grant grant_of(const struct principal *principal)
{
    return (struct grant){.own_tenant = principal->tenant, .client_id = principal->client, .regional = true};
}

static enum mstr_code by_secret(const struct turn *turn, const struct principal *principal, const char *secret,
                                const char *from, struct token *token, struct mstr_error *error)
{
    struct grant grant = grant_of(principal);
    grant.prove = prove_by_secret;
    grant.data = secret;
    tell_who(turn, principal, from);
    return entra_token(&turn->ask, &grant, token, error);
}

static enum mstr_code by_certificate(const struct turn *turn, const struct principal *principal, const char *path,
                                     const char *from, struct token *token, struct mstr_error *error)
{
    struct buffer what = BUFFER_INIT;
    struct buffer content = BUFFER_INIT;
    struct own_certificate own = {.with_chain = is_true(setting_find(turn->ask.instance, "send_certificate_chain",
                                                                     "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", NULL))};
    const char *password =
        setting_find(turn->ask.instance, "client_certificate_password", "AZURE_CLIENT_CERTIFICATE_PASSWORD", NULL);
    buffer_printf(&what, "%s (%s)", from, path);
    tell_who(turn, principal, buffer_text(&what));
    enum mstr_code code = file_read(path, buffer_text(&what), FILE_GUARDED, &content, error);
    if (code == MSTR_E_NOT_AVAILABLE) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: there is no such file", buffer_text(&what));
    }
    if (code == MSTR_OK) {
        code = certificate_read(buffer_text(&what), content.data, content.length, password, &own.certificate, error);
    }
    if (code == MSTR_OK) {
        struct grant grant = grant_of(principal);
        grant.prove = prove_by_certificate;
        grant.data = &own;
        code = entra_token(&turn->ask, &grant, token, error);
    }
    certificate_release(&own.certificate);
    buffer_release(&content);
    buffer_release(&what);
    return code;
}

static enum mstr_code refuse_user(struct mstr_error *error)
{
    return error_hint(
        error,
        host->error_set(error, MSTR_E_CONFIG,
                        "AZURE_USERNAME and AZURE_PASSWORD are set, but logins by password are not supported"),
        "such a login cannot do multi-factor authentication, and Microsoft retires it: use a "
        "certificate, a client secret or a managed identity, or unset AZURE_USERNAME");
}

enum mstr_code environment_identity(const struct turn *turn, struct token *token, struct mstr_error *error)
{
    struct principal principal = {.tenant = NULL};
    const char *from = NULL;
    principal.tenant = setting_find(turn->ask.instance, "tenant_id", "AZURE_TENANT_ID", &principal.tenant_from);
    principal.client = setting_find(turn->ask.instance, "client_id", "AZURE_CLIENT_ID", &principal.client_from);
    if (principal.tenant == NULL || principal.client == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "%s is not set",
                               principal.client == NULL ? principal.client_from : principal.tenant_from);
    }
    const char *secret = setting_find(turn->ask.instance, "client_secret", "AZURE_CLIENT_SECRET", &from);
    if (secret != NULL) {
        return by_secret(turn, &principal, secret, from, token, error);
    }
    const char *path = setting_find(turn->ask.instance, "client_certificate", "AZURE_CLIENT_CERTIFICATE_PATH", &from);
    if (path != NULL) {
        return by_certificate(turn, &principal, path, from, token, error);
    }
    if (setting_variable("AZURE_USERNAME") != NULL && setting_variable("AZURE_PASSWORD") != NULL) {
        return refuse_user(error);
    }
    return host->error_set(error, MSTR_E_NOT_AVAILABLE,
                           "neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set");
}
