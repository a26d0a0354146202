/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client assertions (RFC 7523): signed with the key of a certificate that the application has, or issued by somebody
 * it trusts. Certificates and the ids of assertions are known until the next reset.
 */
#include "azure.h"
#include "jwt.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CERTIFICATES_MAX = 32, SKEW = 300, LONGEST_ASSERTION = 24 * 3600, IDS_MAX = 4096 };

static struct registered {
    X509 *certificate;
    char client[64];
} certificates[CERTIFICATES_MAX];
static size_t certificate_count;
static char *used_ids[IDS_MAX]; /* of assertions, which are good for one request */
static size_t used_count;

void azure_assertions_load(void)
{
    while (certificate_count > 0)
        X509_free(certificates[--certificate_count].certificate);
    while (used_count > 0)
        free(used_ids[--used_count]);
}

enum {
    MALFORMED,
    UNREGISTERED,
    UNTIMELY,
    WRONG_AUDIENCE,
    WRONG_ISSUER,
    REUSED,
    FOREIGN_SIGNATURE,
    NO_ISSUER,
    NO_AUDIENCE,
    NO_SUBJECT
};
static const struct azure_refusal refusals[] = {
    [MALFORMED] = {50027, 400, "invalid_request", "JWT token is invalid or malformed."},
    [UNREGISTERED] = {700027, 401, "invalid_client",
                      "The certificate with identifier used to sign the client assertion is not registered on "
                      "application."},
    [UNTIMELY] = {700024, 401, "invalid_client",
                  "Client assertion is not within its valid time range. Please review the documentation at "
                  "https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."},
    [WRONG_AUDIENCE] = {700023, 401, "invalid_client",
                        "Client assertion audience claim does not match Realm issuer."},
    [WRONG_ISSUER] = {700021, 401, "invalid_client",
                      "Client assertion application identifier doesn't match 'client_id' parameter."},
    [REUSED] = {50012, 401, "invalid_client", "The client assertion was used before."},
    [FOREIGN_SIGNATURE] = {50013, 401, "invalid_client", "Assertion failed signature validation."},
    [NO_ISSUER] = {700211, 401, "invalid_client",
                   "No matching federated identity record found for presented assertion issuer."},
    [NO_AUDIENCE] = {700212, 401, "invalid_client",
                     "No matching federated identity record found for presented assertion audience."},
    [NO_SUBJECT] = {700213, 401, "invalid_client",
                    "No matching federated identity record found for presented assertion subject."},
};

/* A NumericDate may have a fraction (RFC 7519 2). */
static bool read_time(const struct sim_jwt *jwt, const char *claim, int64_t *seconds)
{
    struct json_object *value = json_member(jwt->claims, claim);
    bool number = json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
    if (number)
        *seconds = json_object_get_int64(value);
    return number;
}

static bool is_timely(const struct sim_jwt *jwt)
{
    int64_t now = sim_now() / 1000;
    int64_t expires = 0;
    int64_t not_before = now;
    read_time(jwt, "nbf", &not_before);
    return read_time(jwt, "exp", &expires) && expires > now && expires <= now + LONGEST_ASSERTION &&
           not_before <= now + SKEW;
}

static bool says(const struct sim_jwt *jwt, const char *claim, const char *expected)
{
    const char *text = json_member_text(jwt->claims, claim);
    return text && expected && !strcmp(text, expected);
}

/* The URL that was asked. */
static bool is_audience(const struct azure_call *call, const char *audience)
{
    char own[640];
    azure_own_origin(call->request, own, sizeof(own));
    size_t length = strlen(own);
    snprintf(own + length, sizeof(own) - length, "%s", call->request->path);
    return audience && !strcmp(audience, own);
}

/* In either alphabet, with or without padding. */
static bool is_thumbprint(const char *text, X509 *certificate, const EVP_MD *digest)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char given[128];
    struct buffer expected = BUFFER_INIT;
    X509_digest(certificate, digest, hash, &length);
    base64url_encode(&expected, hash, length);
    snprintf(given, sizeof(given), "%s", text);
    given[strcspn(given, "=")] = '\0';
    for (char *at = given; *at; at++)
        *at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at);
    bool same = !strcmp(given, buffer_text(&expected));
    buffer_release(&expected);
    return same;
}

static bool names_certificate(const struct sim_jwt *jwt, X509 *certificate)
{
    const char *sha256 = json_member_text(jwt->header, "x5t#S256");
    const char *sha1 = json_member_text(jwt->header, "x5t");
    return (sha256 || sha1) && (!sha256 || is_thumbprint(sha256, certificate, EVP_sha256())) &&
           (!sha1 || is_thumbprint(sha1, certificate, EVP_sha1()));
}

