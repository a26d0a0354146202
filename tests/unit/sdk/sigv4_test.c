/* SPDX-License-Identifier: Apache-2.0 */
/* Signature Version 4 against the public test suite and vectors of real requests. */
#include "sdk/sigv4.h"

#include "base/base64.h"
#include "base/timestamp.h"

#include "support/json_parse.h"
#include "support/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const struct sigv4_keys example = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL};

/* A request of the suite, taken apart in place. */
struct wire {
    struct buffer text;
    struct mstr_header headers[32];
    size_t header_count;
    char *method;
    char *path;
    char *query;
    char *body;
};

static void read_file(const char *folder, const char *name, struct buffer *out)
{
    char path[4096];
    char piece[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (size_t got = 0; (got = fread(piece, 1, sizeof(piece), file)) > 0;) {
        assert_true(buffer_append(out, piece, got));
    }
    fclose(file);
}

/* The request line's path may hold blanks, so its ends are the first and the last one. A line that begins with a
 * blank continues the header before it: the line break stays in the value, to be folded by the signer. */
static void parse_wire(struct wire *wire)
{
    char *text = wire->text.data;
    char *line_end = strchr(text, '\n');
    *line_end = '\0';
    wire->method = text;
    wire->path = strchr(text, ' ');
    *wire->path++ = '\0';
    *strrchr(wire->path, ' ') = '\0';
    wire->query = strchr(wire->path, '?');
    if (wire->query != NULL) {
        *wire->query++ = '\0';
    }
    char *line = line_end + 1;
    while (*line != '\0' && *line != '\n') {
        char *end = strchr(line, '\n');
        while (end != NULL && (end[1] == ' ' || end[1] == '\t')) {
            end = strchr(end + 1, '\n');
        }
        char *next = end != NULL ? end + 1 : line + strlen(line);
        if (end != NULL) {
            *end = '\0';
        }
        char *colon = strchr(line, ':');
        *colon = '\0';
        wire->headers[wire->header_count++] = (struct mstr_header){line, colon + 1};
        line = next;
    }
    wire->body = *line == '\n' ? line + 1 : line;
}

static void assert_file_equals(const char *folder, const char *name, const char *actual)
{
    struct buffer expected = BUFFER_INIT;
    read_file(folder, name, &expected);
    assert_string_equal(actual, buffer_text(&expected));
    buffer_release(&expected);
}

static void check_case(const char *folder)
{
    struct buffer text = BUFFER_INIT;
    struct wire wire = {.text = BUFFER_INIT};
    struct sigv4_signature signature;
    int64_t time = 0;
    bool flag = false;
    read_file(folder, "context.json", &text);
    struct json_object *context = json_parse(buffer_text(&text), text.length);
    struct json_object *credentials = json_member(context, "credentials");
    const struct sigv4_keys keys = {json_member_text(credentials, "access_key_id"),
                                    json_member_text(credentials, "secret_access_key"),
                                    json_member_text(credentials, "token")};
    assert_true(timestamp_parse_rfc3339(json_member_text(context, "timestamp"), &time));
    read_file(folder, "request.txt", &wire.text);
    parse_wire(&wire);
    struct sigv4_request request = {.method = wire.method,
                                    .path = wire.path,
                                    .query = wire.query,
                                    .headers = wire.headers,
                                    .header_count = wire.header_count,
                                    .body = wire.body,
                                    .body_length = strlen(wire.body)};
    request.keep_path = json_member_bool(context, "normalize", &flag) && !flag;
    request.hash_header = json_member_bool(context, "sign_body", &flag) && flag;

    assert_int_equal(sigv4_sign(&keys, json_member_text(context, "region"), json_member_text(context, "service"),
                                time, &request, NULL, &signature),
                     MSTR_OK);

    assert_file_equals(folder, "header-canonical-request.txt", buffer_text(&signature.canonical_request));
    assert_file_equals(folder, "header-string-to-sign.txt", signature.string_to_sign);
    assert_file_equals(folder, "header-signature.txt", signature.text);
    sigv4_release(&signature);
    json_release(context);
    buffer_release(&wire.text);
    buffer_release(&text);
}

static void every_case_of_the_public_suite_is_signed_as_expected(void **state)
{
    (void)state;
    const char *vectors = getenv("MSTR_TEST_VECTORS");
    char root[2048];
    snprintf(root, sizeof(root), "%s/aws/sigv4", vectors != NULL ? vectors : "../shared/vectors");
    DIR *folder = opendir(root);
    if (folder == NULL) {
        print_message("the public suite is absent: there is no %s\n", root);
        return;
    }
    size_t cases = 0;
    for (struct dirent *entry = NULL; (entry = readdir(folder)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", root, entry->d_name);
        print_message("%s\n", entry->d_name);
        check_case(path);
        cases++;
    }
    closedir(folder);
    assert_int_equal(cases, 28);
}

static const struct vector {
    const char *name;
    const char *host;
    const char *target;
    const char *content_type;
    const char *region;
    const char *service;
    const char *date;
    const char *body;
    const char *canonical_hash;
    const char *signature;
} vectors[] = {
    {"GetSecretValue", "secretsmanager.us-east-1.amazonaws.com", "secretsmanager.GetSecretValue",
     "application/x-amz-json-1.1", "us-east-1", "secretsmanager", "2026-01-15T12:00:00Z",
     "{\"SecretId\":\"prod/mstr/login\"}", "feda29fbc0abeba23b2d780412f5093eee3d76add2232fe55ce1a0fac720175a",
     "e6df8e0612be82736306111dcd5c67d7d8aa2a98170ff3d5fa3f19e605ce76cc"},
    {"GetParameter", "ssm.eu-west-1.amazonaws.com", "AmazonSSM.GetParameter", "application/x-amz-json-1.1",
     "eu-west-1", "ssm", "2026-01-15T23:59:59Z", "{\"Name\":\"/prod/mstr/password\",\"WithDecryption\":true}",
     "f433eb908edba255657ebf60ec5d933c17dc1a3d055ddcfbcd2dc9b2e64cfb41",
     "296042bba2386a5afda5b1b3544b3b907bf1711f4986b17957d5e1bd93f27002"},
    {"AssumeRole", "sts.us-west-2.amazonaws.com", NULL, "application/x-www-form-urlencoded; charset=utf-8",
     "us-west-2", "sts", "2026-03-01T00:00:00Z",
     "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo&RoleSessionName="
     "demo-session",
     "aa956731d0b56ddeb445806203ce1b0d1c1bc96bb76c0a38d8129b3a26e58990",
     "79f27c411d28984ad2640c3ab5838284039535e98f5ab55f24629b7e339d0870"},
    {"a port in Host", "127.0.0.1:5000", "secretsmanager.GetSecretValue", "application/x-amz-json-1.1", "us-east-1",
     "secretsmanager", "2026-01-15T12:00:00Z", "{\"SecretId\":\"x\"}",
     "38cffc44bc31cdb97808f4d81a9e58c7b0d9eba397cc5c6de3e40ddaffddd0c3",
     "362795a9807ad0920d64495131015731cdecb05a0ca29d2931142ac98551736e"},
};

static void sign_vector(const struct vector *vector, struct sigv4_key *key, struct sigv4_signature *signature)
{
    const struct mstr_header headers[] = {
        {"Host", vector->host}, {"Content-Type", vector->content_type}, {"X-Amz-Target", vector->target}};
    const struct sigv4_request request = {.method = "POST",
                                          .path = "/",
                                          .headers = headers,
                                          .header_count = vector->target != NULL ? 3 : 2,
                                          .body = vector->body,
                                          .body_length = strlen(vector->body)};
    int64_t time = 0;
    assert_true(timestamp_parse_rfc3339(vector->date, &time));
    assert_int_equal(sigv4_sign(&example, vector->region, vector->service, time, &request, key, signature), MSTR_OK);
}

static void requests_of_real_services_are_signed_as_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct sigv4_signature signature;
        char authorization[512];

        print_message("%s\n", vectors[i].name);
        sign_vector(&vectors[i], NULL, &signature);

        assert_string_equal(signature.text, vectors[i].signature);
        assert_non_null(strstr(signature.string_to_sign, vectors[i].canonical_hash));
        snprintf(authorization, sizeof(authorization),
                 "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/%.8s/%s/%s/aws4_request, "
                 "SignedHeaders=content-type;host;x-amz-date%s, Signature=%s",
                 signature.date, vectors[i].region, vectors[i].service,
                 vectors[i].target != NULL ? ";x-amz-target" : "", vectors[i].signature);
        assert_string_equal(buffer_text(&signature.authorization), authorization);
        sigv4_release(&signature);
    }
}

