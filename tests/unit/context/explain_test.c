/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/explain.c */
#include "support/store.h"

#include "base/buffer.h"

static mstr_context *context;
static struct buffer report; /* "outcome name: detail / hint" in lines */

/* Explains the way to the store as two steps, the second of which fails for the body "locked". */
static enum mstr_code explain(void *self, const struct mstr_reference *reference, struct mstr_report *to,
                              const struct mstr_call *call, struct mstr_error *error)
{
    (void)self;
    (void)call;
    store_host->report_step(to, MSTR_STEP_SKIPPED, "badge", "no badge here", "bring one", 1);
    store_host->report_step(to, MSTR_STEP_USED, "pin", reference->body, NULL, 2);
    return strcmp(reference->body, "locked") == 0 ? store_host->error_set(error, MSTR_E_DENIED, "locked away")
                                                  : MSTR_OK;
}

static const struct mstr_provider *corp_entry(const struct mstr_host *host)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .name = "corp",
        .version = "1",
        .create = store_create,
        .resolve = store_resolve,
        .explain = explain,
    };
    store_host = host;
    return &provider;
}

static int begin(void **state)
{
    (void)state;
    store_reset(NULL);
    context = store_context("");
    assert_int_equal(mstr_context_register(context, "corp", corp_entry, NULL, NULL), MSTR_OK);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buffer_release(&report);
    mstr_context_free(context);
    return 0;
}

/* Whether memory can be locked is the machine's affair, not the test's. */
static int note_step(const mstr_explain_step *step, void *data)
{
    static const char *const outcomes[] = {"used", "skipped", "failed", "info"};
    assert_int_equal(step->size, sizeof(*step));
    assert_true(step->milliseconds >= 0);
    if (strcmp(step->name, "memory") != 0) {
        buffer_printf(data, "%s %s: %s%s%s\n", outcomes[step->outcome], step->name,
                      step->detail != NULL ? step->detail : "", step->hint != NULL ? " / " : "",
                      step->hint != NULL ? step->hint : "");
    }
    return 0;
}

static enum mstr_code walk(const char *reference, mstr_error *error)
{
    buffer_clear(&report);
    return mstr_context_explain(context, reference, NULL, note_step, &report, error);
}

static void assert_begins(const char *text, const char *beginning)
{
    if (strncmp(text, beginning, strlen(beginning)) != 0) {
        fail_msg("\"%s\" does not begin with\n\"%s\"", text, beginning);
    }
}

