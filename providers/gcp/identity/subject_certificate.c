/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates as subject tokens: the chain is the token, and the requests which present it use the same
 * certificate in TLS.
 */
#include "base/text.h"
#include "gcp/identity/subject.h"
#include "sdk/file.h"
#include "sdk/jwt.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

enum { CHAIN_MAX = 16 };

static struct json_object *options_of(struct json_object *source)
{
    return json_member(source, "certificate");
}

static enum mstr_code check(const struct gcp_identity *identity, struct json_object *source, struct mstr_error *error)
{
    bool standard = false;
    const char *location = json_member_text(options_of(source), "certificate_config_location");
    json_member_bool(options_of(source), "use_default_certificate_config", &standard);
    return standard == text_empty(location)
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG,
                                 "%s: \"certificate\" needs exactly one of use_default_certificate_config and "
                                 "certificate_config_location",
                                 identity->source);
}

/* Where the configuration of certificates stands: told by the file, the environment or gcloud's folder. */
static bool find_config(struct json_object *source, struct buffer *path)
{
    const char *const given[] = {json_member_text(options_of(source), "certificate_config_location"),
                                 host->environment("GOOGLE_API_CERTIFICATE_CONFIG")};
    const char *folder = host->environment("CLOUDSDK_CONFIG");
    const char *home = host->environment("HOME");
    const char *told = first_filled(given, sizeof(given) / sizeof(*given));
    if (told != NULL) {
        return buffer_puts(path, told);
    }
    if (!text_empty(folder)) {
        return buffer_printf(path, "%s/certificate_config.json", folder);
    }
    return !text_empty(home) && buffer_printf(path, "%s/.config/gcloud/certificate_config.json", home);
}

/* The paths of certificate and key of the workload. */
static enum mstr_code read_config(struct json_object *source, struct subject *subject, struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    struct json_object *config = NULL;
    enum mstr_code code = find_config(source, &path)
                              ? file_read(buffer_text(&path), buffer_text(&path), FILE_GUARDED, &text, error)
                              : host->error_set(error, MSTR_E_NOT_AVAILABLE,
                                                "nothing tells where the configuration of certificates is");
    if (code == MSTR_OK) {
        enum mstr_code parsed = json_read(buffer_text(&text), text.length, &config);
        struct json_object *workload = json_member(json_member(config, "cert_configs"), "workload");
        subject->cert_file = text_copy(json_member_text(workload, "cert_path"));
        subject->key_file = text_copy(json_member_text(workload, "key_path"));
        if (text_empty(subject->cert_file) || text_empty(subject->key_file)) {
            code = host->error_set(error, MSTR_E_CONFIG, "%s: needs cert_path and key_path in cert_configs.workload",
                                   buffer_text(&path));
        }
        code = json_done(NULL, parsed, code, error);
    }
    json_release(config);
    buffer_release(&text);
    buffer_release(&path);
    return code == MSTR_E_NOT_AVAILABLE ? host->error_set(error, MSTR_E_CONFIG,
                                                          "no configuration of certificates: "
                                                          "set GOOGLE_API_CERTIFICATE_CONFIG")
                                        : code;
}

/* Up to CHAIN_MAX certificates of a PEM file; their number, 0 with the error. */
static size_t read_certificates(const char *path, X509 *chain[CHAIN_MAX], struct mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    size_t count = 0;
    if (file_read(path, path, FILE_GUARDED, &text, error) == MSTR_OK) {
        BIO *memory = BIO_new_mem_buf(buffer_text(&text), (int)text.length);
        while (memory != NULL && count < CHAIN_MAX &&
               (chain[count] = PEM_read_bio_X509(memory, NULL, NULL, NULL)) != NULL) {
            count++;
        }
        BIO_free(memory);
        ERR_clear_error();
        if (count == 0) {
            host->error_set(error, MSTR_E_CONFIG, "%s: holds no certificate in PEM form", path);
        }
    }
    buffer_release(&text);
    return count;
}

/* The leaf may stand at the head of its trust chain, where it is not repeated, and nowhere else. */
static enum mstr_code put_chain(X509 *leaf, X509 *const *chain, size_t count, const char *path, struct buffer *token,
                                struct mstr_error *error)
{
    bool good = jwt_put_certificate(token, leaf);
    for (size_t i = 0; good && i < count; i++) {
        bool is_leaf = X509_cmp(leaf, chain[i]) == 0;
        if (is_leaf && i > 0) {
            return host->error_set(error, MSTR_E_CONFIG, "%s: the leaf must be the first of its chain", path);
        }
        good = is_leaf || jwt_put_certificate(token, chain[i]);
    }
    return good && buffer_putc(token, ']') ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

static void free_all(X509 **chain, size_t count)
{
    while (count > 0) {
        X509_free(chain[--count]);
    }
}

static enum mstr_code fetch(const struct gcp_identity *identity, struct json_object *source,
                            const struct mstr_call *call, struct subject *subject, struct mstr_error *error)
{
    X509 *own[CHAIN_MAX];
    X509 *chain[CHAIN_MAX];
    size_t own_count = 0;
    size_t chain_count = 0;
    const char *trust = json_member_text(options_of(source), "trust_chain_path");
    (void)identity;
    (void)call;
    enum mstr_code code = read_config(source, subject, error);
    if (code == MSTR_OK) {
        own_count = read_certificates(subject->cert_file, own, error);
        code = own_count > 0 ? MSTR_OK : MSTR_E_CONFIG;
    }
    if (code == MSTR_OK && !text_empty(trust)) {
        chain_count = read_certificates(trust, chain, error);
        code = chain_count > 0 ? MSTR_OK : MSTR_E_CONFIG;
    }
    if (code == MSTR_OK) {
        code = put_chain(own[0], chain, chain_count, trust, &subject->token, error);
    }
    free_all(chain, chain_count);
    free_all(own, own_count);
    return code;
}

const struct subject_source subject_certificate = {"certificate", check, fetch};