static void a_kept_key_gives_the_same_signatures_and_is_replaced_when_it_does_not_fit(void **state)
{
    (void)state;
    struct sigv4_key key = {.derived = false};
    for (size_t i = 0; i < 2 * COUNT_OF(vectors); i++) {
        struct sigv4_signature signature;

        sign_vector(&vectors[i / 2], &key, &signature);

        assert_true(key.derived);
        assert_string_equal(signature.text, vectors[i / 2].signature);
        sigv4_release(&signature);
    }
    struct sigv4_signature signature;
    key.octets[0] ^= 1; /* it is not derived again as long as it fits */
    sign_vector(&vectors[COUNT_OF(vectors) - 1], &key, &signature);
    assert_string_not_equal(signature.text, vectors[COUNT_OF(vectors) - 1].signature);
    sigv4_release(&signature);
}

static void a_request_has_one_spelling(void **state)
{
    static const struct {
        const char *path;
        const char *query;
        bool keep;
        const char *canonical; /* its first lines behind the method */
    } cases[] = {
        {"", NULL, false, "/\n\n"},
        {"", NULL, true, "/\n\n"},
        {"/", "", true, "/\n\n"},
        {"a", NULL, false, "/a\n\n"},
        {"/a//b/../c d/", NULL, true, "/a//b/../c%20d/\n\n"},
        {"/a//b/../c d/", NULL, false, "/a/c%20d/\n\n"},
        {"/a/b.c/x./.y/..z/.../n", NULL, false, "/a/b.c/x./.y/..z/.../n\n\n"},
        {"/../../a/b/..", NULL, false, "/a/\n\n"},
        {"/../a", NULL, false, "/a\n\n"},
        {"/a/.", NULL, false, "/a/\n\n"},
        {"/", "b=1&a=2&a=10&c&=d", false, "/\n=d&a=10&a=2&b=1&c=\n"},
        {"/", "a=%7e%2F&b=%zz&c=x=y", false, "/\na=~%2F&b=%25zz&c=x%3Dy\n"},
    };
    static const struct mstr_header headers[] = {{"Host", "h"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct sigv4_request request = {.method = "",
                                              .path = cases[i].path,
                                              .query = cases[i].query,
                                              .headers = headers,
                                              .header_count = 1,
                                              .keep_path = cases[i].keep};
        struct sigv4_signature signature;
        char lines[128];

        assert_int_equal(sigv4_sign(&example, "us-east-1", "s", 0, &request, NULL, &signature), MSTR_OK);

        snprintf(lines, sizeof(lines), "%.*s", (int)strlen(cases[i].canonical) + 1,
                 buffer_text(&signature.canonical_request) + 1);
        lines[strlen(cases[i].canonical)] = '\0';
        assert_string_equal(lines, cases[i].canonical);
        assert_int_equal(strncmp(strchr(buffer_text(&signature.canonical_request), 'h'), "host:h\n", 7), 0);
        sigv4_release(&signature);
    }
}

static void headers_are_signed_in_order_lower_case_and_trimmed_but_for_those_that_proxies_change(void **state)
{
    static const struct mstr_header headers[] = {
        {"X-Zebra", " \ta \t b\r\n c\x01 "},
        {"User-Agent", "x"},
        {"Host", "h"},
        {"connection", "close"},
        {"x-ANY", "2"},
        {"X-Any", "1"},
        {"X-Amzn-Trace-Id", "t"},
        {"X-Empty", " "},
    };
    const struct sigv4_request request = {
        .method = "GET", .path = "/", .headers = headers, .header_count = COUNT_OF(headers), .hash_header = true};
    struct sigv4_signature signature;
    (void)state;

    assert_int_equal(sigv4_sign(&example, "us-east-1", "s", 0, &request, NULL, &signature), MSTR_OK);

    assert_string_equal(buffer_text(&signature.canonical_request),
                        "GET\n/\n\n"
                        "host:h\n"
                        "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                        "x-amz-date:19700101T000000Z\n"
                        "x-any:2,1\n"
                        "x-empty:\n"
                        "x-zebra:a b c\x01\n"
                        "\n"
                        "host;x-amz-content-sha256;x-amz-date;x-any;x-empty;x-zebra\n"
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sigv4_release(&signature);
}

static void headers_that_signing_adds_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"Authorization", "x-amz-date", "X-Amz-Security-Token",
                                        "X-AMZ-CONTENT-SHA256"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct mstr_header headers[] = {{"Host", "h"}, {names[i], "x"}};
        const struct sigv4_request request = {.method = "GET", .path = "/", .headers = headers, .header_count = 2};
        struct sigv4_signature signature;

        assert_int_equal(sigv4_sign(&example, "us-east-1", "s", 0, &request, NULL, &signature), MSTR_E_USAGE);

        sigv4_release(&signature);
    }
}

