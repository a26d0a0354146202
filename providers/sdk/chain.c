/* SPDX-License-Identifier: Apache-2.0 */
/* The walk along a store's identities. */
#include "sdk/chain.h"

#include "base/text.h"
#include "sdk/host.h"

/* What became of one step. */
struct attempt {
    const struct chain_step *step;
    enum mstr_code code;
    struct mstr_error *why;
    int64_t milliseconds;
};

/* What to do about it. Who is just not here made no mistake, unless nobody stands behind. */
static const char *hint_of(const struct chain_search *search, const struct attempt *attempt)
{
    const char *own = host->error_text(attempt->why, MSTR_DETAIL_HINT);
    return own == NULL && (search->alone || attempt->code != MSTR_E_NOT_AVAILABLE) ? attempt->step->hint : own;
}

/* Its reason by the step's name; once, where the reason begins with that name anyway. */
static void put_reason(const struct attempt *attempt, struct buffer *out)
{
    const char *reason = host->error_message(attempt->why);
    bool named = text_starts_with(reason, attempt->step->name);
    buffer_printf(out, "%s%s%s", named ? "" : attempt->step->name, named ? "" : ": ", reason);
}

static void put(const char *before, const struct buffer *text, const char *behind, struct buffer *out)
{
    if (text->length > 0) {
        buffer_printf(out, "%s%s%s", before, buffer_text(text), behind);
    }
}

static void report(const struct chain_search *search, const struct attempt *attempt)
{
    bool good = attempt->code == MSTR_OK;
    enum mstr_step failed = attempt->code == MSTR_E_NOT_AVAILABLE ? MSTR_STEP_SKIPPED : MSTR_STEP_FAILED;
    struct buffer detail = BUFFER_INIT;
    buffer_puts(&detail, good ? "" : host->error_message(attempt->why));
    put(good ? "" : "; asked for: ", &search->who, "", &detail);
    host->report_step(search->report, good ? MSTR_STEP_USED : failed, attempt->step->name,
                      detail.length > 0 ? buffer_text(&detail) : NULL, good ? NULL : hint_of(search, attempt),
                      attempt->milliseconds);
    buffer_release(&detail);
}

static void add_details(const struct chain_search *search, const struct attempt *attempt, struct mstr_error *error)
{
    error_add_details(error, attempt->why);
    host->error_detail(error, MSTR_DETAIL_STEP, attempt->step->name);
    host->error_detail(error, MSTR_DETAIL_HINT, hint_of(search, attempt));
}

/* It ends the search. */
static void fail(const struct chain_search *search, const struct attempt *attempt, struct mstr_error *error)
{
    struct buffer message = BUFFER_INIT;
    put_reason(attempt, &message);
    put("; asked for: ", &search->who, "", &message);
    put(" (before it: ", &search->attempts, ")", &message);
    host->error_set(error, attempt->code, "%s", buffer_text(&message));
    add_details(search, attempt, error);
    buffer_release(&message);
}

/* Whether the turn goes to the next. One that is optional may fail, but not for want of what all others need too. */
static bool passes_on(const struct chain_search *search, const struct attempt *attempt)
{
    bool over = attempt->code == MSTR_E_MEMORY || host->cancelled(search->call) || host->remaining(search->call) == 0;
    return !search->alone && (attempt->code == MSTR_E_NOT_AVAILABLE || (attempt->step->optional && !over));
}

static void note(struct chain_search *search, const struct attempt *attempt)
{
    bool failed = attempt->code != MSTR_E_NOT_AVAILABLE;
    buffer_puts(&search->attempts, search->attempts.length > 0 ? "; " : "");
    put_reason(attempt, &search->attempts);
    buffer_printf(&search->attempts, " [%s%lld ms]", failed ? "failed, " : "", (long long)attempt->milliseconds);
    if (failed && search->why == NULL) {
        search->why = host->error_new();
        host->error_set(search->why, attempt->code, "%s", host->error_message(attempt->why));
        add_details(search, attempt, search->why);
    }
}

/* "Not found" is said of secrets alone: of an account, a role or an endpoint, it would have `||` go on with a
 * default. */
static enum mstr_code class_of(enum mstr_code code)
{
    return code == MSTR_E_NOT_FOUND ? MSTR_E_CONFIG : code;
}

/* MSTR_E_NOT_AVAILABLE also where the turn goes to the next after another failure. */
static enum mstr_code try_step(const struct chain_table *table, struct chain_search *search, const void *step,
                               struct mstr_error *error)
{
    struct attempt attempt = {.step = step, .why = host->error_new()};
    int64_t start = host->monotonic();
    buffer_clear(&search->who);
    enum mstr_code code = attempt.code = class_of(table->ask(search, step, attempt.why));
    attempt.milliseconds = host->monotonic() - start;
    if (search->report != NULL) {
        report(search, &attempt);
    }
    if (code != MSTR_OK && passes_on(search, &attempt)) {
        note(search, &attempt);
        code = MSTR_E_NOT_AVAILABLE;
    } else if (code != MSTR_OK) {
        fail(search, &attempt, error);
    }
    host->error_free(attempt.why);
    return code;
}

/* None gave what is searched for. */
static enum mstr_code conclude(const struct chain_table *table, const struct chain_search *search,
                               struct mstr_error *error)
{
    bool failed = search->why != NULL;
    enum mstr_code code = failed ? host->error_code(search->why) : MSTR_E_NOT_AVAILABLE;
    host->error_set(error, code, "no %s identity %s: %s", table->store, failed ? "gives access" : "is available here",
                    buffer_text(&search->attempts));
    host->error_detail(error, MSTR_DETAIL_HINT, table->hint);
    error_add_details(error, search->why);
    return code;
}

static bool takes_part(const struct chain_search *search, size_t step)
{
    return search->omit == NULL || !search->omit[step];
}

enum mstr_code chain_search(const struct chain_table *table, struct chain_search *search, struct mstr_error *error)
{
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    size_t asked = 0;
    for (size_t i = 0; i < table->count; i++) {
        asked += takes_part(search, i);
    }
    search->alone = asked == 1;
    for (size_t i = 0; i < table->count && code == MSTR_E_NOT_AVAILABLE; i++) {
        if (takes_part(search, i)) {
            code = try_step(table, search, (const char *)table->steps + i * table->size, error);
        }
    }
    if (code == MSTR_E_NOT_AVAILABLE && !search->alone) {
        code = conclude(table, search, error);
    }
    host->error_free(search->why);
    buffer_release(&search->attempts);
    buffer_release(&search->who);
    return code;
}
