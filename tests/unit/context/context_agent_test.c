/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/context_agent.c */
#include "context/context_agent.h"

#include "base/clock.h"
#include "context/context.h"
#include "plugin/prompt.h"
#include "support/allocator.h"
#include "support/store.h"

static mstr_context *context;
static mstr_error *error;

static int forgotten_in_fleet; /* all that it shares */

void __wrap_context_forget_in_fleet(mstr_context *of, const struct reference *reference);

void __wrap_context_forget_in_fleet(mstr_context *of, const struct reference *reference)
{
    forgotten_in_fleet += of == context && reference == NULL;
}

static int64_t still_clock(void)
{
    return INT64_C(1800000000000);
}

static int begin(void **state)
{
    (void)state;
    store_reset("value");
    context = store_context("");
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    mstr_context_free(context);
    return 0;
}

static struct agent_reference *read_reference(const char *text)
{
    struct agent_reference *reference = NULL;
    assert_int_equal(agent_reference_read(context, text, &reference, error), MSTR_OK);
    return reference;
}

static void a_reference_is_decoded_before_its_dots_are_worked_out(void **state)
{
    (void)state;
    struct agent_reference *reference = read_reference("file:/a/%2e%2E/b%20c?x=1#f");
    assert_string_equal(reference->scheme, "file");
    assert_string_equal(reference->body, "/b c");
    assert_int_equal(reference->query_count, 1);
    assert_string_equal(reference->field, "f");
    agent_reference_free(reference);
    assert_int_equal(agent_reference_read(context, "nobody:x", &reference, error), MSTR_E_CONFIG);
    assert_null(reference);
}

static void without_memory_there_is_no_reference(void **state)
{
    (void)state;
    bool failed = true;
    for (long at = 1; failed; at++) {
        struct agent_reference *reference = NULL;
        allocator_fail(at, false);
        enum mstr_code code = agent_reference_read(context, "file:/a/%2e%2E/b#f", &reference, NULL);
        failed = allocator_succeed();
        assert_int_equal(code, failed ? MSTR_E_MEMORY : MSTR_OK);
        assert_int_equal(reference != NULL, !failed);
        agent_reference_free(reference); /* NULL too */
    }
}

