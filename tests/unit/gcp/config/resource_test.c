/* SPDX-License-Identifier: Apache-2.0 */
/* Names of secrets and versions in references. */
#include "gcp/config/resource.h"

#include "support/unit.h"

static void both_forms_are_taken_apart(void **state)
{
    static const struct {
        const char *body;
        const char *project;
        const char *location;
        const char *secret;
        const char *version;
    } cases[] = {
        {"//p/s", "p", "", "s", "latest"},
        {"//p/s/7", "p", "", "s", "7"},
        {"//p/s/1", "p", "", "s", "1"},
        {"//p/s/1234567890123456789", "p", "", "s", "1234567890123456789"},
        {"//example.com:p/s_1-x/stable", "example.com:p", "", "s_1-x", "stable"},
        {"//-/s", "-", "", "s", "latest"},
        {"projects/123/secrets/s", "123", "", "s", "latest"},
        {"projects/p/secrets/s/versions/latest", "p", "", "s", "latest"},
        {"projects/p/locations/europe-west1/secrets/s/versions/3", "p", "europe-west1", "s", "3"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct resource resource;
        assert_null(resource_parse(cases[i].body, &resource));
        assert_string_equal(resource.project, cases[i].project);
        assert_string_equal(resource.location, cases[i].location);
        assert_string_equal(resource.secret, cases[i].secret);
        assert_string_equal(resource.version, cases[i].version);
    }
}

static void anything_else_is_refused(void **state)
{
    static const char *const forms[] = {
        "p/s",
        "//p",
        "//p/s/1/2",
        "secrets/s",
        "projects/p/secrets",
        "projects/p/secrets/s/versions",
        "projects//secrets/s",
        "projects/p/secrets/s/versions/1/x",
        "projects/p/secrets/s/versions/1/2/3/4",
    };
    static const char *const cases[] = {
        "//p/",
        "///s",
        "//p/s/",
        "//p/s/0",
        "//../s",
        "//p/s?x",
        "//p/s s",
        "//p/s/-x",
        "//p/s/12345678901234567890",
        "//p/s/1x",
        "projects/p/locations/a.b/secrets/s",
        "//p/s\n",
    };
    char longer[300];
    struct resource resource;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (resource_parse(cases[i], &resource) == NULL) {
            fail_msg("%s was accepted", cases[i]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        const char *fault = resource_parse(forms[i], &resource);
        assert_non_null(fault);
        assert_non_null(strstr(fault, "is neither //PROJECT/SECRET"));
    }
    memset(longer, 'a', sizeof(longer) - 1);
    memcpy(longer, "//p/", 4);
    longer[4 + RESOURCE_PART_MAX + 1] = '\0';
    assert_non_null(resource_parse(longer, &resource));
    longer[4 + RESOURCE_PART_MAX] = '\0';
    assert_null(resource_parse(longer, &resource));
    memcpy(longer, "//p/s/", 6);
    longer[6 + 64] = '\0';
    assert_non_null(resource_parse(longer, &resource));
    longer[6 + 63] = '\0';
    assert_null(resource_parse(longer, &resource));
}

static void a_project_is_set_where_it_can_be_one(void **state)
{
    char longer[RESOURCE_PART_MAX + 2];
    struct resource resource = {.project = "before"};
    (void)state;
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';

    assert_false(resource_set_project(&resource, longer));
    assert_false(resource_set_project(&resource, ""));
    assert_false(resource_set_project(&resource, "-"));
    assert_false(resource_set_project(&resource, "a/b"));
    assert_string_equal(resource.project, "before");

    longer[RESOURCE_PART_MAX] = '\0';
    assert_true(resource_set_project(&resource, longer));
    assert_string_equal(resource.project, longer);
}

static void answer_must_be_to_what_was_asked(void **state)
{
    static const struct {
        const char *asked;
        const char *told;
        bool good;
    } cases[] = {
        {"//p/s", "projects/123/secrets/s/versions/3", true},
        {"//p/s/alias", "projects/p/secrets/s/versions/3", true},
        {"//123/s/3", "projects/123/secrets/s/versions/3", true},
        {"//123/s/3", "projects/123/secrets/s/versions/4", false},
        {"//123/s", "projects/124/secrets/s/versions/3", false},
        {"//p/s", "projects/q/secrets/s/versions/3", false},
        {"//p/s", "projects/123/secrets/t/versions/3", false},
        {"//p/s", "projects/123/locations/l/secrets/s/versions/3", false},
        {"projects/p/locations/l/secrets/s", "projects/123/locations/l/secrets/s/versions/3", true},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct resource asked;
        struct resource told;
        assert_null(resource_parse(cases[i].asked, &asked));
        assert_null(resource_parse(cases[i].told, &told));
        assert_int_equal(resource_answers(&told, &asked), cases[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_must_be_to_what_was_asked),
        cmocka_unit_test(both_forms_are_taken_apart),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_project_is_set_where_it_can_be_one),
    };
    return RUN_TESTS("gcp/config/resource");
}
