/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios of requests, their bodies and their answers, and of what every request carries. */
#include "out_of_memory/scenario.h"

#include <mstr/json-c.h>

#include <errno.h>
#include <stdio.h>

#define BASE "http://127.0.0.1:1/api/"

#define PAGED "8CCDA29611E943E8B5FB0080EFD5AF44"
/* A page of a report that pages by year, with its metrics down the rows. */
#define YEAR                                                                                                         \
    "{\"name\":\"Year\",\"id\":\"Y\",\"type\":\"attribute\",\"elements\":[{\"formValues\":[\"2025\"],\"id\":\"h1;"   \
    "Y\"},"                                                                                                          \
    "{\"formValues\":[\"2026\"],\"id\":\"h2;Y\"}]}"
#define GRID_OF_PAGE                                                                                                 \
    "{\"pageBy\":[" YEAR "],\"columns\":[],\"rows\":[{\"name\":\"Region\",\"id\":\"R\",\"type\":\"attribute\","      \
    "\"elements\":[{\"formValues\":[\"North\"],\"id\":\"h1;R\"}]},{\"type\":\"templateMetrics\",\"elements\":["      \
    "{\"name\":\"Cost\",\"id\":\"C\",\"dataType\":\"integer\"}]}]}"
#define PAGE_OF(year)                                                                                                \
    "{\"instanceId\":\"B-1\",\"status\":1,\"definition\":{\"grid\":" GRID_OF_PAGE                                    \
    "},\"data\":{\"currentPageBy\":[" year                                                                           \
    "],\"paging\":{\"total\":1},\"headers\":{\"rows\":[[0,0]],\"columns\":[]},\"metricValues\":{\"raw\":[[7]]}}}"
#define GRID                                                                                                         \
    "{\"instanceId\":\"A-1\",\"status\":1,\"definition\":{\"grid\":{\"rows\":[{\"name\":\"R\",\"elements\":["        \
    "{\"formValues\":[\"x\"]}]}],\"columns\":[{\"elements\":[{\"name\":\"M\"}]}]}},\"data\":{\"paging\":"            \
    "{\"total\":3},\"headers\":{\"rows\":[[0]],\"columns\":[[0]]},\"metricValues\":{\"raw\":[[1.5]],"                \
    "\"formatted\":[[\"1.5\"]]}}}"

