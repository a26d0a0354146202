/* SPDX-License-Identifier: Apache-2.0 */
/* Logins that were only to see whether they work. */
#include "session/saved/login_record.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/environment.h"
#include "base/text.h"
#include "secret/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME = 16, TIME_DIGITS = 20 };

static const char head[] = "mstr-login 1 "; /* the time and a line's end follow, then what is sealed */
static const char sealed_as[] = "refused logins";

/* The user's folder of states, as saved sessions have it. */
static bool put_folder(struct buffer *path)
{
    const char *state = environment_get("XDG_STATE_HOME");
    const char *home = environment_get("HOME");
    if (state != NULL && *state == '/') {
        return buffer_printf(path, "%s/mstr", state);
    }
    return home != NULL && *home == '/' && buffer_printf(path, "%s/.local/state/mstr", home);
}

static enum mstr_code no_place(const char *folder, const char *why, mstr_error *error)
{
    return error_set(error, MSTR_E_CONFIG, "%s: %s", folder, why);
}

/* Makes what is missing of it, and looks whose it is. */
static enum mstr_code make_folder(char *folder, mstr_error *error)
{
    struct stat facts = {.st_mode = 0};
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool there = mkdir(folder, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!there) {
            return no_place(folder, strerror(errno), error);
        }
    }
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return no_place(folder, strerror(errno), error);
    }
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool good = opened >= 0 && fstat(opened, &facts) == 0;
    int reason = errno;
    if (opened >= 0) {
        close(opened);
    }
    return !good ? no_place(folder, strerror(reason), error)
           : facts.st_uid != geteuid() || (facts.st_mode & 022) != 0
               ? no_place(folder, "it belongs to somebody else, or others may write to it", error)
               : MSTR_OK;
}

static enum mstr_code find_path(const struct buffer *account, char **path, mstr_error *error)
{
    unsigned char digest[DIGEST_OCTETS];
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = put_folder(&text) ? make_folder(text.data, error)
                          : text.failed     ? MSTR_E_MEMORY
                                            : no_place("the user's folder of states", "there is none", error);
    digest_of(buffer_text(account), account->length, digest);
    if (code == MSTR_OK && buffer_putc(&text, '/') && hex_encode(&text, digest, NAME) &&
        buffer_puts(&text, ".login")) {
        *path = text_copy(buffer_text(&text));
    }
    buffer_release(&text);
    return code != MSTR_OK ? code : *path != NULL ? MSTR_OK : MSTR_E_MEMORY;
}

/* When the last login was, of the wall clock; 0 = never. What is no such file says nothing. */
static int64_t read_time(const struct buffer *text, size_t *sealed)
{
    char digits[TIME_DIGITS + 1];
    const size_t begin = sizeof(head) - 1;
    *sealed = begin + TIME_DIGITS + 1;
    if (text->length < *sealed || memcmp(text->data, head, begin) != 0) {
        return 0;
    }
    memcpy(digits, text->data + begin, TIME_DIGITS);
    digits[TIME_DIGITS] = '\0';
    return strtoll(digits, NULL, 10);
}

/* What other values were refused cannot be read with these. */
static enum mstr_code read_refused(struct login_record *record, const struct buffer *text, size_t sealed)
{
    struct buffer plain = BUFFER_INIT;
    enum mstr_code code = text->length > sealed ? unseal(record->tried, sealed_as, text->data + sealed,
                                                         text->length - sealed, &plain, NULL)
                                                : MSTR_E_NOT_FOUND;
    if (code == MSTR_OK) {
        refusal_record_read(&record->refused, buffer_text(&plain), plain.length, clock_now());
    }
    buffer_release(&plain);
    return code == MSTR_E_MEMORY ? code : MSTR_OK;
}

static bool is_refused(const struct login_record *record, const struct buffer *tried)
{
    unsigned char digest[REFUSAL_DIGEST];
    const struct refusal *refusal =
        refusal_digest(record->refused.key, tried, digest) ? refusal_record_find(&record->refused, digest) : NULL;
    return refusal != NULL && refusal_pause(refusal, clock_monotonic()) > 0;
}

static enum mstr_code tell_too_soon(int64_t since, bool refused, mstr_error *error)
{
    return error_set(error, MSTR_E_THROTTLED,
                     "%s %" PRId64 " s ago; it is tried once a minute, again in %" PRId64 " s",
                     refused ? "this account was refused" : "this account logged in", since / 1000,
                     (LOGIN_RECORD_PERIOD - since + 999) / 1000);
}

/* What cannot be read says nothing, and the next one takes its place. */
static enum mstr_code read_record(struct login_record *record, const struct buffer *tried, mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    size_t sealed = 0;
    enum mstr_code code = snapshot_file_read(record->path, &text, error);
    int64_t last = code == MSTR_OK ? read_time(&text, &sealed) : 0;
    int64_t since = clock_now() - last;
    if (code != MSTR_OK && code != MSTR_E_MEMORY) {
        mstr_error_clear(error);
        code = MSTR_OK;
    } else if (code == MSTR_OK && last != 0) {
        code = read_refused(record, &text, sealed);
        if (code == MSTR_OK && since >= 0 && since < LOGIN_RECORD_PERIOD && !is_refused(record, tried)) {
            code = tell_too_soon(since, text.length > sealed, error);
        }
    }
    buffer_release(&text);
    return code;
}

enum mstr_code login_record_begin(struct login_record *record, const struct buffer *account,
                                  const struct buffer *tried, const struct limits *limits, mstr_error *error)
{
    *record = (struct login_record){.lock = {.file = -1}};
    record->tried = tried->failed ? NULL : mstr_secret_new(buffer_text(tried), tried->length);
    enum mstr_code code = record->tried != NULL && !account->failed && refusal_record_begin(&record->refused)
                              ? find_path(account, &record->path, error)
                              : MSTR_E_MEMORY;
    if (code == MSTR_OK && (code = snapshot_file_lock(record->path, limits, &record->lock, error)) != MSTR_OK) {
        error_set(error, code, "%s while another process logs in with this account", mstr_code_text(code));
    }
    code = code == MSTR_OK ? snapshot_lock_check(&record->lock, record->path, error) : code;
    code = code == MSTR_OK ? read_record(record, tried, error) : code;
    if (code == MSTR_E_MEMORY) {
        error_set(error, code, "out of memory");
    }
    return code == MSTR_E_DENIED ? MSTR_E_CONFIG : code;
}

enum mstr_code login_record_keep(struct login_record *record, mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    struct buffer plain = BUFFER_INIT;
    int64_t now = clock_now();
    enum mstr_code code = MSTR_OK;
    buffer_printf(&text, "%s%0*" PRId64 "\n", head, (int)TIME_DIGITS, now);
    if (record->refused.count > 0) {
        refusal_record_put(&record->refused, now, &plain);
        code = seal(record->tried, sealed_as, buffer_text(&plain), plain.length, &text, error);
    }
    if (code == MSTR_OK && (text.failed || plain.failed)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    code = code == MSTR_OK ? snapshot_file_write(record->path, buffer_text(&text), text.length, error) : code;
    buffer_release(&plain);
    buffer_release(&text);
    return code;
}

void login_record_end(struct login_record *record)
{
    snapshot_file_unlock(&record->lock);
    mstr_secret_release(record->tried);
    free(record->path);
    explicit_bzero(&record->refused, sizeof(record->refused));
    record->path = NULL;
}
