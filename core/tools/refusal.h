/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of a reference before anybody is asked for its value: by `mstr config check`, which has the plugin's
 * `check` say it, and by `resolve` where the call is cancelled already, so that nothing but the text can be refused.
 * Both are to say the same, and the first connects to nobody.
 */
#ifndef MSTR_TOOLS_REFUSAL_H
#define MSTR_TOOLS_REFUSAL_H

#include <mstr/context.h>
#include <stdbool.h>

struct refusal {
    bool refused;
    char text[1024]; /* why, and what to do */
    unsigned connections;
};

/* The value of a setting that is this reference, for free(); NULL without memory. */
char *refusal_setting(const char *reference);
/* Of the setting A in [env checked] of this configuration. */
struct refusal refusal_by_check(const char *config_file);
struct refusal refusal_by_resolve(mstr_context *context, const char *reference);
/* Why what one says does not fit the other, or NULL. */
const char *refusal_fault(const struct refusal *check, const struct refusal *resolve);

/* References that hardly any store can have, some of them made from one that is there: the text, for free(), or NULL
 * past the last or without memory. */
char *refusal_try(size_t index, const char *found);

#endif