/* What the server of all scenarios says, by the begin of method and path. */
static const struct {
    const char *request;
    int status;
    const char *header;
    const char *value;
    const char *body;
} answers[] = {
    {"POST auth/login", 204, "X-MSTR-AuthToken", "token-1", ""},
    {"POST auth/delegate", 204, "X-MSTR-AuthToken", "token-1", ""},
    {"GET auth/token", 204, "X-MSTR-AuthToken", "token-1", ""},
    {"POST auth/logout", 204, NULL, NULL, ""},
    {"POST auth/identityToken", 201, "X-MSTR-IdentityToken", "identity-1", ""},
    {"GET auth/identityToken", 200, NULL, NULL, "{\"userId\":\"54F3D26011D2896560009A8E67019608\"}"},
    {"POST auth/apiTokens", 201, NULL, NULL, "{\"apiToken\":\"api-1\"}"},
    {"GET status", 200, NULL, NULL, "{\"iServerVersion\":\"11.3.0460.00602\"}"},
    {"GET projects", 200, NULL, NULL,
     "[{\"id\":\"B7CA92F04B9FAE8D941C3E9B7E0CD754\",\"name\":\"MicroStrategy Tutorial\",\"alias\":\"\",\"status\":0},"
     "{\"id\":\"CE52831411E696C8BD2F0080EFD5AF44\",\"name\":\"Consolidated Education Project\",\"status\":0}]"},
    {"POST model/changesets", 201, NULL, NULL, "{\"id\":\"C1\",\"schemaEdit\":false}"},
    {"GET list?limit=1&offset=0", 200, "x-mstr-total-count", "3", "[{\"a\": 1.50}]"},
    {"GET list?limit=1&offset=1", 200, "x-mstr-total-count", "3", "[{\"a\": 2.50}]"},
    {"GET list?limit=1&offset=2", 200, "x-mstr-total-count", "3", "[{\"a\": 3.50}]"},
    {"POST v2/reports/AB/instances", 200, NULL, NULL, GRID},
    {"GET v2/reports/AB/instances/A-1", 200, NULL, NULL, GRID},
    {"GET searches/results", 200, NULL, NULL,
     "{\"result\":[{\"name\":\"Sales\",\"subtype\":768,\"id\":\"" PAGED "\"}]}"},
    {"GET v2/reports/" PAGED "/instances/B-1/pageBy/elements", 200, NULL, NULL,
     "{\"pageBy\":[" YEAR "],\"validPageByElements\":{\"paging\":{\"total\":2},\"items\":[[0],[1]]}}"},
    {"GET v2/reports/" PAGED "/instances/B-1", 200, NULL, NULL, PAGE_OF("0")},
    {"PUT v2/reports/" PAGED "/instances/B-1", 200, NULL, NULL, PAGE_OF("1")},
    {"POST v2/reports/" PAGED "/instances", 200, NULL, NULL, "{\"instanceId\":\"B-1\",\"status\":2}"},
    {"GET v2/reports/" PAGED, 200, NULL, NULL,
     "{\"definition\":{\"grid\":" GRID_OF_PAGE ",\"availableObjects\":{\"attributes\":[" YEAR
     ",{\"name\":\"Region\",\"id\":"
     "\"R\",\"forms\":[{\"id\":\"F\",\"name\":\"ID\"}]}],\"metrics\":[{\"name\":\"Cost\",\"id\":\"C\"}]}}}"},
    {"GET reports/" PAGED "/instances/B-1/prompts", 200, NULL, NULL,
     "[{\"key\":\"K\",\"name\":\"Kind\",\"type\":\"VALUE\",\"required\":true}]"},
    {"GET reports/" PAGED "/instances/B-1/status", 200, NULL, NULL, "{\"status\":1}"},
    {"PUT reports/" PAGED "/instances/B-1/prompts/answers", 204, "Retry-After", "0", ""},
    {"POST documents/" PAGED "/instances/A-1/visualizations/K/csv", 200, NULL, NULL, "{\"data\":\"//4iAGEAIgA=\"}"},
    {"POST documents/" PAGED "/instances", 201, NULL, NULL, "{\"mid\":\"A-1\",\"status\":2}"},
    {"GET documents/" PAGED "/instances/A-1/prompts", 200, NULL, NULL,
     "[{\"key\":\"K\",\"name\":\"Kind\",\"type\":\"VALUE\",\"required\":true}]"},
    {"GET documents/" PAGED "/instances/A-1/status", 200, NULL, NULL, "{\"status\":1}"},
    {"PUT documents/" PAGED "/instances/A-1/prompts/answers", 204, "Retry-After", "0", ""},
    {"GET v2/dossiers/" PAGED "/definition", 200, NULL, NULL,
     "{\"chapters\":[{\"pages\":[{\"visualizations\":[{\"key\":\"K\",\"name\":\"Chart\"}]}]}]}"},
    {"POST datasets/models", 200, NULL, NULL, "{\"id\":\"DA\"}"},
    {"GET datasets/" PAGED, 200, NULL, NULL, "{\"tables\":[{\"name\":\"T\"}]}"},
    {"GET datasets/DA/uploadSessions/C1/publishStatus", 200, NULL, NULL, "{\"status\":1}"},
    {"POST datasets/DA/uploadSessions/C1/publish", 200, NULL, NULL, "{}"},
    {"POST datasets/DA/uploadSessions", 200, NULL, NULL, "{\"uploadSessionId\":\"C1\"}"},
    {"POST datasets/" PAGED "/uploadSessions", 200, NULL, NULL, "{\"uploadSessionId\":\"C1\"}"},
    {"GET none", 404, NULL, NULL,
     "{\"code\":\"ERR004\",\"iServerCode\":-2147216373,\"message\":\"no such thing\",\"ticketId\":\"t1\"}"},
    {"GET moved", 302, "Location", BASE "object", ""},
    {"GET object", 200, "X-One", "1", "{\"text\":\"a\",\"number\":7,\"list\":[1,2],\"deep\":{\"x\":\"y\"}}"},
};

