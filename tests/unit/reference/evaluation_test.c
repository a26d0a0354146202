/* SPDX-License-Identifier: Apache-2.0 */
/* core/reference/evaluation.c, with a way to look up that is a table */
#include "support/unit.h"

#include "base/error.h"
#include "reference/evaluation.h"
#include "secret/secret.h"

#include <stdio.h>
#include <stdlib.h>

/* What a scheme stands for: "ok" gives the body, the others fail. */
static const struct {
    const char *scheme;
    enum mstr_code code;
    enum secret_source source;
} outcomes[] = {
    {"ok", MSTR_OK, SECRET_FROM_STORE},
    {"cached", MSTR_OK, SECRET_FROM_CACHE},
    {"stale", MSTR_OK, SECRET_STALE},
    {"missing", MSTR_E_NOT_FOUND, SECRET_FROM_STORE},
    {"elsewhere", MSTR_E_NOT_AVAILABLE, SECRET_FROM_STORE},
    {"denied", MSTR_E_DENIED, SECRET_FROM_STORE},
    {"broken", MSTR_E_NETWORK, SECRET_FROM_STORE},
    {"late", MSTR_E_TIMEOUT, SECRET_FROM_STORE},
    {"refused", MSTR_E_AUTHENTICATION, SECRET_FROM_STORE},
};

/* The batches that were asked for: "ok:a missing:b|ok:c|". */
struct asked {
    char batches[512];
};

static void answer(struct lookup *lookup)
{
    const char *body = lookup->reference->parts.body;
    size_t i = 0;
    while (strcmp(outcomes[i].scheme, lookup->reference->parts.scheme) != 0) {
        i++;
    }
    lookup->code = outcomes[i].code;
    lookup->secret = NULL;
    if (outcomes[i].code == MSTR_OK) {
        const struct secret_facts facts = {.version = "v7", .expires = 4711, .source = outcomes[i].source};
        lookup->secret = secret_make(body, strlen(body), &facts);
    } else {
        error_set(lookup->error, outcomes[i].code, "%s fails", lookup->reference->parts.text);
    }
}

static void look_up(void *data, struct lookup *lookups, size_t count)
{
    struct asked *asked = data;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(asked->batches);
        snprintf(asked->batches + length, sizeof(asked->batches) - length, "%s%s", lookups[i].reference->parts.text,
                 i + 1 < count ? " " : "|");
        answer(&lookups[i]);
    }
}

/* To be released with drop(). */
static struct evaluation evaluation_of(const char *text)
{
    struct template *template = NULL;
    assert_int_equal(template_parse(text, &template, NULL), MSTR_OK);
    return (struct evaluation){.template = template, .error = mstr_error_new()};
}

static void drop(struct evaluation *evaluation)
{
    mstr_secret_release(evaluation->value);
    mstr_error_free(evaluation->error);
    template_free((struct template *)(uintptr_t)evaluation->template);
}

static void values_stand_where_the_references_stood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *value;
        const char *batches;
    } cases[] = {
        {"plain", "plain", ""},
        {"", "", ""},
        {"$${a}", "${a}", ""},
        {"${ok:a}", "a", "ok:a|"},
        {"<${ok:a}>${ok:b}", "<a>b", "ok:a ok:b|"},
        {"${ok:a}${ok:a}", "aa", "ok:a ok:a|"},
        {"${ok:a || denied:b}", "a", "ok:a|"},
        {"${missing:a || ok:b}", "b", "missing:a|ok:b|"},
        {"${elsewhere:a || missing:b || ok:c || ok:d}", "c", "elsewhere:a|missing:b|ok:c|"},
        {"${missing:a || ok:b}-${ok:c}", "b-c", "missing:a ok:c|ok:b|"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct asked asked = {""};
        struct evaluation evaluation = evaluation_of(cases[i].text);

        template_evaluate(&evaluation, 1, look_up, &asked);

        assert_int_equal(evaluation.code, MSTR_OK);
        assert_string_equal(mstr_secret_octets(evaluation.value), cases[i].value);
        assert_int_equal(mstr_secret_length(evaluation.value), strlen(cases[i].value));
        assert_string_equal(asked.batches, cases[i].batches);
        drop(&evaluation);
    }
}

static void the_next_alternative_is_for_what_is_not_there_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        char text[64];
        struct asked asked = {""};
        bool absent = outcomes[i].code == MSTR_E_NOT_FOUND || outcomes[i].code == MSTR_E_NOT_AVAILABLE;
        snprintf(text, sizeof(text), "${%s:first || ok:second}", outcomes[i].scheme);
        struct evaluation evaluation = evaluation_of(text);

        template_evaluate(&evaluation, 1, look_up, &asked);

        assert_int_equal(evaluation.code, absent ? MSTR_OK : outcomes[i].code);
        assert_int_equal(strstr(asked.batches, "ok:second") != NULL, absent);
        drop(&evaluation);
    }
}