static void more_than_is_signed_is_refused(void **state)
{
    enum { MOST = 128 };
    (void)state;
    const struct mstr_header host_header = {"Host", "h"};
    char query[3 * MOST + 4] = "a=1";
    struct sigv4_signature signature;
    struct sigv4_request request = {
        .method = "GET", .path = "/", .query = query, .headers = &host_header, .header_count = 1};
    for (size_t i = 1; i < MOST; i++) {
        strcat(query, "&b");
    }
    assert_int_equal(sigv4_sign(&example, "us-east-1", "s", 0, &request, NULL, &signature), MSTR_OK);
    sigv4_release(&signature);
    strcat(query, "&c");
    assert_int_equal(sigv4_sign(&example, "us-east-1", "s", 0, &request, NULL, &signature), MSTR_E_USAGE);
    sigv4_release(&signature);
}

static void as_many_segments_headers_and_octets_of_a_scope_as_there_is_room_for_are_signed(void **state)
{
    enum {
        SEGMENTS = 256,
        HEADERS = 63,
        SERVICE = SIGV4_SCOPE_SIZE - (int)sizeof("19700101/us-east-1//aws4_request")
    };
    static char path[2 * SEGMENTS + 2];
    static char service[SERVICE + 2];
    static struct mstr_header headers[HEADERS + 1];
    (void)state;
    for (size_t i = 0; i < SEGMENTS; i++) {
        strcat(path, i == 0 ? "a" : "/a");
    }
    memset(service, 's', SERVICE);
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        headers[i] = (struct mstr_header){"x", "y"};
    }
    for (int more = 0; more < 4; more++) { /* of nothing, then of each */
        const struct sigv4_request request = {
            .method = "GET", .path = path, .headers = headers, .header_count = HEADERS + (more == 2)};
        struct sigv4_signature signature;
        path[2 * SEGMENTS - 1] = more == 1 ? '/' : '\0';
        service[SERVICE] = more == 3 ? 's' : '\0';

        enum mstr_code code = sigv4_sign(&example, "us-east-1", service, 0, &request, NULL, &signature);

        assert_int_equal(code, more == 0 ? MSTR_OK : more == 3 ? MSTR_E_CONFIG : MSTR_E_USAGE);
        sigv4_release(&signature);
    }
}

