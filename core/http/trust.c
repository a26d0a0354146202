/* Whom TLS trusts. */
#include "http/trust.h"

#include "base/environment.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDED "MSTR_CA_FILE"

enum { BUNDLE_MOST = 16 * 1024 * 1024 };

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

/* To its end, which closes it. False with errno where it cannot be read. */
static bool read_all(int fd, struct buffer *out)
{
    char octets[8192];
    ssize_t got = 0;
    while (!out->failed && ((got = read(fd, octets, sizeof(octets))) > 0 || (got < 0 && errno == EINTR))) {
        buffer_append(out, octets, got > 0 ? (size_t)got : 0);
    }
    int failure = out->failed ? ENOMEM : got < 0 ? errno : 0;
    close(fd);
    errno = failure;
    return failure == 0;
}

static bool read_file(const char *path, struct buffer *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    return fd >= 0 && read_all(fd, out);
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

static enum mstr_code fail(const struct trust_place *place, const char *why, const char *what, mstr_error *error)
{
    error_set(error, MSTR_E_CONFIG, "%s=%s: %s", place->source, place->path, why);
    error_set_hint(error, "%s must name %s", place->source, what);
    return MSTR_E_CONFIG;
}

enum mstr_code trust_check_regular(const char *source, const char *path, mstr_error *error)
{
    struct stat status;
    if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) {
        return MSTR_OK;
    }
    error_set(error, MSTR_E_CONFIG, "%s=%s: it is no regular file", source, path);
    error_set_hint(error, "%s must name a file of certificates or keys, not a pipe, device or folder", source);
    return MSTR_E_CONFIG;
}

static enum mstr_code check_file(const struct trust_place *place, mstr_error *error)
{
    static const char what[] = "a readable PEM file of certificates";
    struct buffer pem = {.limit = BUNDLE_MOST};
    enum mstr_code code = trust_check_regular(place->source, place->path, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (!read_file(place->path, &pem)) {
        code = fail(place, strerror(errno), what, error);
    } else if (!holds_certificate(&pem)) {
        code = fail(place, "it holds no certificate", what, error);
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
            code = fail(&(struct trust_place){place->source, path != NULL ? path : at}, why,
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
        int file = is_hashed_name(entry->d_name)
                       ? openat(dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
                       : -1;
        if (file >= 0) {
            read_all(file, pem);
            buffer_putc(pem, '\n');
        }
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
        if (!read_file(trust->file.path, pem)) {
            return false;
        }
    } else if (trust->folder.path == NULL && system != NULL) {
        read_file(system, pem); /* a system without roots has none */
    }
    return buffer_putc(pem, '\n') && (is_folder(trust->added.path) ? read_folder : read_file)(trust->added.path, pem);
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
