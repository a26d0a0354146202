/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/uri.c */
#include "base/uri.h"
#include "support/unit.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void encoding_leaves_unreserved_characters_alone(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    assert_true(uri_encode(&out, "aZ09-._~ /+\0\xc3\xa9", 14));
    assert_string_equal(buffer_text(&out), "aZ09-._~%20%2F%2B%00%C3%A9");
    buffer_clear(&out);
    assert_true(uri_encode_keep(&out, "a/b c", 5, "/"));
    assert_string_equal(buffer_text(&out), "a/b%20c");
    buffer_release(&out);
}

static void decoding_undoes_escapes_and_refuses_bad_ones(void **state)
{
    (void)state;
    static const char *const bad[] = {"%", "%4", "%4g", "a%00b", "%%41", "x%2"};
    struct buffer out = BUFFER_INIT;
    assert_true(uri_decode(&out, "a%20%2fb%C3%A9+", 15));
    assert_string_equal(buffer_text(&out), "a /b\xc3\xa9+");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        buffer_clear(&out);
        buffer_puts(&out, "kept");
        assert_false(uri_decode(&out, bad[i], strlen(bad[i])));
        assert_string_equal(buffer_text(&out), "kept");
    }
    buffer_release(&out);
}

static void forms_join_encoded_pairs(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    assert_true(uri_form_add(&out, "grant_type", "client credentials"));
    assert_true(uri_form_add(&out, "a&b", "c=d"));
    assert_string_equal(buffer_text(&out), "grant_type=client%20credentials&a%26b=c%3Dd");
    buffer_release(&out);
}

static void urls_are_taken_apart(void **state)
{
    (void)state;
    struct uri uri;
    assert_true(uri_parse("HTTPS://us%65r:p@Example.COM:8443/a/b?x=1&y#f", &uri));
    assert_true(uri.https);
    assert_int_equal(uri.user_length, 8);
    assert_memory_equal(uri.user, "us%65r:p", 8);
    assert_memory_equal(uri.host, "Example.COM", 11);
    assert_int_equal(uri.host_length, 11);
    assert_int_equal(uri.port, 8443);
    assert_false(uri.default_port);
    assert_int_equal(uri.path_length, 4);
    assert_memory_equal(uri.path, "/a/b", 4);
    assert_int_equal(uri.query_length, 5);
    assert_memory_equal(uri.query, "x=1&y", 5);
    assert_true(uri.fragment);

    assert_true(uri_parse("http://host", &uri));
    assert_false(uri.https);
    assert_null(uri.user);
    assert_int_equal(uri.port, 80);
    assert_int_equal(uri.path_length, 0);
    assert_null(uri.query);
    assert_false(uri.fragment);

    assert_true(uri_parse("http://h:/?", &uri));
    assert_true(uri.default_port);
    assert_int_equal(uri.query_length, 0);
    assert_non_null(uri.query);
}

static void malformed_urls_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "example.com",
        "ftp://example.com/",
        "http:/example.com",
        "http://",
        "http:///path",
        "http://host:0/",
        "http://host:65536/",
        "http://host:80x/",
        "http://host:-1/",
        "http://ho st/",
        "http://host/a b",
        "http://host/\ta",
        "http://host\\@evil/",
        "http://ho%41st/",
        "http://h\xc3\xb6st/",
        "http://a@b@host/",
        "http://[::1/",
        "http://[::g]/",
        "http://[127.0.0.1]/",
        "http://[::1]x/",
        "http://user@/",
    };
    struct uri uri;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(uri_parse(bad[i], &uri));
    }
    assert_false(uri_parse(NULL, &uri));
}

static void a_url_may_have_the_longest_host_and_the_highest_port(void **state)
{
    (void)state;
    char url[300];
    char host[257];
    struct uri uri;
    struct buffer header = BUFFER_INIT;
    memset(host, 'a', sizeof(host));
    snprintf(url, sizeof(url), "https://%.255s:65535/9", host);
    assert_true(uri_parse(url, &uri));
    assert_int_equal(uri.host_length, 255);
    assert_int_equal(uri.port, 65535);
    snprintf(url, sizeof(url), "https://%.256s/", host);
    assert_false(uri_parse(url, &uri));
    assert_false(uri_parse("https://a:65536/", &uri));
    assert_true(uri_parse("https://AZaz:0909/", &uri));
    assert_int_equal(uri.port, 909);
    assert_true(uri_host_header(&uri, &header));
    assert_string_equal(buffer_text(&header), "azaz:909");
    buffer_release(&header);
}