static void the_last_alternative_tells_why_there_is_no_value(void **state)
{
    (void)state;
    struct asked asked = {""};
    struct evaluation evaluation = evaluation_of("a ${missing:x || elsewhere:y} b");

    template_evaluate(&evaluation, 1, look_up, &asked);

    assert_int_equal(evaluation.code, MSTR_E_NOT_AVAILABLE);
    assert_null(evaluation.value);
    assert_int_equal(mstr_error_code(evaluation.error), MSTR_E_NOT_AVAILABLE);
    assert_string_equal(mstr_error_message(evaluation.error), "elsewhere:y fails");
    drop(&evaluation);
}

static void all_templates_share_each_round(void **state)
{
    (void)state;
    struct asked asked = {""};
    struct evaluation evaluations[] = {evaluation_of("${missing:a || ok:b}"),
                                       {.template = NULL},
                                       evaluation_of("${ok:c} ${denied:d}"),
                                       evaluation_of("${missing:e || ok:f}")};

    template_evaluate(evaluations, COUNT_OF(evaluations), look_up, &asked);

    assert_string_equal(asked.batches, "missing:a ok:c denied:d missing:e|ok:b ok:f|");
    assert_string_equal(mstr_secret_octets(evaluations[0].value), "b");
    assert_null(evaluations[1].value);
    assert_int_equal(evaluations[1].code, MSTR_OK);
    assert_int_equal(evaluations[2].code, MSTR_E_DENIED); /* the failure of one is that of no other */
    assert_string_equal(mstr_error_message(evaluations[2].error), "denied:d fails");
    assert_string_equal(mstr_secret_octets(evaluations[3].value), "f");
    for (size_t i = 0; i < COUNT_OF(evaluations); i++) {
        drop(&evaluations[i]);
    }
}

/* A value that is a reference alone stays what the store gave; one that is put together is new. */
static void one_reference_alone_keeps_what_is_known_of_its_value(void **state)
{
    (void)state;
    struct asked asked = {""};
    struct evaluation evaluations[] = {evaluation_of("${ok:a}"), evaluation_of(" ${ok:a}")};

    template_evaluate(evaluations, COUNT_OF(evaluations), look_up, &asked);

    assert_string_equal(mstr_secret_version(evaluations[0].value), "v7");
    assert_int_equal(mstr_secret_expires(evaluations[0].value), 4711);
    assert_null(mstr_secret_version(evaluations[1].value));
    assert_string_equal(mstr_secret_octets(evaluations[1].value), " a");
    drop(&evaluations[0]);
    drop(&evaluations[1]);
}

static void whatever_was_not_fetched_just_now_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool from_cache;
    } cases[] = {{"plain", false},
                 {"${ok:a}", false},
                 {"${cached:a}", true},
                 {"${stale:a}", true},
                 {"${ok:a}${ok:b}", false},
                 {"${ok:a}${cached:b}", true},
                 {"${cached:a}${ok:b}", true},
                 {"${missing:a || cached:b}", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct asked asked = {""};
        struct evaluation evaluation = evaluation_of(cases[i].text);

        template_evaluate(&evaluation, 1, look_up, &asked);

        assert_int_equal(evaluation.from_cache, cases[i].from_cache);
        drop(&evaluation);
    }
}

static void a_value_is_not_looked_into_again(void **state)
{
    (void)state;
    struct asked asked = {""};
    struct evaluation evaluation = evaluation_of("[${ok:%24%7Bok:x%7D %24%24%7B}]");

    template_evaluate(&evaluation, 1, look_up, &asked);

    assert_string_equal(mstr_secret_octets(evaluation.value), "[${ok:x} $${]");
    drop(&evaluation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_stand_where_the_references_stood),
        cmocka_unit_test(the_next_alternative_is_for_what_is_not_there_alone),
        cmocka_unit_test(the_last_alternative_tells_why_there_is_no_value),
        cmocka_unit_test(all_templates_share_each_round),
        cmocka_unit_test(one_reference_alone_keeps_what_is_known_of_its_value),
        cmocka_unit_test(whatever_was_not_fetched_just_now_is_told),
        cmocka_unit_test(a_value_is_not_looked_into_again),
    };
    return RUN_TESTS("reference/evaluation");
}