static void dots_in_a_body_are_told(void **state)
{
    static const struct {
        const char *text;
        bool dotted;
    } cases[] = {{"file:/a/../b", true},
                 {"file:/a/%2e%2E/b", true},
                 {"file:/a%2F..%2Fb", true},
                 {"file:/a/./b", true},
                 {"file:/a/..", true},
                 {"file:../a", true},
                 {"file://h/../a", true},
                 {"st:.", true},
                 {"st:arn:aws:s:eu:12:secret:a/../b", true},
                 {"file:/a/..b/c..", false},
                 {"file:/a/.../b", false},
                 {"file:/..data/a", false},
                 {"file:/a//b/", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct agent_reference *reference = read_reference(cases[i].text);
        if (reference->dotted != cases[i].dotted) {
            fail_msg("%s", cases[i].text);
        }
        agent_reference_free(reference);
    }
}

static void what_is_the_programs_own_is_local(void **state)
{
    (void)state;
    static const char *const local[] = {"env:A", "file:/a", "cred:a", "text:a", "st:a"};
    for (size_t i = 0; i < COUNT_OF(local); i++) {
        struct agent_reference *reference = read_reference(local[i]);
        assert_true(reference->local);
        agent_reference_free(reference);
    }
}

static bool peek(struct agent_reference *reference, struct agent_lookup *lookup)
{
    *lookup = (struct agent_lookup){.reference = reference, .error = error};
    return context_agent_peek(context, lookup);
}

static void a_value_says_how_long_it_is_fresh_from_its_first_time_on(void **state)
{
    (void)state;
    struct agent_reference *reference = read_reference("st:a");
    struct agent_lookup lookup;
    assert_false(peek(reference, &lookup));
    context_agent_resolve(context, &lookup, 1, NULL);
    assert_int_equal(lookup.code, MSTR_OK);
    assert_true(lookup.fresh_for > 0);
    assert_string_equal(mstr_secret_octets(lookup.secret), "value");
    mstr_secret_release(lookup.secret);
    assert_true(peek(reference, &lookup));
    assert_int_equal(lookup.code, MSTR_OK);
    assert_true(lookup.fresh_for > 0);
    assert_string_equal(mstr_secret_source(lookup.secret), "cache");
    mstr_secret_release(lookup.secret);
    assert_int_equal(store.calls, 1);
    agent_reference_free(reference);
}

static void only_a_caller_who_wants_it_anew_passes_over_the_cache(void **state)
{
    (void)state;
    static const struct {
        unsigned flags;
        int calls; /* of the store, in all */
    } cases[] = {{0, 1}, {0, 1}, {MSTR_CALL_NO_CACHE, 2}, {0, 2}};
    struct agent_reference *reference = read_reference("st:a");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
        struct agent_lookup lookup = {.reference = reference, .error = error};
        options.flags = cases[i].flags;
        context_agent_resolve(context, &lookup, 1, &options);
        assert_int_equal(lookup.code, MSTR_OK);
        assert_int_equal(store.calls, cases[i].calls);
        mstr_secret_release(lookup.secret);
    }
    context_agent_resolve(context, NULL, 0, NULL); /* of nothing there is nothing to ask */
    assert_int_equal(store.calls, 2);

    struct agent_lookup lookup = {.reference = reference, .error = error};
    allocator_fail(1, false);
    context_agent_resolve(context, &lookup, 1, NULL);
    assert_true(allocator_succeed());
    assert_int_equal(lookup.code, MSTR_E_MEMORY);
    assert_int_equal(mstr_error_code(error), MSTR_E_MEMORY);
    agent_reference_free(reference);
}

static void a_value_is_fresh_for_as_long_as_the_cache_says(void **state)
{
    (void)state;
    enum { TTL = 5 * 60 * 1000 };
    struct agent_reference *reference = read_reference("st:a");
    struct agent_lookup lookup = {.reference = reference, .error = error};
    clock_replace(&(struct clock_source){.now = still_clock, .monotonic = still_clock});
    context_agent_resolve(context, &lookup, 1, NULL);
    clock_replace(NULL);
    assert_in_range(lookup.fresh_for, TTL - TTL / 10, TTL + TTL / 10);
    mstr_secret_release(lookup.secret);
    agent_reference_free(reference);
}

static void a_look_into_the_cache_cuts_fields_out_and_knows_what_is_missing(void **state)
{
    (void)state;
    struct agent_lookup lookup;
    store.value = "{\"f\":\"v\"}";
    struct agent_reference *field = read_reference("st:a#f");
    lookup = (struct agent_lookup){.reference = field, .error = error};
    context_agent_resolve(context, &lookup, 1, NULL);
    mstr_secret_release(lookup.secret);
    assert_true(peek(field, &lookup));
    assert_string_equal(mstr_secret_octets(lookup.secret), "v");
    mstr_secret_release(lookup.secret);
    agent_reference_free(field);
    struct agent_reference *other = read_reference("st:a#g");
    mstr_error_clear(error);
    assert_true(peek(other, &lookup));
    assert_string_equal(mstr_error_reference(error), "st:a");
    assert_int_equal(lookup.code, MSTR_E_NOT_FOUND);
    assert_null(lookup.secret);
    assert_string_equal(mstr_error_provider(error), "st");
    agent_reference_free(other);

    struct agent_reference *anew = read_reference("st:b#g");
    lookup = (struct agent_lookup){.reference = anew, .error = error};
    context_agent_resolve(context, &lookup, 1, NULL);
    assert_int_equal(lookup.code, MSTR_E_NOT_FOUND);
    assert_int_equal(lookup.fresh_for, 0); /* though the whole of it is held */
    agent_reference_free(anew);
}

