/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests of the Google plugin share: an instance of it on the fake host, keys and files of their own.
 */
#ifndef MSTR_TESTS_UNIT_GCP_SUPPORT_H
#define MSTR_TESTS_UNIT_GCP_SUPPORT_H

#include "support/plugin.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#define ACCESS_HELLO                                                                                                 \
    "{\"name\":\"projects/1/secrets/s/versions/"                                                                     \
    "3\",\"payload\":{\"data\":\"aGVsbG8=\",\"dataCrc32c\":\"2591144780\"}}"
#define USER_FILE                                                                                                    \
    "{\"type\":\"authorized_user\",\"client_id\":\"id\",\"client_secret\":\"hush\",\"refresh_token\":\"r&t\"}"
#define SERVICE      "https://secretmanager.googleapis.com/*"
#define TOKENS       "https://oauth2.googleapis.com/token"
#define TOKEN_ANSWER "{\"access_token\":\"ya29.first\",\"expires_in\":3600,\"token_type\":\"Bearer\"}"

static EVP_PKEY *rsa_key;

static inline int plugin_setup(void **state)
{
    fake_host_setup(state);
    fake_host_env("NO_GCE_CHECK", "true");
    return plugin_create(NULL);
}

/* Makes the text the file that GOOGLE_APPLICATION_CREDENTIALS names. */
static inline void use_file(const char *text)
{
    write_text(text);
    fake_host_env("GOOGLE_APPLICATION_CREDENTIALS", file_path);
}

/* A user's file, and a token for it. */
static inline int user_setup(void **state)
{
    int result = plugin_setup(state);
    use_file(USER_FILE);
    fake_host_answer("POST", TOKENS, 200, NULL, TOKEN_ANSWER);
    return result;
}

#define METADATA_FLAVOR "Metadata-Flavor: Google"
#define METADATA        "http://127.0.0.1:7/computeMetadata/v1/"

/* A metadata server: its URLs begin with METADATA, its answers have METADATA_FLAVOR. */
static inline int metadata_setup(void **state)
{
    int result = plugin_setup(state);
    fake_host_env("NO_GCE_CHECK", NULL);
    fake_host_env("GCE_METADATA_HOST", "127.0.0.1:7");
    return result;
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

#endif
