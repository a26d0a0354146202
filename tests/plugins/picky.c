/* SPDX-License-Identifier: Apache-2.0 */
/* Takes names of small letters alone and no query, which `check` tells as `resolve` does, unless the option `breaks`
 * says in which way it does not. */
#include "double.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct mstr_option options[] = {
    {"breaks", MSTR_OPTION_STRING, 0, "nothing", "lax, strict, other-words, mute or connects"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static const char hint[] = "write another name";

static enum mstr_code judge(const struct mstr_reference *reference, struct mstr_error *error)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    if (reference->query_count == 0 && strspn(reference->body, letters) == strlen(reference->body)) {
        return MSTR_OK;
    }
    host->error_set(error, MSTR_E_CONFIG, "picky takes small letters alone");
    host->error_detail(error, MSTR_DETAIL_HINT, hint);
    return MSTR_E_CONFIG;
}

/* To a port where nobody listens. */
static void connect_to_nobody(void)
{
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(1)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    connect(descriptor, (const struct sockaddr *)&address, sizeof(address));
    close(descriptor);
}

static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    const char *breaks = host->option(instance, "breaks");
    breaks = breaks != NULL ? breaks : "nothing"; /* its section's options are not known */
    if (strcmp(breaks, "connects") == 0) {
        connect_to_nobody();
    }
    if (strcmp(breaks, "lax") == 0) {
        return MSTR_OK;
    }
    if (strcmp(breaks, "strict") == 0) {
        return host->error_set(error, MSTR_E_CONFIG, "picky takes nothing");
    }
    enum mstr_code code = judge(reference, strcmp(breaks, "mute") == 0 ? NULL : error);
    return code != MSTR_OK && strcmp(breaks, "other-words") == 0 ? host->error_set(error, code, "no") : code;
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    for (size_t i = 0; i < count; i++) {
        if (judge(requests[i]->reference, requests[i]->error) == MSTR_OK) {
            double_resolve(self, &requests[i], 1, call);
        } else {
            host->set_error(requests[i], MSTR_E_CONFIG, "%s", host->error_message(requests[i]->error));
            host->error_detail(requests[i]->error, MSTR_DETAIL_HINT, hint);
        }
    }
}

static const struct mstr_provider provider = {.abi_major = MSTR_ABI_MAJOR,
                                              .size = sizeof(provider),
                                              .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
                                              .option_size = sizeof(struct mstr_option),
                                              .name = "picky",
                                              .version = "1",
                                              .summary = "a test double",
                                              .options = options,
                                              .create = double_create,
                                              .resolve = resolve,
                                              .check = check};
DOUBLE_ENTRY(&provider)
