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

/* It ends the search. */
static void fail(const struct chain_search *search, const struct attempt *attempt, struct mstr_error *error)
{
    struct buffer message = BUFFER_INIT;
    put_reason(attempt, &message);
    put("; asked for: ", &search->who, "", &message);
    put(" (before it: ", &search->attempts, ")", &message);
    host->error_set(error, attempt->code, "%s", buffer_text(&message));
    host->error_detail(error, MSTR_DETAIL_STEP, attempt->step->name);
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, host->error_text(attempt->why, MSTR_DETAIL_SERVICE_CODE));
    host->error_detail(error, MSTR_DETAIL_REQUEST_ID, host->error_text(attempt->why, MSTR_DETAIL_REQUEST_ID));
    host->error_detail(error, MSTR_DETAIL_HINT, hint_of(search, attempt));
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
    const char *hint = hint_of(search, attempt);
    buffer_puts(&search->attempts, search->attempts.length > 0 ? "; " : "");
    put_reason(attempt, &search->attempts);
    buffer_printf(&search->attempts, " [%lld ms]", (long long)attempt->milliseconds);
    if (attempt->code != MSTR_E_NOT_AVAILABLE && search->hint.length == 0) {
        buffer_puts(&search->hint, hint != NULL ? hint : "");
    }
}

/* MSTR_E_NOT_AVAILABLE also where the turn goes to the next after another failure. */
static enum mstr_code try_step(const struct chain_table *table, struct chain_search *search, const void *step,
                               struct mstr_error *error)
{
    struct attempt attempt = {.step = step, .why = host->error_new()};
    int64_t start = host->monotonic();
    buffer_clear(&search->who);
    enum mstr_code code = attempt.code = table->ask(search, step, attempt.why);
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

enum mstr_code chain_search(const struct chain_table *table, struct chain_search *search, struct mstr_error *error)
{
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    size_t asked = 0;
    for (size_t i = 0; i < table->count; i++) {
        asked += !search->omit[i];
    }
    search->alone = asked == 1;
    for (size_t i = 0; i < table->count && code == MSTR_E_NOT_AVAILABLE; i++) {
        if (!search->omit[i]) {
            code = try_step(table, search, (const char *)table->steps + i * table->size, error);
        }
    }
    if (code == MSTR_E_NOT_AVAILABLE && !search->alone) {
        host->error_set(error, code, "no %s identity is available here: %s", table->store,
                        buffer_text(&search->attempts));
        host->error_detail(error, MSTR_DETAIL_HINT,
                           search->hint.length > 0 ? buffer_text(&search->hint) : table->hint);
    }
    buffer_release(&search->hint);
    buffer_release(&search->attempts);
    buffer_release(&search->who);
    return code;
}
