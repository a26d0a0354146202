/* SPDX-License-Identifier: Apache-2.0 */
/* What a command asks for. */
#include "asked.h"

#include "failure.h"

#include <stdlib.h>
#include <string.h>

bool asked_add(struct asked *asked, const char *section, const char *key)
{
    mstr_setting *settings = realloc(asked->settings, (asked->count + 1) * sizeof *settings);
    if (settings == NULL) {
        return false;
    }
    asked->settings = settings;
    settings[asked->count] = (mstr_setting){.section = section, .key = key, .error = mstr_error_new()};
    return settings[asked->count++].error != NULL;
}

enum mstr_code asked_resolve(struct asked *asked, mstr_context *context, const mstr_call_options *call)
{
    return mstr_context_settings(context, asked->settings, asked->count, sizeof(mstr_setting), call);
}

int asked_tell(struct tool *tool, const struct asked *asked)
{
    int status = STATUS_DONE;
    for (size_t i = 0; i < asked->count; i++) {
        if (asked->settings[i].code != MSTR_OK && (status == STATUS_DONE || !tool->json)) {
            int this_one = tool_fail_with(tool, asked->settings[i].error);
            status = status == STATUS_DONE ? this_one : status;
        }
    }
    return status;
}

bool asked_again(const struct asked *asked, struct asked *again)
{
    bool good = true;
    *again = (struct asked){0};
    for (size_t i = 0; good && i < asked->count; i++) {
        good = asked_add(again, asked->settings[i].section, asked->settings[i].key);
    }
    return good;
}

bool asked_same(const struct asked *a, const struct asked *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        const mstr_secret *one = a->settings[i].value;
        const mstr_secret *other = b->settings[i].value;
        same = one != NULL && other != NULL && mstr_secret_length(one) == mstr_secret_length(other) &&
               memcmp(mstr_secret_octets(one), mstr_secret_octets(other), mstr_secret_length(one)) == 0;
    }
    return same;
}

void asked_release(struct asked *asked)
{
    for (size_t i = 0; i < asked->count; i++) {
        mstr_secret_release(asked->settings[i].value);
        mstr_error_free(asked->settings[i].error);
    }
    free(asked->settings);
    *asked = (struct asked){0};
}
