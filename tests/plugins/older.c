/* SPDX-License-Identifier: Apache-2.0 */
/* Was built for ABI 1.0, or for 1.1 with a definition of WITH_PROMPT: the layout of that version is written down here
 * once more, so that this plugin notices when a later header moves something. It looks only into what its version
 * had, whatever the host's table has grown to. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reference_1_0 {
    uint32_t size;
    uint32_t query_count;
    const char *text;
    const char *scheme;
    const char *body;
    const void *query;
};

struct request_1_0 {
    uint32_t size;
    uint32_t flags;
    const struct reference_1_0 *reference;
    void *error;
};

struct meta_1_0 {
    uint32_t size;
    uint32_t flags;
    int64_t expires;
    const char *version;
    const char *content_type;
};

struct option_1_0 {
    const char *name;
    int type;
    uint32_t flags;
    const char *default_value;
    const char *help;
};

struct call_1_0 {
    uint32_t size;
    uint32_t reserved;
    int64_t deadline;
    const char *trace_id;
};

typedef void function(void);

/* Members that this plugin does not call keep their places. */
struct host_1_0 {
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t size;
    uint32_t reserved;
    const char *version;
    function *secret_alloc, *secret_free, *now;
    int64_t (*monotonic)(void);
    function *random, *log_enabled, *log;
    const char *(*option)(const void *instance, const char *name);
    function *environment;
    int64_t (*remaining)(const struct call_1_0 *call);
    function *cancelled, *sleep, *http, *http_many, *http_answer, *http_header, *http_free;
    int (*set_value)(struct request_1_0 *request, const void *value, size_t length, const struct meta_1_0 *meta);
    void (*set_error)(struct request_1_0 *request, int code, const char *format, ...);
    function *error_set, *error_detail, *error_code, *error_message, *error_text, *error_new, *error_free,
        *error_copy;
    function *report_step;
#ifdef WITH_PROMPT
    int (*prompt)(const struct call_1_0 *call, const char *question, char *answer, size_t size, void *error);
#endif
};

struct provider_1_0 {
    uint32_t abi_major;
    uint32_t size;
    uint32_t flags;
    uint32_t option_size;
    const char *name;
    const char *version;
    const char *summary;
    const char *const *services;
    const struct option_1_0 *options;
    int (*create)(const void *instance, void **self, void *error);
    void (*resolve)(void *self, struct request_1_0 *const *requests, size_t count, const struct call_1_0 *call);
    function *explain, *invalidate, *destroy;
};

enum { NOT_FOUND = 5, BATCH_AND_THREAD_SAFE = 3 };

static const struct host_1_0 *host;

static int create(const void *instance, void **self, void *error)
{
    static const char *greeting;
    (void)error;
    greeting = host->option(instance, "greeting");
    *self = &greeting;
    return 0;
}

static void resolve(void *self, struct request_1_0 *const *requests, size_t count, const struct call_1_0 *call)
{
    const char *greeting = *(const char **)self;
    const struct meta_1_0 meta = {sizeof(meta), 0, 0, "1.0", NULL};
    for (size_t i = 0; i < count; i++) {
#ifdef WITH_PROMPT
        char answer[16];
        if (strcmp(requests[i]->reference->body, "ask") == 0) {
            int code = host->prompt(call, "greeting", answer, sizeof(answer), requests[i]->error);
            host->set_error(requests[i], code, "there is nobody to ask");
            continue;
        }
#endif
        if (host->remaining(call) <= 0 || strcmp(requests[i]->reference->body, "greeting") != 0) {
            host->set_error(requests[i], NOT_FOUND, "there is no %s", requests[i]->reference->body);
        } else {
            host->set_value(requests[i], greeting, strlen(greeting), &meta);
        }
    }
}

static const struct option_1_0 options[] = {{"greeting", 0, 0, "hello", "what is said"}, {NULL, 0, 0, NULL, NULL}};
static const struct provider_1_0 provider = {
    .abi_major = 1,
    .size = sizeof(provider),
    .flags = BATCH_AND_THREAD_SAFE,
    .option_size = sizeof(struct option_1_0),
    .name = "older",
    .version = "1.0",
    .options = options,
    .create = create,
    .resolve = resolve,
};

__attribute__((visibility("default"))) const struct provider_1_0 *mstr_provider_entry(const struct host_1_0 *given);

const struct provider_1_0 *mstr_provider_entry(const struct host_1_0 *given)
{
    host = given;
    return given->abi_major == 1 && given->size >= sizeof(*given) ? &provider : NULL;
}
