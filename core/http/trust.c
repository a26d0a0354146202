/* SPDX-License-Identifier: Apache-2.0 */
/* Whom TLS trusts. */
#include "http/trust.h"

#include "base/environment.h"
#include "base/text.h"
#include "http/tls_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDED "MSTR_CA_FILE"

enum { BUNDLE_MOST = 16 * 1024 * 1024 };

const char *trust_system_file(void)
{
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Alpine, Arch */
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL */
        "/etc/pki/tls/certs/ca-bundle.crt",                  /* older ones */
        "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (access(files[i], R_OK) == 0) {
            return files[i];
        }
    }
    return files[0];
}

static struct trust_place place_of(const char *variable)
{
    const char *path = variable != NULL ? environment_get(variable) : NULL;
    return (struct trust_place){variable, text_empty(path) ? NULL : path};
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A place that can be either. */
static void put(struct trust *trust, struct trust_place place)
{
    if (is_folder(place.path)) {
        trust->folder = place;
    } else {
        trust->file = place;
    }
}

static void find_variables(struct trust *trust)
{
    static const struct {
        const char *file;
        const char *folder;
    } variables[] = {{"SSL_CERT_FILE", "SSL_CERT_DIR"}, {"REQUESTS_CA_BUNDLE", NULL}, {"CURL_CA_BUNDLE", NULL}};
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const struct trust_place file = place_of(variables[i].file);
        trust->folder = place_of(variables[i].folder);
        if (file.path != NULL && (variables[i].folder != NULL || !is_folder(file.path))) {
            trust->file = file;
        } else if (file.path != NULL) {
            trust->folder = file;
        }
        if (trust->file.path != NULL || trust->folder.path != NULL) {
            return;
        }
    }
}

struct trust trust_find(const char *own, const char *given, bool environment)
{
    struct trust trust = {.file.path = NULL};
    const struct trust_place added = environment ? place_of(ADDED) : (struct trust_place){.path = NULL};
    const char *file = text_empty(own) ? given : own;
    if (!text_empty(file)) {
        bool variable = added.path != NULL && strcmp(added.path, file) == 0; /* it stood over the profile's */
        put(&trust, (struct trust_place){variable ? ADDED : "ca_file", file});
    } else if (environment) {
        find_variables(&trust);
        /* References are resolved for the session whose setting it is; a store may be what needs the file. */
        trust.added = added.path != NULL && strstr(added.path, "${") == NULL ? added : trust.added;
    }
    return trust;
}

static bool holds_certificate(const struct buffer *pem)
{
    static const char *const kinds[] = {"", "TRUSTED ", "X509 "};
    char line[64];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        snprintf(line, sizeof(line), "-----BEGIN %sCERTIFICATE-----", kinds[i]);
        if (strstr(buffer_text(pem), line) != NULL) {
            return true;
        }
    }
    return false;
}

static enum mstr_code check_file(const struct trust_place *place, mstr_error *error)
{
    static const char what[] = "a readable PEM file of certificates";
    struct buffer pem = BUFFER_INIT;
    enum mstr_code code = tls_file_read(place->source, place->path, what, &pem, error);
    if (code == MSTR_OK && !holds_certificate(&pem)) {
        code = tls_file_fail(place->source, place->path, "it holds no certificate", what, error);
    }
    buffer_release(&pem);
    return code;
}

/* As OpenSSL looks for them: "5ed36f99.0". */
static bool is_hashed_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && strspn(name + 9, "0123456789") > 0;
}

/* What is wrong with one folder, or NULL. */
static const char *folder_fault(const char *path)
{
    const struct dirent *entry = NULL;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return strerror(errno);
    }
    do {
        entry = readdir(folder);
    } while (entry != NULL && !is_hashed_name(entry->d_name));
    closedir(folder);
    return entry != NULL ? NULL : "it holds no certificate by a hashed name";
}

static enum mstr_code check_folders(const struct trust_place *place, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    for (const char *at = place->path; *at != '\0' && code == MSTR_OK;) {
        size_t length = strcspn(at, ":");
        char *path = text_copy_length(at, length);
        const char *why = path == NULL ? "out of memory" : length > 0 ? folder_fault(path) : NULL;
        if (why != NULL) {
            code = tls_file_fail(place->source, path != NULL ? path : at, why,
                                 "a folder of certificates by hashed names, as `openssl rehash` makes them", error);
        }
        text_wipe_free(path);
        at += length + (at[length] == ':');
    }
    return code;
}

enum mstr_code trust_check(const struct trust *trust, mstr_error *error)
{
    enum mstr_code code = trust->file.path != NULL ? check_file(&trust->file, error) : MSTR_OK;
    if (code == MSTR_OK && trust->folder.path != NULL) {
        code = check_folders(&trust->folder, error);
    }
    if (code == MSTR_OK && trust->added.path != NULL) {
        code = is_folder(trust->added.path) ? check_folders(&trust->added, error) : check_file(&trust->added, error);
    }
    return code;
}

/* The certificates of a folder, one after another. What cannot be read is passed over, as OpenSSL does. */
static bool read_folder(const char *path, struct buffer *pem)
{
    const struct dirent *entry = NULL;
    DIR *folder = opendir(path);
    while (folder != NULL && !pem->failed && (entry = readdir(folder)) != NULL) {
        struct buffer file = BUFFER_INIT;
        if (is_hashed_name(entry->d_name) && buffer_printf(&file, "%s/%s", path, entry->d_name) &&
            tls_file_slurp(buffer_text(&file), pem)) {
            buffer_putc(pem, '\n');
        }
        pem->failed |= file.failed;
        buffer_release(&file);
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return folder != NULL && !pem->failed;
}

bool trust_join(const struct trust *trust, const char *system, struct buffer *pem)
{
    pem->limit = 2 * BUNDLE_MOST;
    if (trust->file.path != NULL) {
        if (!tls_file_slurp(trust->file.path, pem)) {
            return false;
        }
    } else if (trust->folder.path == NULL && system != NULL) {
        tls_file_slurp(system, pem); /* a system without roots has none */
    }
    if (trust->added.path == NULL) {
        return !pem->failed;
    }
    return buffer_putc(pem, '\n') &&
           (is_folder(trust->added.path) ? read_folder : tls_file_slurp)(trust->added.path, pem);
}

void trust_tell(const struct trust *trust, struct buffer *out)
{
    const struct trust_place *const places[] = {&trust->file, &trust->folder, &trust->added};
    const char *before = "";
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i]->path != NULL) {
            buffer_printf(out, "%s%s=%s", before, places[i]->source, places[i]->path);
            before = " and ";
        }
    }
}