static enum mstr_code reply_with(mstr_transport_reply *reply, int status, const char *header, const char *value,
                                 const char *body)
{
    enum mstr_code code = mstr_transport_reply_status(reply, status);
    if (code == MSTR_OK && header != NULL) {
        code = mstr_transport_reply_header(reply, header, value);
    }
    if (code == MSTR_OK && strcmp(value != NULL ? value : "", "token-1") == 0) {
        code = mstr_transport_reply_header(reply, "Set-Cookie", "JSESSIONID=s1; Path=/api");
    }
    return code == MSTR_OK ? mstr_transport_reply_body(reply, body, strlen(body)) : code;
}

static enum mstr_code answer(const struct mstr_http_request *request, mstr_transport_reply *reply,
                             const mstr_call_options *call, mstr_error *error, void *data)
{
    struct scene *scene = data;
    char line[512];
    char octets[256];
    size_t got = 0;
    (void)call;
    do {
        if (mstr_transport_read_body(reply, octets, sizeof(octets), &got) != MSTR_OK) {
            return mstr_error_set(error, MSTR_E_CANCELLED, "the body cannot be read");
        }
    } while (got > 0);
    snprintf(line, sizeof(line), "%s %s", request->method, request->url + strlen(BASE));
    if (scene->expiring > 0 && strncmp(line, "GET object", 10) == 0) {
        scene->expiring--;
        return reply_with(reply, 401, NULL, NULL,
                          "{\"code\":\"ERR009\",\"message\":\"The user's session has expired\"}");
    }
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        if (strncmp(line, answers[i].request, strlen(answers[i].request)) == 0) {
            return reply_with(reply, answers[i].status, answers[i].header, answers[i].value, answers[i].body);
        }
    }
    return reply_with(reply, 200, NULL, NULL, "{}");
}

enum mstr_code scene_new_session(struct scene *scene, uint32_t flags, mstr_session **out, mstr_error *error)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE | flags;
    enum mstr_code code = mstr_session_new(scene->context, &options, out, error);
    if (code == MSTR_OK && mstr_session_mount(*out, "", answer, scene, NULL) != MSTR_OK) {
        mstr_session_free(*out);
        *out = NULL;
        code = mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

enum mstr_code scene_new_whole_session(struct scene *scene, uint32_t flags, mstr_session **out, mstr_error *error)
{
    mstr_credential *const credentials[] = {
        [MSTR_CREDENTIAL_BASE_URL] = mstr_credential_literal(BASE),
        [MSTR_CREDENTIAL_USERNAME] = mstr_credential_literal("analyst"),
        [MSTR_CREDENTIAL_PASSWORD] = mstr_credential_template("${double:pass}-1"),
        [MSTR_CREDENTIAL_PERSISTENCE_KEY] = mstr_credential_reference("double:key"),
    };
    enum mstr_code code = scene_new_session(scene, flags, out, error);
    for (size_t i = 0; i < COUNT_OF(credentials); i++) {
        bool wanted = i <= MSTR_CREDENTIAL_PASSWORD || i == MSTR_CREDENTIAL_PERSISTENCE_KEY;
        if (code == MSTR_OK && wanted && credentials[i] == NULL) {
            code = mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
            mstr_session_free(*out);
            *out = NULL;
        }
        if (code == MSTR_OK && wanted) {
            mstr_session_set_credential(*out, (enum mstr_credential_kind)i, credentials[i]);
        } else {
            mstr_credential_release(credentials[i]);
        }
    }
    return code;
}

static enum mstr_code send(struct scene *scene, const mstr_session_request *request, const char *body)
{
    mstr_response *response = NULL;
    enum mstr_code code = mstr_session_send(scene->session, request, &response, scene->error);
    assert_true((response != NULL) == (code == MSTR_OK));
    if (response != NULL && body != NULL) {
        assert_string_equal(mstr_response_body(response, NULL), body);
    }
    mstr_response_free(response);
    return code;
}

static enum mstr_code verbs(struct scene *scene)
{
    enum mstr_code (*const bodiless[])(mstr_session *, const char *, mstr_response **, mstr_error *) = {
        mstr_session_get, mstr_session_head, mstr_session_options_of, mstr_session_delete};
    enum mstr_code (*const with_body[])(mstr_session *, const char *, const char *, mstr_response **,
                                        mstr_error *) = {mstr_session_post, mstr_session_put, mstr_session_patch};
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; i < COUNT_OF(bodiless) && code == MSTR_OK; i++) {
        mstr_response *response = NULL;
        code = bodiless[i](scene->session, "x", &response, scene->error);
        assert_true((response != NULL) == (code == MSTR_OK));
        mstr_response_free(response);
    }
    for (size_t i = 0; i < COUNT_OF(with_body) && code == MSTR_OK; i++) {
        mstr_response *response = NULL;
        code = with_body[i](scene->session, "x", "{\"a\":1}", &response, scene->error);
        assert_true((response != NULL) == (code == MSTR_OK));
        mstr_response_free(response);
    }
    return code;
}
static const struct scenario verbs_scenario = {"verbs", STAGE_OPEN, verbs, 0};