static void explanation_goes_from_the_syntax_to_the_store(void **state)
{
    (void)state;
    static const struct {
        const char *reference;
        enum mstr_code code;
        const char *told; /* how the report begins */
    } cases[] = {
        {"corp:door", MSTR_OK,
         "used reference: corp:door\nused provider: built in\nskipped badge: no badge here / bring one\n"
         "used pin: door\nused secret: found\n"},
        {"corp:%7B%22a%22:1%7D#a", MSTR_OK,
         "used reference: corp:%7B%22a%22:1%7D\nused provider: built in\nskipped badge: no badge here / bring one\n"
         "used pin: {\"a\":1}\nused secret: found, field present\n"},
        {"corp:locked", MSTR_E_DENIED,
         "used reference: corp:locked\nused provider: built in\nskipped badge: no badge here / bring one\n"
         "used pin: locked\nfailed identity: locked away / grant this identity, or this user, the right to read "
         "it\n"},
        {"corp:door#name", MSTR_E_NOT_FOUND,
         "used reference: corp:door\nused provider: built in\nskipped badge: no badge here / bring one\n"
         "used pin: door\nfailed secret: "},
        {"st:a", MSTR_OK, "used reference: st:a\nused provider: built in\nused secret: found\n"},
        {"cord:door", MSTR_E_CONFIG,
         "used reference: cord:door\nfailed provider: no installed provider brings the scheme \"cord\" / did you "
         "mean \"corp:\"?"},
        {"no colon", MSTR_E_CONFIG, "failed reference: \"no colon\" is not a reference / a reference begins with"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(walk(cases[i].reference, NULL), cases[i].code);
        assert_begins(buffer_text(&report), cases[i].told);
    }
}

/* One who knows no better gets a hint for the class of its failure. */
static void every_failure_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        enum mstr_code code;
        const char *hint;
    } cases[] = {
        {MSTR_E_CONFIG, "correct the reference or the setting"},
        {MSTR_E_NOT_FOUND, "check the name; an alternative may follow in the configuration: ${THIS || OTHER}"},
        {MSTR_E_NOT_AVAILABLE, "install or start what is missing"},
        {MSTR_E_DENIED, "grant this identity, or this user, the right to read it"},
        {MSTR_E_AUTHENTICATION, "check the credentials that the step before tells"},
        {MSTR_E_NETWORK, "check that this machine reaches the host"},
        {MSTR_E_TIMEOUT, "give it more time with --timeout"},
        {MSTR_E_THROTTLED, "try again later; a longer ttl in [cache] asks less often"},
        {MSTR_E_UNAVAILABLE, "try again later: the store itself is failing"},
        {MSTR_E_PLUGIN, "ask whoever provides the plugin"},
        {MSTR_E_PROTOCOL, "check the endpoint, and what answers there in place of the store"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer expected = BUFFER_INIT;
        store.code = (int)cases[i].code;
        buffer_printf(&expected,
                      "used reference: st:a\nused provider: built in\nfailed secret: the store says no / %s",
                      cases[i].hint);

        assert_int_equal(walk("st:a", NULL), cases[i].code);

        assert_begins(buffer_text(&report), buffer_text(&expected));
        buffer_release(&expected);
    }
}

static void the_store_is_asked_also_where_the_value_is_held(void **state)
{
    (void)state;
    assert_text(context, "st:a", "a");
    assert_text(context, "st:a", "a");
    assert_int_equal(walk("st:a", NULL), MSTR_OK);
    assert_int_equal(store.calls, 2);
}

static void the_error_tells_what_the_report_ends_with(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    assert_int_equal(walk("corp:locked", error), MSTR_E_DENIED);
    assert_int_equal(mstr_error_code(error), MSTR_E_DENIED);
    assert_string_equal(mstr_error_message(error), "locked away");
    mstr_error_clear(error);
    assert_int_equal(walk("corp:door", error), MSTR_OK);
    assert_int_equal(mstr_error_code(error), MSTR_OK);
    mstr_error_free(error);
}

static void an_explanation_ends_with_its_limits(void **state)
{
    (void)state;
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.timeout = 20;
    store.closed = true;
    assert_int_equal(mstr_context_explain(context, "st:a", &options, note_step, &report, NULL), MSTR_E_TIMEOUT);
    assert_begins(buffer_text(&report), "used reference: st:a\nused provider: built in\nfailed secret: ");
}

struct patience {
    int steps; /* that it wants to hear */
    int heard;
};

static int hear(const mstr_explain_step *step, void *data)
{
    struct patience *patience = data;
    (void)step;
    return ++patience->heard == patience->steps;
}

/* Whether the step is the context's or the plugin's own. */
static void a_program_that_has_heard_enough_is_told_no_more(void **state)
{
    (void)state;
    for (int steps = 1; steps <= 4; steps++) {
        struct patience patience = {steps, 0};

        assert_int_equal(mstr_context_explain(context, "corp:open", NULL, hear, &patience, NULL), MSTR_E_CANCELLED);

        assert_int_equal(patience.heard, steps);
    }
    assert_int_equal(store.calls, 0); /* the store itself was not asked */
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(explanation_goes_from_the_syntax_to_the_store),
        EACH(every_failure_says_what_to_do),
        EACH(the_store_is_asked_also_where_the_value_is_held),
        EACH(the_error_tells_what_the_report_ends_with),
        EACH(an_explanation_ends_with_its_limits),
        EACH(a_program_that_has_heard_enough_is_told_no_more),
    };
    return RUN_TESTS("context/explain");
}
