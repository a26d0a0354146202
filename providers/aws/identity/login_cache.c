/* SPDX-License-Identifier: Apache-2.0 */
/* Files of logins. */
#include "aws/identity/login_cache.h"

#include "aws/config/files.h"
#include "base/base64.h"
#include "sdk/host.h"

#include <string.h>

enum { CACHE_LIMIT = 65536 };
enum { RENEWAL_WINDOW = 5 * 60000 }; /* ms */

enum mstr_code login_tell(const struct login_kind *kind, const struct section *profile, const char *why,
                          struct mstr_error *error)
{
    struct buffer hint = BUFFER_INIT;
    host->error_set(error, MSTR_E_AUTHENTICATION, "%s: %s", kind->name, why);
    buffer_printf(&hint, "run: %s --profile %s", kind->command, profile->name);
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    return MSTR_E_AUTHENTICATION;
}

/* Values of the shared config are trimmed already. */
static bool put_path(const struct login_kind *kind, const char *folder, const char *name, struct buffer *path)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    return files_expand(folder, path) && buffer_putc(path, '/') &&
           EVP_Digest(name, strlen(name), digest, &length, kind->digest(), NULL) == 1 &&
           hex_encode(path, digest, length) && buffer_puts(path, ".json");
}

enum mstr_code login_cache_read(const struct login_kind *kind, const struct mstr_call *call,
                                const struct section *profile, const char *folder, const char *name,
                                struct login_cache *cache, struct mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    *cache = (struct login_cache){.kind = kind, .path = BUFFER_INIT};
    if (!put_path(kind, folder, name, &cache->path)) {
        return host->error_set(error, MSTR_E_CONFIG, "%s: %s: HOME is not set", kind->name, kind->nowhere);
    }
    enum mstr_code code = files_read(call, buffer_text(&cache->path), CACHE_LIMIT, &text, error);
    if (code == MSTR_OK) {
        enum mstr_code parsed = json_read(buffer_text(&text), text.length, &cache->json);
        code = json_done(NULL, parsed, MSTR_OK, error);
    } else if (code == MSTR_E_NOT_FOUND) {
        code = login_tell(kind, profile, kind->missing, error);
    }
    buffer_release(&text);
    return code;
}

void login_cache_release(struct login_cache *cache)
{
    json_release(cache->json);
    buffer_release(&cache->path);
    cache->json = NULL;
}

bool login_cache_lasts(const struct login_cache *cache)
{
    return cache->expires - host->now() > RENEWAL_WINDOW;
}

void login_cache_write(const struct login_cache *cache, const struct surroundings *around, struct buffer *text)
{
    struct mstr_error *why = host->error_new();
    for (const char *const *member = cache->kind->kept; *member != NULL; member++) {
        json_put_member(text, *member, json_member_text(cache->json, *member));
    }
    buffer_putc(text, '}');
    enum mstr_code code = text->failed ? host->error_set(why, MSTR_E_MEMORY, "out of memory")
                                       : files_replace(buffer_text(&cache->path), text, why);
    if (code != MSTR_OK) {
        host->log(around->config->settings->instance, MSTR_LEVEL_WARN, "the renewed login is not kept: %s",
                  host->error_message(why));
    }
    host->error_free(why);
}

bool login_cache_bears(const struct login_cache *cache, const struct surroundings *around,
                       const struct mstr_error *why)
{
    bool holds = cache->expires > host->now();
    if (holds) {
        host->log(around->config->settings->instance, MSTR_LEVEL_WARN, "the login could not be renewed: %s",
                  host->error_message(why));
    }
    return holds;
}
