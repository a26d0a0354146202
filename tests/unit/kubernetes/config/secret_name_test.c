/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/config/secret_name.c */
#include "kubernetes/config/secret_name.h"
#include "support/unit.h"

#include <stdio.h>

static const char *parse(const char *body, const char *key, const char *value, struct secret_name *name)
{
    const struct mstr_query query = {key, value};
    const struct mstr_reference reference = {
        .size = sizeof(reference), .body = body, .query_count = key != NULL, .query = &query};
    return secret_name_parse(&reference, name);
}

static void names_of_both_forms_are_taken_apart(void **state)
{
    (void)state;
    struct secret_name name;
    assert_null(parse("//ns1/app.example-1", NULL, NULL, &name));
    assert_string_equal(name.namespace, "ns1");
    assert_string_equal(name.name, "app.example-1");
    assert_null(name.key);
    assert_null(parse("app", "key", "tls.crt", &name));
    assert_string_equal(name.namespace, "");
    assert_string_equal(name.name, "app");
    assert_string_equal(name.key, "tls.crt");
}

static void what_no_secret_can_be_called_is_refused(void **state)
{
    (void)state;
    char longest[NAME_MAX_LENGTH + 2];
    static const struct {
        const char *body;
        const char *key;
        const char *value;
        const char *problem;
    } cases[] = {
        {"App", NULL, NULL, "no secret can have"},
        {"a_b", NULL, NULL, "no secret can have"},
        {"a..b", NULL, NULL, "no secret can have"},
        {"..", NULL, NULL, "no secret can have"},
        {"a.", NULL, NULL, "no secret can have"},
        {"-a", NULL, NULL, "no secret can have"},
        {"a-", NULL, NULL, "no secret can have"},
        {"a-.b", NULL, NULL, "no secret can have"},
        {"//ns-/app", NULL, NULL, "namespace that cannot be"},
        {"a b", NULL, NULL, "no secret can have"},
        {"a?b", NULL, NULL, "no secret can have"},
        {"a\r\nb", NULL, NULL, "no secret can have"},
        {"p\xc3\xa4ss", NULL, NULL, "no secret can have"},
        {"ns1/app", NULL, NULL, "needs the form //NAMESPACE/NAME"},
        {"//ns1", NULL, NULL, "needs the form //NAMESPACE/NAME"},
        {"//ns1/a/b", NULL, NULL, "no secret can have"},
        {"//ns1/..", NULL, NULL, "no secret can have"},
        {"//n.s/app", NULL, NULL, "namespace that cannot be"},
        {"//../app", NULL, NULL, "namespace that cannot be"},
        {"///app", NULL, NULL, "namespace that cannot be"},
        {"//a234567890123456789012345678901234567890123456789012345678901234/app", NULL, NULL,
         "namespace that cannot"},
        {"app", "version", "1", "only \"key\""},
        {"app", "key", "", "key that no secret can have"},
        {"app", "key", "a/b", "key that no secret can have"},
        {"app", "key", ".", "key that no secret can have"},
        {"app", "key", "..a", "key that no secret can have"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct secret_name name;
        const char *problem = parse(cases[i].body, cases[i].key, cases[i].value, &name);
        if (problem == NULL || strstr(problem, cases[i].problem) == NULL) {
            fail_msg("%s: %s", cases[i].body, problem != NULL ? problem : "is taken");
        }
    }
    struct secret_name name;
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_non_null(parse(longest, NULL, NULL, &name));
    longest[NAME_MAX_LENGTH] = '\0';
    assert_null(parse(longest, NULL, NULL, &name));
    assert_string_equal(name.name, longest);
    longest[KEY_MAX] = 'a';
    assert_non_null(parse("app", "key", longest, &name));
    longest[KEY_MAX] = '\0';
    assert_null(parse("app", "key", longest, &name));
}

static void two_keys_are_refused(void **state)
{
    (void)state;
    struct secret_name name;
    const struct mstr_query query[] = {{"key", "a"}, {"key", "b"}};
    const struct mstr_reference reference = {
        .size = sizeof(reference), .body = "app", .query_count = 2, .query = query};
    assert_string_equal(secret_name_parse(&reference, &name), "names two keys");
}

static void a_namespace_is_one_label(void **state)
{
    (void)state;
    assert_true(secret_name_is_namespace("kube-system"));
    assert_false(secret_name_is_namespace("kube.system"));
    assert_false(secret_name_is_namespace(""));
    char body[2 + NAMESPACE_MAX + 6] = "//";
    struct secret_name name;
    memset(body + 2, 'a', NAMESPACE_MAX);
    assert_true(secret_name_is_namespace(body + 2));
    strcat(body, "/app");
    assert_null(parse(body, NULL, NULL, &name));
    assert_int_equal(strlen(name.namespace), NAMESPACE_MAX);
    memset(body + 2, 'a', NAMESPACE_MAX + 1);
    body[2 + NAMESPACE_MAX + 1] = '\0';
    assert_false(secret_name_is_namespace(body + 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_both_forms_are_taken_apart),
        cmocka_unit_test(what_no_secret_can_be_called_is_refused),
        cmocka_unit_test(two_keys_are_refused),
        cmocka_unit_test(a_namespace_is_one_label),
    };
    return RUN_TESTS("kubernetes/config/secret_name");
}