static X509 *decode_certificate(const char *text)
{
    struct buffer der = BUFFER_INIT;
    X509 *certificate = NULL;
    if (text && base64_decode(&der, text, strlen(text))) {
        const unsigned char *at = (const unsigned char *)buffer_text(&der);
        certificate = d2i_X509(NULL, &at, (long)der.length);
    }
    buffer_release(&der);
    return certificate;
}

/* Trust by subject and issuer: the leaf in the header is signed by a registered authority of the application. */
static bool is_signed_by_chain(const struct sim_jwt *jwt, const char *client)
{
    struct json_object *chain = json_member(jwt->header, "x5c");
    bool sent = json_object_is_type(chain, json_type_array) && json_object_array_length(chain) > 0;
    X509 *leaf = sent ? decode_certificate(json_object_get_string(json_object_array_get_idx(chain, 0))) : NULL;
    bool holds = false;
    for (size_t i = 0; leaf && !holds && i < certificate_count; i++)
        holds = !strcmp(certificates[i].client, client) && X509_check_ca(certificates[i].certificate) == 1 &&
                X509_verify(leaf, X509_get0_pubkey(certificates[i].certificate)) == 1 &&
                names_certificate(jwt, leaf) && sim_jwt_is_signed_by(jwt, X509_get0_pubkey(leaf));
    X509_free(leaf);
    return holds;
}

static bool is_signed_by_app(const struct sim_jwt *jwt, const char *client)
{
    for (size_t i = 0; i < certificate_count; i++)
        if (!strcmp(certificates[i].client, client) && names_certificate(jwt, certificates[i].certificate) &&
            sim_jwt_is_signed_by(jwt, X509_get0_pubkey(certificates[i].certificate)))
            return true;
    return is_signed_by_chain(jwt, client);
}

/* True the first time. */
static bool use_id(const struct sim_jwt *jwt)
{
    const char *id = json_member_text(jwt->claims, "jti");
    for (size_t i = 0; id && i < used_count; i++)
        if (!strcmp(used_ids[i], id))
            return false;
    if (id && used_count < IDS_MAX)
        used_ids[used_count++] = text_copy(id);
    return id != NULL;
}

static const struct azure_refusal *refuse_signed(struct azure_call *call, const struct sim_jwt *jwt,
                                                 const char *client)
{
    if (!says(jwt, "iss", client) || !says(jwt, "sub", client))
        return &refusals[WRONG_ISSUER];
    if (!is_signed_by_app(jwt, client))
        return &refusals[UNREGISTERED];
    if (!is_audience(call, json_member_text(jwt->claims, "aud")))
        return &refusals[WRONG_AUDIENCE];
    if (!is_timely(jwt))
        return &refusals[UNTIMELY];
    return use_id(jwt) ? NULL : &refusals[REUSED];
}

static const struct azure_refusal *refuse_federated(const struct sim_jwt *jwt, struct json_object *app)
{
    struct json_object *records = json_member(app, "federated_credentials");
    struct json_object *record = sim_find(records, "issuer", json_member_text(jwt->claims, "iss"));
    if (!record)
        return &refusals[NO_ISSUER];
    if (!says(jwt, "aud", json_member_text(record, "audience")))
        return &refusals[NO_AUDIENCE];
    if (!says(jwt, "sub", json_member_text(record, "subject")))
        return &refusals[NO_SUBJECT];
    if (!sim_jwt_is_of_issuer(jwt))
        return &refusals[FOREIGN_SIGNATURE];
    return is_timely(jwt) ? NULL : &refusals[UNTIMELY];
}

const struct azure_refusal *azure_assertion_refusal(struct azure_call *call, struct json_object *app,
                                                    const char *assertion)
{
    struct sim_jwt jwt;
    const struct azure_refusal *refusal = &refusals[MALFORMED];
    if (sim_jwt_read(assertion, &jwt)) {
        bool own = json_member(jwt.header, "x5t") || json_member(jwt.header, "x5t#S256");
        refusal = own ? refuse_signed(call, &jwt, json_member_text(app, "client_id")) : refuse_federated(&jwt, app);
    }
    sim_jwt_release(&jwt);
    return refusal;
}

void azure_certificates_admin(struct json_object *arguments, struct sim_reply *reply)
{
    const char *client = json_member_text(arguments, "client_id");
    const char *pem = json_member_text(arguments, "pem");
    if (!azure_find_id("apps", "client_id", client) || !pem || certificate_count == CERTIFICATES_MAX)
        return;
    BIO *memory = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(memory, NULL, NULL, NULL);
    BIO_free(memory);
    if (!certificate)
        return;
    struct registered *registered = &certificates[certificate_count++];
    registered->certificate = certificate;
    snprintf(registered->client, sizeof(registered->client), "%s", client);
    reply->status = 204;
}