/* One request with everything that may stand beside a body. */
static enum mstr_code whole_request(struct scene *scene)
{
    static const struct mstr_header query[] = {{"a b", "c&d"}, {"e", ""}};
    static const struct mstr_header headers[] = {{"X-Mine", "1"}};
    static const struct mstr_header cookies[] = {{"mine", "2"}};
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    network.no_proxy = "*";
    request.method = "PUT";
    request.path = "x/y%20z";
    request.query = query;
    request.query_count = 2;
    request.headers = headers;
    request.header_count = 1;
    request.cookies = cookies;
    request.cookie_count = 1;
    request.body = "abc";
    request.body_length = 3;
    request.content_type = "text/plain";
    request.project = "MicroStrategy Tutorial";
    request.network = &network;
    return send(scene, &request, "{}");
}
static const struct scenario request_scenario = {"request", STAGE_OPEN, whole_request, 0};

static int keep_octets(const void *octets, size_t length, void *data)
{
    strncat(data, octets, length);
    return 0;
}

static enum mstr_code bodies(struct scene *scene)
{
    static const struct mstr_header form[] = {{"a", "b"}, {"c", "d e"}};
    const mstr_part parts[] = {{sizeof(mstr_part), 0, "field", NULL, NULL, "1", 1, NULL},
                               {sizeof(mstr_part), 0, "file", "f.txt", "text/plain", "22", 2, NULL}};
    char kept[64] = "";
    const mstr_writer writer = {sizeof(writer), -1, keep_octets, kept, NULL};
    mstr_session_request requests[] = {MSTR_SESSION_REQUEST_INIT, MSTR_SESSION_REQUEST_INIT,
                                       MSTR_SESSION_REQUEST_INIT};
    enum mstr_code code = MSTR_OK;
    requests[0].form = form;
    requests[0].form_count = 2;
    requests[1].parts = parts;
    requests[1].part_count = 2;
    requests[2].file = "/etc/hostname";
    for (size_t i = 0; i < COUNT_OF(requests) && code == MSTR_OK; i++) {
        requests[i].method = "POST";
        requests[i].path = "x";
        requests[i].writer = i == 2 ? &writer : NULL;
        code = send(scene, &requests[i], i == 2 ? "" : "{}");
    }
    assert_true(code != MSTR_OK || strcmp(kept, "{}") == 0);
    return code;
}
static const struct scenario bodies_scenario = {"bodies", STAGE_OPEN, bodies, 0};

