/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin's `check` of a reference with a foreign body and query, on the fake host: it asks nobody, it tells what it
 * refuses in bounded lines, and `resolve` refuses that as well, in the same words.
 */
#ifndef MSTR_TESTS_FUZZ_CHECK_FUZZ_H
#define MSTR_TESTS_FUZZ_CHECK_FUZZ_H

#include "base/buffer.h"
#include "reference/reference.h"
#include "sdk/host.h"
#include "support/fake_host.h"
#include "told.h"

static inline void check_resolved_alike(const struct mstr_provider *provider, void *self, const char *reference,
                                        const struct mstr_error *refused)
{
    struct mstr_request *request = fake_request_new(reference);
    provider->resolve(self, &request, 1, fake_host_call());
    if (fake_request_code(request) != host->error_code(refused) ||
        strcmp(fake_request_message(request), host->error_message(refused)) != 0) {
        abort();
    }
    fake_request_free(request);
}

/* `self` is a live instance, `rest` what follows the scheme. */
static inline void check_fuzz(const struct mstr_provider *provider, const struct mstr_instance *instance, void *self,
                              const char *scheme, const char *rest)
{
    struct buffer text = BUFFER_INIT;
    struct reference *reference = NULL;
    struct mstr_error *error = host->error_new();
    size_t sent = fake_host_requests();
    buffer_printf(&text, "%s:%s", scheme, rest);
    if (reference_parse(buffer_text(&text), &reference, NULL) == MSTR_OK) {
        enum mstr_code code = provider->check(instance, &reference->parts, error);
        if (code != MSTR_OK) {
            check_resolved_alike(provider, self, buffer_text(&text), error);
        }
        check_told(code, error);
        if (fake_host_requests() != sent) {
            abort();
        }
    }
    reference_free(reference);
    host->error_free(error);
    buffer_release(&text);
}

#endif
