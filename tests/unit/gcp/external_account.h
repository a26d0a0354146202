/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests of external accounts share: their credential files, and the requests that exchange a subject
 * token.
 */
#ifndef MSTR_TESTS_UNIT_GCP_EXTERNAL_ACCOUNT_H
#define MSTR_TESTS_UNIT_GCP_EXTERNAL_ACCOUNT_H

#include "base/buffer.h"
#include "base/uri.h"
#include "unit/gcp/support.h"

#define POOL                                                                                                         \
    "//iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/POOL_ID/providers/PROVIDER_ID"
#define STS "https://sts.googleapis.com/v1/token"
#define IAM "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/sa@p:generateAccessToken"
#define JWT "urn:ietf:params:oauth:token-type:jwt"
#define AWS "urn:ietf:params:aws:token-type:aws4_request"

static inline void use_external(const char *type, const char *source, const char *extra)
{
    char text[4096];
    snprintf(text, sizeof(text),
             "{\"type\":\"external_account\",\"audience\":\"" POOL
             "\",\"subject_token_type\":\"%s\",\"credential_source\":%s%s}",
             type, source, extra);
    use_file(text);
}

/* A field of a form that was sent, decoded; for free(). */
static inline char *field(size_t request, const char *name)
{
    struct buffer value = BUFFER_INIT;
    char start[64];
    snprintf(start, sizeof(start), "%s=", name);
    const char *at = fake_host_request(request)->body;
    while (at != NULL && strncmp(at, start, strlen(start)) != 0) {
        at = strchr(at, '&');
        at = at != NULL ? at + 1 : NULL;
    }
    assert_non_null(at);
    at += strlen(start);
    assert_true(uri_decode(&value, at, strcspn(at, "&")));
    return buffer_take(&value);
}

static inline void assert_field(size_t request, const char *name, const char *value)
{
    char *text = field(request, name);
    assert_string_equal(text, value);
    buffer_free_text(text);
}

static inline void answer_exchange(void)
{
    fake_host_answer("POST", STS, 200, NULL, "{\"access_token\":\"federated\",\"expires_in\":\"3600\"}");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
}

#endif