/* A refusal that was let through, and a member of its body. */
static enum mstr_code let_through(struct scene *scene)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    mstr_secret *member = NULL;
    request.path = "none";
    request.flags = MSTR_REQUEST_KEEP_ERRORS;
    enum mstr_code code = mstr_session_send(scene->session, &request, &response, scene->error);
    if (code == MSTR_OK) {
        code = mstr_response_refusal(response, "GET none", scene->error);
        assert_true(code == MSTR_E_NOT_FOUND || code == MSTR_E_MEMORY);
        mstr_error_clear(scene->error);
        code = code == MSTR_E_MEMORY ? code : mstr_response_member(response, "/iServerCode", &member, scene->error);
        assert_true(code != MSTR_OK || strcmp(mstr_secret_octets(member), "-2147216373") == 0);
    }
    mstr_secret_release(member);
    mstr_response_free(response);
    return code;
}
static const struct scenario let_through_scenario = {"let_through", STAGE_OPEN, let_through, 0};

/* What the server refuses is told as that, with its code, or as memory that ran out; and kept where that is
 * wanted. */
static enum mstr_code refusals(struct scene *scene)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    request.path = "none";
    enum mstr_code code = mstr_session_send(scene->session, &request, &response, scene->error);
    assert_null(response);
    if (code != MSTR_E_MEMORY) {
        assert_int_equal(code, MSTR_E_NOT_FOUND);
        assert_int_equal(mstr_error_code(scene->error), MSTR_E_NOT_FOUND);
        assert_int_equal(mstr_error_iserver_code(scene->error), -2147216373);
        mstr_error_clear(scene->error);
        request.flags = MSTR_REQUEST_KEEP_ERRORS;
        code = send(scene, &request, NULL);
    }
    return code;
}
static const struct scenario refusals_scenario = {"refusals", STAGE_OPEN, refusals, 0};

static enum mstr_code redirects(struct scene *scene)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "moved";
    return send(scene, &request, NULL);
}
static const struct scenario redirects_scenario = {"redirects", STAGE_OPEN, redirects, 0};

static enum mstr_code relogins(struct scene *scene)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "object";
    enum mstr_code code = mstr_session_open(scene->session, NULL, scene->error);
    scene->expiring = 1;
    code = code == MSTR_OK ? send(scene, &request, NULL) : code;
    scene->expiring = 0;
    return code;
}
static const struct scenario relogins_scenario = {"relogins", STAGE_OPEN, relogins, 0};

/* None of the getters tells that something is absent which is there: they say so by errno. */
static enum mstr_code read_response(const mstr_response *response)
{
    int64_t number = 0;
    const char *name = NULL;
    const char *value = NULL;
    errno = 0;
    bool good = mstr_response_text(response, "/text") != NULL && mstr_response_json(response) != NULL &&
                mstr_response_text(response, "/deep/x") != NULL && mstr_response_count(response, "/list") == 2 &&
                mstr_response_number(response, "/number", &number) != 0 && number == 7;
    assert_true(good || errno == ENOMEM);
    assert_string_equal(mstr_response_header(response, "x-one"), "1");
    assert_int_equal(mstr_response_header_at(response, 0, &name, &value), 1);
    assert_string_equal(mstr_response_url(response), BASE "object");
    return good ? MSTR_OK : MSTR_E_MEMORY;
}

static enum mstr_code responses(struct scene *scene)
{
    mstr_response *response = NULL;
    enum mstr_code code = mstr_session_get(scene->session, "object", &response, scene->error);
    if (code == MSTR_OK) {
        code = read_response(response);
    }
    mstr_response_free(response);
    return code;
}
static const struct scenario responses_scenario = {"responses", STAGE_OPEN, responses, 0};

static enum mstr_code urls(struct scene *scene)
{
    static const struct mstr_header query = {"a b", "c&d"};
    static const char *const name = "y z";
    char path[128] = "";
    char url[128] = "";
    enum mstr_code code = mstr_path(path, sizeof(path), "x/{}", &name, 1, scene->error);
    if (code == MSTR_OK) {
        code = mstr_session_url(scene->session, path, &query, 1, url, sizeof(url), scene->error);
        assert_true(code != MSTR_OK || strncmp(url, BASE "x/y%20z?", strlen(BASE "x/y%20z?")) == 0);
    }
    return code;
}
static const struct scenario urls_scenario = {"urls", STAGE_SESSION, urls, 0};

