/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fetching a secret costs without this library: a program that does nothing but the same requests, one after
 * another over one handle of libcurl, and drops the answers.
 *
 *   bare_fetch URL [-H HEADER]... [-d BODY] [-s KEY] [-c CA] [--next URL ...]
 *
 * From -c on, servers are held against the certificates of that file. With -s, the last header is what an RSA key in
 * PEM form signs, and the signature is appended to it.
 */
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

enum { HEADER_MAX = 4096, SIGNATURE_MAX = 512 };

static size_t drop(char *octets, size_t size, size_t count, void *data)
{
    (void)octets;
    (void)data;
    return size * count;
}

/* The header with a dot and the signature of its last word, in base64url. */
static int sign(const char *header, const char *key_file, char out[HEADER_MAX])
{
    unsigned char signature[SIGNATURE_MAX];
    size_t length = sizeof(signature);
    const char *text = strrchr(header, ' ') + 1;
    FILE *file = fopen(key_file, "re");
    EVP_PKEY *key = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int used = snprintf(out, HEADER_MAX, "%s.", header);
    int good = key != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
               EVP_DigestSign(context, signature, &length, (const unsigned char *)text, strlen(text)) == 1 &&
               used + SIGNATURE_MAX * 4 / 3 + 4 < HEADER_MAX;
    if (good) {
        EVP_EncodeBlock((unsigned char *)out + used, signature, (int)length);
        for (char *at = out + used; *at != '\0'; at++) {
            *at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at == '=' ? '\0' : *at);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}

/* One request of the command line; gives where the next begins. */
static char **send_one(CURL *handle, char **argument, int *failed)
{
    char signed_header[HEADER_MAX];
    struct curl_slist *headers = NULL;
    const char *body = NULL;
    const char *key = NULL;
    const char *last = NULL;
    long status = 0;
    curl_easy_setopt(handle, CURLOPT_URL, *argument++);
    for (; *argument != NULL && strcmp(*argument, "--next") != 0 && argument[1] != NULL; argument += 2) {
        if (strcmp(*argument, "-H") == 0) {
            headers = last != NULL ? curl_slist_append(headers, last) : headers;
            last = argument[1];
        } else if (strcmp(*argument, "-s") == 0) {
            key = argument[1];
        } else if (strcmp(*argument, "-c") == 0) {
            curl_easy_setopt(handle, CURLOPT_CAINFO, argument[1]);
        } else {
            body = argument[1];
        }
    }
    if (last != NULL) {
        *failed = key != NULL && !sign(last, key, signed_header);
        headers = curl_slist_append(headers, key != NULL ? signed_header : last);
    }
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    if (body != NULL) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
    }
    if (curl_easy_perform(handle) != CURLE_OK ||
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200) {
        *failed = 1;
    }
    curl_slist_free_all(headers);
    return *argument != NULL ? argument + 1 : argument;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    for (char **argument = argv + 1; *argument != NULL && !failed;) {
        argument = send_one(handle, argument, &failed);
    }
    curl_easy_cleanup(handle);
    curl_global_cleanup();
    return failed;
}