static void escapes_end_where_the_text_does(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    assert_false(uri_decode(&out, "%41", 2));
    assert_false(uri_decode(&out, "a%41", 3));
    assert_true(uri_decode(&out, "%414", 3));
    assert_string_equal(buffer_text(&out), "A");
    buffer_release(&out);
}

static void international_host_names_are_known_as_such(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool international;
    } cases[] = {
        {"https://b\303\274cher.example/", true},
        {"https://u@b\303\274cher.example:1", true},
        {"https://xn--bcher-kva.example/", false},
        {"https://host/b\303\274cher", false},
        {"https://b\303\274@host/", false},
        {"b\303\274cher.example", false},
        {"https://a\177/", false},
        {NULL, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(uri_is_international(cases[i].text), cases[i].international);
        assert_string_equal(uri_fault(cases[i].text, "is none"),
                            cases[i].international ? "is not " URI_INTERNATIONAL : "is none");
    }
}

static void addresses_are_compared_by_their_first_bits(void **state)
{
    (void)state;
    struct uri uri;
    unsigned char address[16];
    unsigned char other[16];
    assert_true(uri_parse("http://10.1.2.3/", &uri) && uri_address(&uri, address));
    assert_true(uri_parse("http://[::ffff:10.1.3.3]/", &uri) && uri_address(&uri, other));
    assert_true(uri_same_block(address, other, 0));
    assert_true(uri_same_block(address, other, 96 + 23));
    assert_false(uri_same_block(address, other, 96 + 24));
    assert_true(uri_same_block(address, address, 128));
    assert_true(uri_parse("http://name/", &uri));
    assert_false(uri_address(&uri, address));
    struct uri longer;
    assert_true(uri_parse("http://10.1.2.3/", &uri));
    assert_true(uri_parse("http://a-name-that-is-as-long-as-no-address-has-octets/", &longer));
    assert_true(uri_address(&uri, address));
    assert_false(uri_address(&longer, address)); /* nor what the call before has left */
    longer.host_length = 46;                     /* one more than an address has, and none for the NUL */
    assert_false(uri_address(&longer, address));
}

static void origins_are_written_in_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *origin;
        const char *host;
    } cases[] = {
        {"https://EXAMPLE.com:443/x", "https://example.com", "example.com"},
        {"http://example.com:443/x", "http://example.com:443", "example.com:443"},
        {"http://u:p@h:80", "http://h", "h"},
        {"http://[FD00:EC2::254]/latest", "http://[fd00:ec2::254]", "[fd00:ec2::254]"},
        {"https://[::1]:8443", "https://[::1]:8443", "[::1]:8443"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct uri uri;
        struct buffer out = BUFFER_INIT;
        assert_true(uri_parse(cases[i].text, &uri));
        assert_true(uri_origin(&uri, &out));
        assert_string_equal(buffer_text(&out), cases[i].origin);
        buffer_clear(&out);
        assert_true(uri_host_header(&uri, &out));
        assert_string_equal(buffer_text(&out), cases[i].host);
        buffer_release(&out);
    }
}

static void origins_are_compared_by_scheme_host_and_port(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"https://a.b/x", "HTTPS://A.B:443/y?z", true}, {"https://a.b", "http://a.b", false},
        {"https://a.b", "https://a.b:8443", false},     {"https://a.b", "https://a.bc", false},
        {"http://[::1]", "http://[::1]:80/", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct uri a;
        struct uri b;
        assert_true(uri_parse(cases[i].a, &a) && uri_parse(cases[i].b, &b));
        assert_int_equal(uri_same_origin(&a, &b), cases[i].same);
    }
}

