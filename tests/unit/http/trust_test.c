/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/trust.c */
#include "http/trust.h"

#include "support/folder.h"
#include "support/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEM "-----BEGIN CERTIFICATE-----\n"

/* Which variables there are. */
struct surroundings {
    const char *names[2];
    const char *values[2];
};

static void surround(const struct surroundings *surroundings)
{
    static const char *const all[] = {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                                      "MSTR_CA_FILE"};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        unsetenv(all[i]);
    }
    for (size_t i = 0; i < COUNT_OF(surroundings->names) && surroundings->names[i] != NULL; i++) {
        setenv(surroundings->names[i], surroundings->values[i], 1);
    }
}

static void the_first_that_is_set_counts_alone(void **state)
{
    (void)state;
    static const struct {
        struct surroundings surroundings;
        const char *own;
        const char *given;
        bool deaf; /* to the environment */
        const char *told;
    } cases[] = {
        {.told = ""},
        {.own = "/own", .given = "/given", .told = "ca_file=/own"},
        {.own = "", .given = "/given", .told = "ca_file=/given"},
        {.surroundings = {{"SSL_CERT_FILE", "MSTR_CA_FILE"}, {"/s", "/m"}}, .own = "/own", .told = "ca_file=/own"},
        {.surroundings = {{"MSTR_CA_FILE"}, {"/m"}}, .own = "/m", .told = "MSTR_CA_FILE=/m"},
        {.surroundings = {{"SSL_CERT_FILE", "SSL_CERT_DIR"}, {"/s", "/d"}},
         .told = "SSL_CERT_FILE=/s and SSL_CERT_DIR=/d"},
        {.surroundings = {{"SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"}, {"/d", "/r"}}, .told = "SSL_CERT_DIR=/d"},
        {.surroundings = {{"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}, {"/r", "/c"}}, .told = "REQUESTS_CA_BUNDLE=/r"},
        {.surroundings = {{"CURL_CA_BUNDLE"}, {"/c"}}, .told = "CURL_CA_BUNDLE=/c"},
        {.surroundings = {{"SSL_CERT_FILE", "CURL_CA_BUNDLE"}, {"", "/c"}}, .told = "CURL_CA_BUNDLE=/c"},
        {.surroundings = {{"MSTR_CA_FILE", "CURL_CA_BUNDLE"}, {"/m", "/c"}},
         .told = "CURL_CA_BUNDLE=/c and MSTR_CA_FILE=/m"},
        {.surroundings = {{"MSTR_CA_FILE"}, {"/m"}}, .told = "MSTR_CA_FILE=/m"},
        {.surroundings = {{"MSTR_CA_FILE"}, {"${file:/m}"}}, .told = ""}, /* a session's own affair */
        {.surroundings = {{"SSL_CERT_FILE", "MSTR_CA_FILE"}, {"/s", "/m"}}, .deaf = true, .told = ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer told = BUFFER_INIT;
        surround(&cases[i].surroundings);
        const struct trust trust = trust_find(cases[i].own, cases[i].given, !cases[i].deaf);
        trust_tell(&trust, &told);
        assert_string_equal(buffer_text(&told), cases[i].told);
        buffer_release(&told);
    }
}

static void a_place_can_be_a_folder_but_for_the_two_that_go_together(void **state)
{
    (void)state;
    struct folder folder;
    folder_make(&folder);
    surround(&(struct surroundings){{"REQUESTS_CA_BUNDLE"}, {folder.path}});
    assert_string_equal(trust_find(NULL, NULL, true).folder.path, folder.path);
    assert_string_equal(trust_find(folder.path, NULL, true).folder.path, folder.path);
    surround(&(struct surroundings){{"SSL_CERT_FILE"}, {folder.path}});
    assert_string_equal(trust_find(NULL, NULL, true).file.path, folder.path);
    assert_int_equal(trust_check(&(struct trust){.file = {"SSL_CERT_FILE", folder.path}}, NULL), MSTR_E_CONFIG);
    folder_remove(&folder);
}

static void a_place_without_certificates_is_told_with_its_reason(void **state)
{
    (void)state;
    struct folder folder;
    char paths[4][256];
    char list[600];
    mstr_error *error = mstr_error_new();
    folder_make(&folder);
    folder_write(&folder, "good", "comment\n" PEM);
    folder_write(&folder, "bad", "-----BEGIN PRIVATE KEY-----\n");
    const char *good = folder_path(&folder, "good", paths[0]);
    const char *bad = folder_path(&folder, "bad", paths[1]);
    const char *absent = folder_path(&folder, "absent", paths[2]);
    const char *pipe = folder_path(&folder, "pipe", paths[3]);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    const struct {
        struct trust trust;
        const char *why; /* NULL = it will do */
    } cases[] = {
        {{.file = {"F", good}}, NULL},
        {{.file = {"F", absent}}, ": No such file or directory"},
        {{.file = {"F", pipe}}, ": it is no regular file"}, /* nobody waits for who writes */
        {{.file = {"F", good}, .added = {"A", pipe}}, ": it is no regular file"},
        {{.file = {"F", bad}}, ": it holds no certificate"},
        {{.file = {"F", good}, .added = {"A", bad}}, ": it holds no certificate"},
        {{.folder = {"D", absent}}, ": No such file or directory"},
        {{.folder = {"D", folder.path}}, ": it holds no certificate by a hashed name"},
        {{.added = {"A", folder.path}}, ": it holds no certificate by a hashed name"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error_clear(error);
        assert_int_equal(trust_check(&cases[i].trust, error), cases[i].why == NULL ? MSTR_OK : MSTR_E_CONFIG);
        if (cases[i].why != NULL) {
            assert_non_null(strstr(mstr_error_message(error), cases[i].why));
            assert_non_null(mstr_error_hint(error));
        }
    }

    folder_write(&folder, "5ed36f99.0", PEM);
    snprintf(list, sizeof(list), ":%s:", folder.path);
    assert_int_equal(trust_check(&(struct trust){.folder = {"D", list}}, NULL), MSTR_OK);
    assert_int_equal(trust_check(&(struct trust){.added = {"A", folder.path}}, NULL), MSTR_OK);
    const char *const parts[][2] = {{folder.path, absent}, {absent, folder.path}, {"", absent}};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        snprintf(list, sizeof(list), "%s:%s", parts[i][0], parts[i][1]);
        assert_int_equal(trust_check(&(struct trust){.folder = {"D", list}}, error), MSTR_E_CONFIG);
        snprintf(list, sizeof(list), "D=%s: No such file or directory", absent);
        assert_string_equal(mstr_error_message(error), list);
    }
    folder_remove(&folder);
    mstr_error_free(error);
}

static void what_is_added_is_joined_to_the_file_or_the_systems(void **state)
{
    (void)state;
    struct folder folder;
    char paths[2][256];
    folder_make(&folder);
    folder_write(&folder, "added", "ADDED");
    folder_write(&folder, "base", "BASE");
    const char *base = folder_path(&folder, "base", paths[0]);
    const struct trust_place added = {"A", folder_path(&folder, "added", paths[1])};
    const struct {
        struct trust trust;
        const char *system;
        const char *joined; /* NULL = it cannot be */
    } cases[] = {
        {{.added = added}, base, "BASE\nADDED"},
        {{.added = added}, NULL, "\nADDED"},
        {{.added = added}, "/nonexistent", "\nADDED"},
        {{.added = added, .file = {"F", base}}, "/nonexistent", "BASE\nADDED"},
        {{.added = added, .file = {"F", "/nonexistent"}}, base, NULL},
        {{.added = added, .folder = {"D", "/d"}}, base, "\nADDED"},
        {{.added = {"A", "/nonexistent"}}, base, NULL},
        {{.file = {"F", base}}, "/nonexistent", "BASE"},
        {{.folder = {"D", "/d"}}, base, ""},
        {{.file.path = NULL}, base, "BASE"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer pem = BUFFER_INIT;
        assert_int_equal(trust_join(&cases[i].trust, cases[i].system, &pem), cases[i].joined != NULL);
        if (cases[i].joined != NULL) {
            assert_string_equal(buffer_text(&pem), cases[i].joined);
        }
        buffer_release(&pem);
    }
    folder_remove(&folder);
}

static void of_an_added_folder_the_hashed_names_are_joined(void **state)
{
    (void)state;
    struct folder folder;
    char paths[2][256];
    struct buffer pem = BUFFER_INIT;
    folder_make(&folder);
    folder_write(&folder, "base", "BASE");
    folder_write(&folder, "5ed36f99.0", "ADDED");
    folder_write(&folder, "5ed36f99.r0", "REVOKED");
    folder_write(&folder, "5ed36f99-0", "NO DOT");
    folder_write(&folder, "5ed36f9g.0", "NO HASH");
    const struct trust trust = {.added = {"A", folder.path}};
    assert_int_equal(symlink("/nonexistent", folder_path(&folder, "00000000.0", paths[1])), 0);
    assert_true(trust_join(&trust, folder_path(&folder, "base", paths[0]), &pem));
    assert_string_equal(buffer_text(&pem), "BASE\nADDED\n");
    buffer_release(&pem);
    folder_remove(&folder);
}

static void the_file_of_the_systems_roots_is_there_or_has_a_name_at_least(void **state)
{
    (void)state;
    const char *file = trust_system_file();
    if (access(file, R_OK) == 0) {
        assert_int_equal(trust_check(&(struct trust){.file = {"the system", file}}, NULL), MSTR_OK);
    } else {
        assert_string_equal(file, "/etc/ssl/certs/ca-certificates.crt");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_is_set_counts_alone),
        cmocka_unit_test(a_place_can_be_a_folder_but_for_the_two_that_go_together),
        cmocka_unit_test(a_place_without_certificates_is_told_with_its_reason),
        cmocka_unit_test(what_is_added_is_joined_to_the_file_or_the_systems),
        cmocka_unit_test(of_an_added_folder_the_hashed_names_are_joined),
        cmocka_unit_test(the_file_of_the_systems_roots_is_there_or_has_a_name_at_least),
    };
    return RUN_TESTS("http/trust");
}
