/* SPDX-License-Identifier: Apache-2.0 */
/* The user of a kubeconfig's context (clientcmd/api/v1, AuthInfo). */
#include "kubernetes/identity/user.h"

#include "base/text.h"
#include "kubernetes/identity/exec_helper.h"
#include "kubernetes/identity/impersonation.h"
#include "kubernetes/identity/token_file.h"
#include "sdk/host.h"

#include <string.h>

enum { TOKEN, TOKEN_FILE, USERNAME, PASSWORD, CERTIFICATE, CERTIFICATE_DATA, KEY, KEY_DATA, MEMBERS };
static const char *const members[MEMBERS] = {
    [TOKEN] = "token",       [TOKEN_FILE] = "tokenFile",           [USERNAME] = "username",
    [PASSWORD] = "password", [CERTIFICATE] = "client-certificate", [CERTIFICATE_DATA] = "client-certificate-data",
    [KEY] = "client-key",    [KEY_DATA] = "client-key-data",
};

/* What takes the place of the ways that client-go has lost. */
static const struct {
    const char *name;
    const char *hint;
} replacements[] = {
    {"gcp", "put an exec helper in its place: install gke-gcloud-auth-plugin and run gcloud container clusters "
            "get-credentials"},
    {"azure", "put an exec helper in its place: install kubelogin and run kubelogin convert-kubeconfig"},
    {"oidc",
     "put an exec helper in its place: install kubelogin (kubectl oidc-login) and run kubectl oidc-login setup"},
};

static enum mstr_code refuse_auth_provider(const struct kube_entry *user, struct mstr_error *error)
{
    struct json_object *provider = json_member(user->value, "auth-provider");
    const char *name = json_member_text(provider, "name");
    const char *hint = "put an exec helper in its place: a program that prints credentials";
    struct buffer why = BUFFER_INIT;
    if (provider == NULL) {
        return MSTR_OK;
    }
    for (size_t i = 0; name != NULL && i < sizeof(replacements) / sizeof(*replacements); i++) {
        hint = strcmp(replacements[i].name, name) == 0 ? replacements[i].hint : hint;
    }
    buffer_printf(&why, "has the auth-provider \"%.60s\", which is not supported", name != NULL ? name : "");
    enum mstr_code code = kube_refuse(user, provider, buffer_text(&why), error);
    buffer_release(&why);
    return error_hint(error, code, hint);
}

static bool has_certificate(const char *const texts[MEMBERS])
{
    return texts[CERTIFICATE] != NULL || texts[CERTIFICATE_DATA] != NULL;
}

static enum mstr_code check(const struct kube_entry *user, const char *const texts[MEMBERS], struct mstr_error *error)
{
    bool token = texts[TOKEN] != NULL || texts[TOKEN_FILE] != NULL;
    bool basic = texts[USERNAME] != NULL || texts[PASSWORD] != NULL;
    bool key = texts[KEY] != NULL || texts[KEY_DATA] != NULL;
    const char *why = token && basic                     ? "has a token and a password: one of them must go"
                      : basic && texts[USERNAME] == NULL ? "has a password without a username"
                      : has_certificate(texts) && !key   ? "has a client certificate without its key"
                      : key && !has_certificate(texts)   ? "has a client key without its certificate"
                      : strchr(basic ? texts[USERNAME] : "", ':') ? "has a username with a colon"
                                                                  : NULL;
    return why != NULL ? kube_refuse(user, NULL, why, error) : MSTR_OK;
}

/* The file wins; the token serves where the file is empty or missing. */
static enum mstr_code prove_by_token(const struct kube_entry *user, const char *const texts[MEMBERS],
                                     struct proof *proof, struct mstr_error *error)
{
    enum mstr_code code = MSTR_E_CONFIG;
    struct buffer path = BUFFER_INIT;
    if (texts[TOKEN_FILE] != NULL) {
        code = kube_path(user, texts[TOKEN_FILE], &path)
                   ? token_file_prove(buffer_text(&path), MSTR_E_CONFIG, proof, error)
                   : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&path);
    if (code == MSTR_E_CONFIG && texts[TOKEN] != NULL) {
        struct buffer what = BUFFER_INIT;
        buffer_printf(&what, "%s: the token of user \"%.100s\"", user->file->path, user->name);
        code = proof_set_token(proof, texts[TOKEN], buffer_text(&what), error);
        code = code == MSTR_E_PROTOCOL ? MSTR_E_CONFIG : code;
        buffer_release(&what);
    }
    return code;
}

static enum mstr_code prove_by_certificate(const struct kube_entry *user, const char *const texts[MEMBERS],
                                           struct proof *proof, struct mstr_error *error)
{
    enum mstr_code code = kube_octets(user, members[CERTIFICATE], &proof->certificate, error);
    code = code == MSTR_OK ? kube_octets(user, members[KEY], &proof->key, error) : code;
    if (code == MSTR_OK && (proof->certificate.failed || proof->key.failed)) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK && strstr(buffer_text(&proof->certificate), "-----BEGIN ") == NULL) {
        return kube_refuse(user, NULL, "has a client certificate that is no PEM", error);
    }
    if (code == MSTR_OK && (texts[CERTIFICATE] != NULL || texts[KEY] != NULL)) {
        token_file_age(proof);
    }
    return code;
}

static enum mstr_code prove(struct identity *identity, const struct mstr_call *call, struct proof *proof,
                            struct mstr_error *error)
{
    const struct kube_entry *user = &identity->context.user;
    const char *texts[MEMBERS] = {NULL};
    (void)call;
    enum mstr_code code = kube_texts(user, user->value, members, MEMBERS, texts, error);
    if (code == MSTR_OK && has_certificate(texts)) {
        code = prove_by_certificate(user, texts, proof, error);
    }
    if (code == MSTR_OK && (texts[TOKEN] != NULL || texts[TOKEN_FILE] != NULL)) {
        code = prove_by_token(user, texts, proof, error);
    }
    if (code == MSTR_OK && texts[USERNAME] != NULL &&
        !proof_set_password(proof, texts[USERNAME], texts[PASSWORD] != NULL ? texts[PASSWORD] : "")) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

static const struct identity_kind user_identity = {"kubeconfig user", prove};

enum mstr_code user_settle(struct identity *identity, struct mstr_error *error)
{
    const struct kube_entry *user = &identity->context.user;
    const char *texts[MEMBERS] = {NULL};
    enum mstr_code code = kube_texts(user, user->value, members, MEMBERS, texts, error);
    code = code == MSTR_OK ? refuse_auth_provider(user, error) : code;
    code = code == MSTR_OK ? check(user, texts, error) : code;
    code = code == MSTR_OK ? impersonation_read(user, identity, error) : code;
    bool own = has_certificate(texts) || texts[TOKEN] != NULL || texts[TOKEN_FILE] != NULL || texts[USERNAME] != NULL;
    bool helper = !own && json_member(user->value, "exec") != NULL;
    identity->kind = helper ? &exec_helper_identity : &user_identity;
    return code == MSTR_OK && helper ? exec_helper_check(user, error) : code;
}
