/* SPDX-License-Identifier: Apache-2.0 */
/* Service account keys: a self-signed JWT where the service takes it (AIP-4111), else the JWT-bearer grant. */
#include "base/text.h"
#include "base/uri.h"
#include "gcp/config/url_policy.h"
#include "gcp/identity/kinds.h"
#include "gcp/wire/oauth.h"
#include "sdk/jwt.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

enum { LIFETIME = 3600, BACKDATE = 10 }; /* s; the second against clocks that run ahead */
static const char default_token_uri[] = "https://oauth2.googleapis.com/token";

/* Keys that went through an environment variable often have the two characters \n where lines end. */
static char *with_newlines(const char *pem)
{
    size_t length = strlen(pem);
    char *copy = host->secret_alloc(length + 1);
    size_t to = 0;
    for (size_t at = 0; copy != NULL && at < length; at++) {
        bool escape = pem[at] == '\\' && pem[at + 1] == 'n';
        copy[to++] = escape ? '\n' : pem[at];
        at += escape;
    }
    return copy;
}

static EVP_PKEY *read_pem(const char *pem)
{
    BIO *memory = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = memory != NULL ? PEM_read_bio_PrivateKey(memory, NULL, NULL, (void *)(uintptr_t) "") : NULL;
    BIO_free(memory);
    ERR_clear_error();
    return key;
}

static enum mstr_code open_key(struct gcp_identity *identity, const char *pem, struct mstr_error *error)
{
    char *repaired = strchr(pem, '\n') == NULL ? with_newlines(pem) : NULL;
    EVP_PKEY *key = read_pem(repaired != NULL ? repaired : pem);
    host->secret_free(repaired);
    if (key == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        host->error_set(error, MSTR_E_CONFIG, "%s: \"private_key\" is no RSA key in PEM form", identity->source);
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "download the key again; its line ends may have been lost on the way");
        EVP_PKEY_free(key);
        return MSTR_E_CONFIG;
    }
    identity->state = key;
    return MSTR_OK;
}

/* OpenSSL has a copy of its own from here on. */
static void forget_key_text(const struct gcp_identity *identity)
{
    struct json_object *text = json_object_get(json_member(identity->config, "private_key"));
    json_object_object_del(identity->config, "private_key");
    json_release(text);
}

static const char *token_uri(const struct gcp_identity *identity)
{
    const char *uri = json_member_text(identity->config, "token_uri");
    return text_empty(uri) ? default_token_uri : uri;
}

static enum mstr_code open(struct gcp_identity *identity, struct mstr_error *error)
{
    const char *email = gcp_identity_need(identity, "client_email", error);
    identity->principal = text_copy(email);
    const char *pem = email != NULL ? gcp_identity_need(identity, "private_key", error) : NULL;
    if (pem == NULL) {
        return MSTR_E_CONFIG;
    }
    if (identity->principal == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = url_policy_plain(token_uri(identity), "token_uri", identity->source, error);
    code = code == MSTR_OK ? open_key(identity, pem, error) : code;
    forget_key_text(identity);
    return code;
}

/* A self-signed token is its own proof and has a subject; a grant names the endpoint it is meant for. */
static bool make_jwt(const struct gcp_identity *identity, bool self_signed, int64_t issued, struct buffer *jwt)
{
    struct buffer claims = BUFFER_INIT;
    json_put_member(&claims, "iss", identity->principal);
    json_put_member(&claims, self_signed ? "sub" : "aud", self_signed ? identity->principal : token_uri(identity));
    json_put_member(&claims, "scope", SCOPE_CLOUD_PLATFORM);
    buffer_printf(&claims, ",\"iat\":%lld,\"exp\":%lld}", (long long)issued, (long long)issued + LIFETIME);
    const struct jwt_header header = {.algorithm = JWT_RS256,
                                      .kid = json_member_text(identity->config, "private_key_id")};
    bool good = jwt_sign(identity->state, &header, &claims, jwt);
    buffer_release(&claims);
    return good;
}

static enum mstr_code tell_signature(const struct gcp_identity *identity, struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_CONFIG, "%s: the private key cannot sign", identity->source);
}

static enum mstr_code put_assertion(const void *data, int64_t now, struct buffer *form, struct mstr_error *error)
{
    struct buffer jwt = BUFFER_INIT;
    bool good = make_jwt(data, false, now / 1000 - BACKDATE, &jwt);
    uri_form_add(form, "assertion", buffer_text(&jwt));
    buffer_release(&jwt);
    return good ? MSTR_OK : tell_signature(data, error);
}

static enum mstr_code exchange(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                               struct mstr_error *error)
{
    struct buffer form = BUFFER_INIT;
    uri_form_add(&form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    const struct oauth_request request = {
        .url = token_uri(identity), .form = &form, .prove = put_assertion, .data = identity};
    enum mstr_code code = oauth_token(identity->instance, &request, call, token, error);
    buffer_release(&form);
    return code;
}

static enum mstr_code fetch(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    /* Without a key id the service cannot find the public key; other universes have no endpoint for the exchange. */
    bool self_signed = !text_empty(json_member_text(identity->config, "private_key_id")) ||
                       strcmp(identity->universe, UNIVERSE_DEFAULT) != 0;
    int64_t skew = clock_skew_get(&identity->clock);
    int64_t issued = (host->now() + skew) / 1000 - BACKDATE;
    struct buffer jwt = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (!self_signed) {
        code = exchange(identity, call, token, error);
    } else if (!make_jwt(identity, true, issued, &jwt)) {
        code = tell_signature(identity, error);
    } else if (!token_set(token, buffer_text(&jwt), jwt.length, (issued + LIFETIME) * 1000 - skew)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&jwt);
    return code;
}

static void close_key(struct gcp_identity *identity)
{
    EVP_PKEY_free(identity->state);
}

const struct gcp_identity_kind service_account_identity = {"service_account", open, fetch, close_key};