static void a_region_that_could_change_the_host_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "x/../evil.com#", "-a", "a-", "123", "us east", "us.east", "a@b"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(sigv4_region_is_valid(bad[i]));
    }
    assert_false(sigv4_region_is_valid(NULL));
    assert_true(sigv4_region_is_valid("us-east-1"));
    assert_true(sigv4_region_is_valid("local"));
    assert_true(sigv4_region_is_valid("a"));
    char longest[] = "eu-0123456789012345678901234567890123456789012345678901234567890";
    assert_false(sigv4_region_is_valid(longest));
    longest[63] = '\0';
    assert_true(sigv4_region_is_valid(longest));
    const struct sigv4_request request = {.method = "GET", .path = "/"};
    struct sigv4_signature signature;
    assert_int_equal(sigv4_sign(&example, "-a", "s", 0, &request, NULL, &signature), MSTR_E_CONFIG);
    sigv4_release(&signature);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_public_suite_is_signed_as_expected),
        cmocka_unit_test(requests_of_real_services_are_signed_as_expected),
        cmocka_unit_test(a_kept_key_gives_the_same_signatures_and_is_replaced_when_it_does_not_fit),
        cmocka_unit_test(a_request_has_one_spelling),
        cmocka_unit_test(headers_are_signed_in_order_lower_case_and_trimmed_but_for_those_that_proxies_change),
        cmocka_unit_test(headers_that_signing_adds_are_refused),
        cmocka_unit_test(more_than_is_signed_is_refused),
        cmocka_unit_test(as_many_segments_headers_and_octets_of_a_scope_as_there_is_room_for_are_signed),
        cmocka_unit_test(a_region_that_could_change_the_host_is_refused),
    };
    return RUN_TESTS("sdk/sigv4");
}