static void loopback_and_link_local_hosts_are_told_by_their_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool loopback, link_local;
    } cases[] = {
        {"http://localhost/", true, false},
        {"http://LOCALHOST:80/", true, false},
        {"http://127.0.0.1", true, false},
        {"http://127.255.1.2", true, false},
        {"http://[::1]", true, false},
        {"http://[::ffff:127.0.0.1]", true, false},
        {"http://localhost.evil.example", false, false},
        {"http://128.0.0.1", false, false},
        {"http://127.0.0.1.example", false, false},
        {"http://0x7f.1", false, false},
        {"http://169.254.169.254", false, true},
        {"http://169.255.0.1", false, false},
        {"http://[fe80::1]", false, true},
        {"http://[febf::1]", false, true},
        {"http://[fec0::1]", false, false},
        {"http://[fd00:ec2::254]", false, true},
        {"http://[fd00:ec3::254]", false, false},
        {"http://metadata.google.internal", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct uri uri;
        assert_true(uri_parse(cases[i].text, &uri));
        assert_int_equal(uri_is_loopback(&uri), cases[i].loopback);
        assert_int_equal(uri_is_link_local(&uri), cases[i].link_local);
    }
}

static void paths_that_a_server_may_read_as_others_have_a_fault(void **state)
{
    static const struct {
        const char *path;
        const char *fault; /* NULL = none */
    } cases[] = {
        {"", NULL},
        {"/", NULL},
        {"/a%20b/..c/", NULL},
        {"/a//b", "an empty segment"},
        {"//", "an empty segment"},
        {"/a/../b", "a \".\" or \"..\" segment"},
        {"a/%2E", "a \".\" or \"..\" segment"},
        {"/a;b", "a \";\", or an encoded slash"},
        {"/a%252fb", "a \";\", or an encoded slash"},
        {"/a%0d", "an encoded control character"},
        {"/a%zz", "a malformed escape"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool memory = true;
        const char *fault = uri_path_fault(cases[i].path, strlen(cases[i].path), &memory);
        assert_true(memory);
        assert_int_equal(fault == NULL, cases[i].fault == NULL);
        assert_true(fault == NULL || strstr(fault, cases[i].fault) != NULL);
    }
    bool memory = true;
    assert_null(uri_path_fault(";/a" + 1, 2, &memory)); /* what stands before and behind is no part of it */
    assert_null(uri_path_fault("//", 0, &memory));
}

static void a_path_has_one_spelling(void **state)
{
    static const struct {
        const char *path;
        const char *expected;
    } cases[] = {{"", ""},
                 {"/", ""},
                 {"/%61uth/", "auth/"},
                 {"a%7eb/%c3%A9", "a~b/%C3%A9"},
                 {"a:b@c,d=e", "a:b@c,d=e"},
                 {"%3a%2c", ":,"},
                 {"%20\"<>", "%20%22%3C%3E"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        assert_true(uri_path_put(&out, cases[i].path, strlen(cases[i].path)));
        assert_string_equal(buffer_text(&out), cases[i].expected);
        buffer_release(&out);
    }
}

/* At the end of what can be read. */
static void of_an_empty_path_nothing_is_read(void **state)
{
    (void)state;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct buffer out = BUFFER_INIT;
    bool memory = true;
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    pages[page - 1] = '/';
    assert_true(uri_path_put(&out, pages + page - 1, 0));
    assert_int_equal(out.length, 0);
    assert_null(uri_path_fault(pages + page - 1, 0, &memory));
    buffer_release(&out);
    munmap(pages, 2 * page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_leaves_unreserved_characters_alone),
        cmocka_unit_test(decoding_undoes_escapes_and_refuses_bad_ones),
        cmocka_unit_test(forms_join_encoded_pairs),
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(malformed_urls_are_refused),
        cmocka_unit_test(a_url_may_have_the_longest_host_and_the_highest_port),
        cmocka_unit_test(escapes_end_where_the_text_does),
        cmocka_unit_test(international_host_names_are_known_as_such),
        cmocka_unit_test(addresses_are_compared_by_their_first_bits),
        cmocka_unit_test(origins_are_written_in_one_form),
        cmocka_unit_test(origins_are_compared_by_scheme_host_and_port),
        cmocka_unit_test(paths_that_a_server_may_read_as_others_have_a_fault),
        cmocka_unit_test(a_path_has_one_spelling),
        cmocka_unit_test(of_an_empty_path_nothing_is_read),
        cmocka_unit_test(loopback_and_link_local_hosts_are_told_by_their_text),
    };
    return RUN_TESTS("base/uri");
}
