/* SPDX-License-Identifier: Apache-2.0 */
/* What seals: the key, the origin, and what it is for. */
#include "session/saved/sealing.h"

#include "support/mounted.h"

static const struct limits unlimited = {INT64_MAX, NULL};

static struct mounted *with_key(const char *key, const char *base)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal(key));
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_BASE_URL, mstr_credential_literal(base));
    return mounted;
}

static void what_was_sealed_opens_with_the_same_key_for_the_same_origin_and_use_alone(void **state)
{
    static const struct {
        const char *key;
        const char *base;
        const char *what;
        enum mstr_code code;
    } cases[] = {
        {"key", "http://127.0.0.1:1/other/api/", " use", MSTR_OK}, /* the path is no part of an origin */
        {"other", MOUNTED_BASE, " use", MSTR_E_AUTHENTICATION},
        {"key", "http://127.0.0.1:2/api/", " use", MSTR_E_AUTHENTICATION},
        {"key", MOUNTED_BASE, "", MSTR_E_AUTHENTICATION},
    };
    struct mounted *mounted = with_key("key", MOUNTED_BASE);
    struct sealing sealing;
    struct buffer text = BUFFER_INIT;
    struct buffer sealed = BUFFER_INIT;
    (void)state;
    buffer_puts(&text, "a text");
    mounted_done(mounted, sealing_begin(&sealing, mounted->session, " use", &unlimited, mounted->error));
    mounted_done(mounted, sealing_close(&sealing, &text, &sealed, mounted->error));
    sealing_end(&sealing);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *other = with_key(cases[i].key, cases[i].base);
        struct buffer opened = BUFFER_INIT;
        mounted_done(other, sealing_begin(&sealing, other->session, cases[i].what, &unlimited, other->error));

        assert_int_equal(sealing_open(&sealing, "a/file", &sealed, &opened, other->error), cases[i].code);

        assert_string_equal(buffer_text(&opened), cases[i].code == MSTR_OK ? "a text" : "");
        if (cases[i].code != MSTR_OK) {
            assert_told(other, "a/file: sealed with another key");
        }
        sealing_end(&sealing);
        buffer_release(&opened);
        mounted_free(other);
    }
    buffer_release(&text);
    buffer_release(&sealed);
    mounted_free(mounted);
}

static void an_empty_key_and_a_base_that_is_none_are_told_by_name(void **state)
{
    static const struct {
        const char *key;
        const char *base;
        const char *told;
    } cases[] = {{"", MOUNTED_BASE, "persistence_key resolved to an empty value"},
                 {"key", "nowhere", "base_url is not an absolute"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = with_key(cases[i].key, cases[i].base);
        struct sealing sealing;

        assert_int_equal(sealing_begin(&sealing, mounted->session, "", &unlimited, mounted->error), MSTR_E_CONFIG);

        assert_told(mounted, cases[i].told);
        sealing_end(&sealing);
        mounted_free(mounted);
    }
}

static void without_a_key_nothing_is_sealed(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    struct sealing sealing;
    (void)state;

    assert_int_equal(sealing_begin(&sealing, mounted->session, "", &unlimited, mounted->error), MSTR_E_CONFIG);

    assert_told(mounted, "saving sessions needs the credential \"persistence_key\"");
    sealing_end(&sealing);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens_with_the_same_key_for_the_same_origin_and_use_alone),
        cmocka_unit_test(without_a_key_nothing_is_sealed),
        cmocka_unit_test(an_empty_key_and_a_base_that_is_none_are_told_by_name),
    };
    return RUN_TESTS("session/saved/sealing");
}