/* What could not be set leaves what was set before. */
static enum mstr_code defaults(struct scene *scene)
{
    mstr_session *session = scene->session;
    const struct {
        enum mstr_code (*set)(mstr_session *, const char *, const char *);
        const char *name;
        const char *value;
    } cases[] = {{mstr_session_set_header, "X-Gateway", "1"},   {mstr_session_set_header, "X-Gateway", "2"},
                 {mstr_session_set_query, "lang", "de"},        {mstr_session_set_cookie, "gate", "open"},
                 {mstr_session_set_basic_auth, "user", "pass"}, {mstr_session_set_cookie, "gate", NULL}};
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; i < COUNT_OF(cases) && code == MSTR_OK; i++) {
        code = cases[i].set(session, cases[i].name, cases[i].value);
    }
    return code;
}
static const struct scenario defaults_scenario = {"defaults", STAGE_SESSION, defaults, 0};

static unsigned unmounted;

static void note_unmount(void *data)
{
    (void)data;
    unmounted++;
}

static enum mstr_code mounts(struct scene *scene)
{
    unsigned before = unmounted;
    enum mstr_code code = mstr_session_mount(scene->session, "http://x/", answer, scene, note_unmount);
    if (code == MSTR_OK) {
        code = mstr_session_mount(scene->session, "http://x/", NULL, NULL, NULL);
        assert_int_equal(unmounted, before + 1);
    }
    return code;
}
static const struct scenario mounts_scenario = {"mounts", STAGE_SESSION, mounts, 0};

static const char fixed[] = "gives what is held already";
static const char elsewhere[] = "the network is integration/out_of_memory_network's affair";

const struct called request_calls[] = {
    {"mstr_path", &urls_scenario, NULL},
    {"mstr_response_body", &verbs_scenario, NULL},
    {"mstr_response_count", &responses_scenario, NULL},
    {"mstr_response_elapsed", NULL, fixed},
    {"mstr_response_free", NULL, "only frees; scenarios call it"},
    {"mstr_response_header", &responses_scenario, NULL},
    {"mstr_response_header_at", &responses_scenario, NULL},
    {"mstr_response_json", &responses_scenario, NULL},
    {"mstr_response_member", &let_through_scenario, NULL},
    {"mstr_response_number", &responses_scenario, NULL},
    {"mstr_response_refusal", &let_through_scenario, NULL},
    {"mstr_response_status", NULL, fixed},
    {"mstr_response_text", &responses_scenario, NULL},
    {"mstr_response_url", &responses_scenario, NULL},
    {"mstr_session_delete", &verbs_scenario, NULL},
    {"mstr_session_get", &verbs_scenario, NULL},
    {"mstr_session_head", &verbs_scenario, NULL},
    {"mstr_session_mount", &mounts_scenario, NULL},
    {"mstr_session_options_of", &verbs_scenario, NULL},
    {"mstr_session_patch", &verbs_scenario, NULL},
    {"mstr_session_post", &verbs_scenario, NULL},
    {"mstr_session_put", &verbs_scenario, NULL},
    {"mstr_session_send", &request_scenario, NULL},
    {"mstr_session_send", &bodies_scenario, NULL},
    {"mstr_session_send", &refusals_scenario, NULL},
    {"mstr_session_send", &redirects_scenario, NULL},
    {"mstr_session_send", &relogins_scenario, NULL},
    {"mstr_session_set_basic_auth", &defaults_scenario, NULL},
    {"mstr_session_set_cookie", &defaults_scenario, NULL},
    {"mstr_session_set_header", &defaults_scenario, NULL},
    {"mstr_session_set_query", &defaults_scenario, NULL},
    {"mstr_session_url", &urls_scenario, NULL},
    {"mstr_transport_answer", NULL, elsewhere},
    {"mstr_transport_forward", NULL, elsewhere},
    {"mstr_transport_read_body", &request_scenario, NULL},
    {"mstr_transport_reply_body", &request_scenario, NULL},
    {"mstr_transport_reply_header", &request_scenario, NULL},
    {"mstr_transport_reply_status", &request_scenario, NULL},
    {"mstr_uri_encode", NULL, "allocates nothing: writes where it is told to"},
    {NULL, NULL, NULL},
};
