/*
 * What the unit tests of the Google plugin share: an instance of it on the fake host, keys and files of their own.
 */
#ifndef MSTR_TESTS_UNIT_GCP_SUPPORT_H
#define MSTR_TESTS_UNIT_GCP_SUPPORT_H

#include "common/common.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ACCESS_HELLO                                                                                                 \
    "{\"name\":\"projects/1/secrets/s/versions/"                                                                     \
    "3\",\"payload\":{\"data\":\"aGVsbG8=\",\"dataCrc32c\":\"2591144780\"}}"
#define USER_FILE                                                                                                    \
    "{\"type\":\"authorized_user\",\"client_id\":\"id\",\"client_secret\":\"hush\",\"refresh_token\":\"r&t\"}"
#define TOKEN_ANSWER "{\"access_token\":\"ya29.first\",\"expires_in\":3600,\"token_type\":\"Bearer\"}"

static const struct mstr_provider *plugin;
static void *gcp;
static EVP_PKEY *rsa_key;
static char credential_path[] = "/tmp/mstr-gcp-XXXXXX";

static inline int plugin_setup(void **state)
{
    fake_host_setup(state);
    plugin = mstr_provider_entry(fake_host_table());
    fake_host_env("NO_GCE_CHECK", "true");
    strcpy(credential_path, "/tmp/mstr-gcp-XXXXXX");
    close(mkstemp(credential_path));
    return plugin->create(fake_host_instance(NULL), &gcp, NULL) == MSTR_OK ? 0 : -1;
}

static inline int plugin_teardown(void **state)
{
    plugin->destroy(gcp);
    unlink(credential_path);
    return fake_host_teardown(state);
}

/* Makes the text the file that GOOGLE_APPLICATION_CREDENTIALS names. */
static inline void use_file(const char *text)
{
    FILE *file = fopen(credential_path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    fake_host_env("GOOGLE_APPLICATION_CREDENTIALS", credential_path);
}

/* The key in PEM form with \n as JSON has it; `newline` stands at line ends. For free(). */
static inline char *pem_text(const char *newline)
{
    char *text = calloc(1, 8192);
    char *pem = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    rsa_key = rsa_key != NULL ? rsa_key : EVP_RSA_gen(1024); /* small, since it is made under valgrind too */
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(memory, rsa_key, NULL, NULL, 0, NULL, NULL), 1);
    long length = BIO_get_mem_data(memory, &pem);
    for (long i = 0; i < length; i++) {
        const char one[2] = {pem[i], '\0'};
        strcat(text, pem[i] == '\n' ? newline : one);
    }
    BIO_free(memory);
    return text;
}

/* A service account's key file, with `extra` members. */
static inline void use_key_file(const char *newline, const char *extra)
{
    char text[8192];
    char *pem = pem_text(newline);
    snprintf(
        text, sizeof(text),
        "{\"type\":\"service_account\",\"client_email\":\"me@p.iam.gserviceaccount.com\",\"private_key\":\"%s\"%s}",
        pem, extra);
    free(pem);
    use_file(text);
}

static inline struct mstr_request *resolve(const char *reference)
{
    struct mstr_request *request = fake_request_new(reference);
    struct mstr_request *const requests[] = {request};
    plugin->resolve(gcp, requests, 1, fake_host_call());
    assert_true(fake_request_answered(request));
    return request;
}

static inline void assert_resolves(const char *reference, const char *value)
{
    struct mstr_request *request = resolve(reference);
    if (fake_request_code(request) != MSTR_OK) {
        fail_msg("%s", fake_request_message(request));
    }
    assert_string_equal(fake_request_value(request, NULL), value);
    fake_request_free(request);
}

static inline void assert_fails(const char *reference, enum mstr_code code, const char *part)
{
    struct mstr_request *request = resolve(reference);
    assert_contains(fake_request_message(request), part);
    assert_int_equal(fake_request_code(request), code);
    fake_request_free(request);
}

#endif
