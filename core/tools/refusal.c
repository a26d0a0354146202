/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of references before anybody is asked. */
#include "tools/refusal.h"

#include "tools/injection.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTION "env checked"
#define KEY     "\"A\": " /* what its problems begin with */

static atomic_uint connections;

/* In the place of the C library's, for plugins and libraries too. */
__attribute__((visibility("default"))) int connect(int socket, const struct sockaddr *address, socklen_t length)
{
    atomic_fetch_add(&connections, 1);
    return (int)syscall(SYS_connect, socket, address, length);
}

/* What ends a reference in a setting is escaped. */
char *refusal_setting(const char *reference)
{
    static const char ends[] = " }|$";
    size_t length = 0;
    char *setting = malloc(3 * strlen(reference) + sizeof("${}"));
    if (setting == NULL) {
        return NULL;
    }
    length += (size_t)sprintf(setting, "${");
    for (const char *at = reference; *at != '\0'; at++) {
        length += (size_t)sprintf(setting + length, strchr(ends, *at) != NULL ? "%%%02X" : "%c", *at);
    }
    strcpy(setting + length, "}");
    return setting;
}

static void tell(struct refusal *refusal, const char *what, const char *hint)
{
    refusal->refused = true;
    snprintf(refusal->text, sizeof(refusal->text), "%s%s%s", what, hint != NULL ? "; " : "",
             hint != NULL ? hint : "");
}

static int take(const mstr_config_item *item, void *data)
{
    struct refusal *refusal = data;
    bool ours = item->section != NULL && strcmp(item->section, SECTION) == 0;
    if (ours && !refusal->refused) {
        bool named = strncmp(item->problem, KEY, strlen(KEY)) == 0;
        tell(refusal, item->problem + (named ? strlen(KEY) : 0), item->hint);
    }
    return 0;
}

struct refusal refusal_by_check(const char *config_file)
{
    struct refusal refusal = {.refused = false};
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    unsigned before = connections;
    options.config_file = config_file;
    mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, take, &refusal, NULL);
    refusal.connections = connections - before;
    return refusal;
}

struct refusal refusal_by_resolve(mstr_context *context, const char *reference)
{
    struct refusal refusal = {.refused = false};
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    mstr_secret *secret = NULL;
    mstr_error *error = mstr_error_new();
    unsigned before = connections;
    options.flags = MSTR_CALL_NO_CACHE;
    options.cancel = mstr_cancel_new();
    mstr_cancel_now(options.cancel);
    if (mstr_context_get(context, reference, &options, &secret, error) == MSTR_E_CONFIG) {
        tell(&refusal, mstr_error_message(error), mstr_error_hint(error));
    }
    mstr_secret_release(secret);
    mstr_cancel_free(options.cancel);
    mstr_error_free(error);
    refusal.connections = connections - before;
    return refusal;
}

const char *refusal_fault(const struct refusal *check, const struct refusal *resolve)
{
    if (check->connections > 0) {
        return "check connects to somebody";
    }
    if (resolve->refused && !check->refused) {
        return "check takes what resolve refuses";
    }
    if (check->refused && !resolve->refused) {
        return "check refuses what resolve takes";
    }
    return strcmp(check->text, resolve->text) != 0 ? "check and resolve do not say the same" : NULL;
}

/* One of its scheme with another body. */
static char *with_body(const char *found, const char *body)
{
    int scheme = (int)strcspn(found, ":");
    size_t size = (size_t)scheme + strlen(body) + sizeof(":");
    char *made = malloc(size);
    if (made != NULL) {
        snprintf(made, size, "%.*s:%s", scheme, found, body);
    }
    return made;
}

/* With a query more, whose key nobody knows. */
static char *with_query(const char *found)
{
    static const char query[] = "mstr-provider-test=1";
    int end = (int)strcspn(found, "#");
    size_t size = strlen(found) + sizeof(query) + 1;
    char *made = malloc(size);
    if (made != NULL) {
        snprintf(made, size, "%.*s%c%s%s", end, found, memchr(found, '?', (size_t)end) != NULL ? '&' : '?', query,
                 found + end);
    }
    return made;
}

char *refusal_try(size_t index, const char *found)
{
    static const char *const bodies[] = {"/", "//", "//x", "///x", "..", "a//b", "a/", "%20", "%0A", "https://x"};
    enum { BODIES = sizeof(bodies) / sizeof(*bodies) };
    if (index < BODIES) {
        return with_body(found, bodies[index]);
    }
    if (index == BODIES) {
        return with_query(found);
    }
    size_t next = index - BODIES - 1;
    return injection_name(next) != NULL ? injection_make(next, found) : NULL;
}