static void whoever_needs_a_person_is_told_so(void **state)
{
    (void)state;
    mstr_error_set(error, MSTR_E_AUTHENTICATION, "no identity: there is nobody to ask for the code");
    assert_true(context_agent_needs_person(error));
    assert_int_equal(mstr_error_code(error), MSTR_E_NOT_AVAILABLE);
    assert_non_null(strstr(mstr_error_message(error), "needs a person: no identity"));
    mstr_error_set(error, MSTR_E_AUTHENTICATION, "no identity");
    assert_false(context_agent_needs_person(error));
    assert_int_equal(mstr_error_code(error), MSTR_E_AUTHENTICATION);
    error_set_hint(error, "log in first");
    assert_false(context_agent_needs_person(error));
    error_set_hint(error, PROMPT_NOBODY " here; log in first");
    assert_true(context_agent_needs_person(error));
    assert_string_equal(mstr_error_message(error), "needs a person: no identity");
}

static void a_caller_with_other_settings_is_told_which(void **state)
{
    (void)state;
    struct buffer setting = BUFFER_INIT;
    struct json_object *theirs = NULL;
    assert_int_equal(context_agent_compare(context, false, "env", "key", theirs, &setting, error), MSTR_OK);
    assert_true(setting.length > 0);
    buffer_release(&setting);
}

static bool is_a(const struct agent_reference *reference, void *data)
{
    (void)data;
    return strcmp(reference->body, "a") == 0;
}

static bool is_cached(const char *text)
{
    struct agent_reference *reference = read_reference(text);
    struct agent_lookup lookup;
    bool cached = peek(reference, &lookup);
    if (cached) {
        mstr_secret_release(lookup.secret);
    }
    agent_reference_free(reference);
    return cached;
}

static void what_is_named_is_forgotten_and_nothing_else(void **state)
{
    (void)state;
    assert_text(context, "st:a", "value");
    assert_text(context, "st:b", "value");
    forgotten_in_fleet = 0;
    context_agent_forget(context, is_a, NULL);
    assert_int_equal(forgotten_in_fleet, 1); /* which cannot be asked by what is wanted */
    assert_false(is_cached("st:a"));
    assert_true(is_cached("st:b"));
}

static void an_heir_has_the_values_of_instances_that_did_not_change(void **state)
{
    (void)state;
    mstr_context *old = context;
    mstr_context *same = store_context("");
    mstr_context *changed = store_context("[provider st]\nregion = elsewhere\n");
    assert_text(old, "st:a", "value");
    context_agent_inherit(same, old);
    context_agent_inherit(changed, old);
    context = same;
    assert_true(is_cached("st:a"));
    context = changed;
    assert_false(is_cached("st:a"));
    context = old;
    mstr_context_free(same);
    mstr_context_free(changed);
}

static mstr_context *context_of_two(const char *config)
{
    mstr_context *of = store_context(config);
    assert_int_equal(mstr_context_register(of, "ab", store_batching, NULL, NULL), MSTR_OK);
    assert_int_equal(mstr_context_register(of, "cd", store_batching, NULL, NULL), MSTR_OK);
    return of;
}

static void an_instance_that_changed_is_told_from_others_whose_names_are_as_long(void **state)
{
    (void)state;
    mstr_context *kept = context;
    mstr_context *old = context_of_two("");
    mstr_context *changed = context_of_two("[provider cd]\nregion = elsewhere\n");
    assert_text(old, "ab:a", "value");
    assert_text(old, "cd:a", "value");
    context_agent_inherit(changed, old);
    context = changed;
    assert_true(is_cached("ab:a"));
    assert_false(is_cached("cd:a"));
    context = kept;
    mstr_context_free(old);
    mstr_context_free(changed);
}

