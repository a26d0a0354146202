/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store's plugin in surroundings that lead it to one of its identities, before services that all answer with the
 * same octets. First an octet that chooses the surroundings, then one that chooses the status, then the answer.
 * Whatever it is, each request is answered, failures are told in bounded lines, and no header that goes out has a
 * line of its own. The answer is also taken for what a reference names.
 */
#ifndef MSTR_TESTS_FUZZ_IDENTITY_FUZZ_H
#define MSTR_TESTS_FUZZ_IDENTITY_FUZZ_H

#include "check_fuzz.h"

#include <stdint.h>

enum { VARIABLES_MAX = 4 };

struct surrounding {
    const char *variables[VARIABLES_MAX][2]; /* up to a NULL name */
};

static inline void check_headers(void)
{
    for (size_t i = 0; i < fake_host_requests(); i++) {
        for (const char *line = fake_host_request(i)->headers; *line != '\0';) {
            size_t length = strcspn(line, "\n");
            if (memchr(line, '\r', length) != NULL || memchr(line, ':', length) == NULL) {
                abort();
            }
            line += length + (line[length] == '\n');
        }
    }
}

static inline void check_request(struct mstr_request *request)
{
    bool given = fake_request_value(request, NULL) != NULL;
    if (!fake_request_answered(request) || given != (fake_request_code(request) == MSTR_OK)) {
        abort();
    }
    if (!given) {
        check_told_text(fake_request_message(request));
        check_told_text(fake_request_detail(request, MSTR_DETAIL_HINT));
        check_told_text(fake_request_detail(request, MSTR_DETAIL_SERVICE_CODE));
        check_told_text(fake_request_detail(request, MSTR_DETAIL_REQUEST_ID));
    }
}

static inline void identity_fuzz(const struct surrounding *surroundings, size_t count, const char *service,
                                 const char *reference, const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 400, 401, 403, 404, 429, 500};
    void *self = NULL;
    char *text = size >= 2 ? calloc(1, size - 1) : NULL;
    if (text == NULL) {
        return;
    }
    memcpy(text, data + 2, size - 2);
    const struct surrounding *around = &surroundings[data[0] % count];
    fake_host_reset();
    fake_host_env("HOME", "/nonexistent");
    for (size_t i = 0; i < VARIABLES_MAX && around->variables[i][0] != NULL; i++) {
        fake_host_env(around->variables[i][0], around->variables[i][1]);
    }
    fake_host_answer_always(NULL, "*", statuses[data[1] % (sizeof(statuses) / sizeof(*statuses))],
                            "Content-Type: application/json", text);
    struct mstr_request *request = fake_request_new(reference);
    const struct mstr_provider *provider = mstr_provider_entry(fake_host_table());
    const struct mstr_instance *instance = fake_host_instance(service);
    if (provider->create(instance, &self, NULL) == MSTR_OK) {
        check_fuzz(provider, instance, self, request->reference->scheme, text);
        provider->resolve(self, &request, 1, fake_host_call());
        check_request(request);
        check_headers();
        provider->destroy(self);
    }
    fake_request_free(request);
    fake_host_teardown(NULL);
    free(text);
}

#endif