static void what_schemes_and_profiles_depend_on_is_compared(void **state)
{
    static const char profile[] = "[profile p]\nbase_url = https://h/\npassword = ${st:a}\n";
    static const struct {
        const char *other;
        bool same_scheme;
        bool same_profile;
    } cases[] = {{"[provider corp]\nplugin = file\n", true, true},
                 {"[cache]\nttl = 5s\n", true, true},
                 {"timeout = 5s\n", true, false},
                 {"[provider st]\nregion = elsewhere\n", false, false}};
    (void)state;
    mstr_context *own = store_context(profile);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[256];
        snprintf(config, sizeof(config), "%s%s", profile, cases[i].other);
        mstr_context *other = store_context(config);
        assert_int_equal(context_agent_is_same(own, other, false, "st"), cases[i].same_scheme);
        assert_int_equal(context_agent_is_same(own, other, true, "p"), cases[i].same_profile);
        mstr_context_free(other);
    }
    assert_false(context_agent_is_same(own, own, false, "nobody"));
    mstr_context_free(own);
}

/* One login that was refused, where nobody is to be sent the same again. */
static void an_heir_knows_which_logins_were_refused(void **state)
{
    (void)state;
    struct buffer tried = BUFFER_INIT;
    struct trial trial;
    const struct limits limits = {clock_monotonic(), NULL};
    mstr_context *heir = store_context("[provider st]\nregion = elsewhere\n");
    buffer_puts(&tried, "jane and her password");
    assert_int_equal(refusals_enter(context_refusals(context), NULL, &tried, &limits, &trial), MSTR_OK);
    refusals_leave(context_refusals(context), &trial, MSTR_E_AUTHENTICATION);
    context_agent_inherit(heir, context);
    mstr_context_free(context);
    context = heir;
    assert_int_equal(refusals_enter(context_refusals(heir), NULL, &tried, &limits, &trial), MSTR_E_AUTHENTICATION);
    buffer_release(&tried);
}

/* Whether it was made, by the first letter of its scheme. */
static void note(const char *scheme, bool live, void *data)
{
    ((int *)data)[(unsigned char)scheme[0]] = live ? 'y' : 'n';
}

static void instances_are_told_with_whether_they_were_made(void **state)
{
    (void)state;
    int told[256] = {0};
    agent_reference_free(read_reference("env:A"));
    assert_text(context, "st:a", "value");
    context_agent_instances(context, note, told);
    assert_int_equal(told['s'], 'y');
    assert_int_equal(told['e'], 'n');
    assert_int_equal(told['f'], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reference_is_decoded_before_its_dots_are_worked_out, begin, end),
        cmocka_unit_test_setup_teardown(without_memory_there_is_no_reference, begin, end),
        cmocka_unit_test_setup_teardown(dots_in_a_body_are_told, begin, end),
        cmocka_unit_test_setup_teardown(what_is_the_programs_own_is_local, begin, end),
        cmocka_unit_test_setup_teardown(a_value_says_how_long_it_is_fresh_from_its_first_time_on, begin, end),
        cmocka_unit_test_setup_teardown(only_a_caller_who_wants_it_anew_passes_over_the_cache, begin, end),
        cmocka_unit_test_setup_teardown(a_value_is_fresh_for_as_long_as_the_cache_says, begin, end),
        cmocka_unit_test_setup_teardown(a_look_into_the_cache_cuts_fields_out_and_knows_what_is_missing, begin, end),
        cmocka_unit_test_setup_teardown(whoever_needs_a_person_is_told_so, begin, end),
        cmocka_unit_test_setup_teardown(a_caller_with_other_settings_is_told_which, begin, end),
        cmocka_unit_test_setup_teardown(what_is_named_is_forgotten_and_nothing_else, begin, end),
        cmocka_unit_test_setup_teardown(an_heir_has_the_values_of_instances_that_did_not_change, begin, end),
        cmocka_unit_test_setup_teardown(an_instance_that_changed_is_told_from_others_whose_names_are_as_long, begin,
                                        end),
        cmocka_unit_test_setup_teardown(an_heir_knows_which_logins_were_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_schemes_and_profiles_depend_on_is_compared, begin, end),
        cmocka_unit_test_setup_teardown(instances_are_told_with_whether_they_were_made, begin, end),
    };
    return RUN_TESTS("context/context_agent");
}
