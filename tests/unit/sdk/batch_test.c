/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of the requests of one call: each is read, fetched and answered for itself. */
#include "sdk/batch.h"

#include "base/buffer.h"
#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <string.h>

enum { COUNT = 3 };

/* A store's own structure. */
struct thing {
    struct batch_item item; /* first */
    struct buffer url;
    struct buffer value;
};

static struct mstr_request *requests[COUNT];
static size_t fetched, released;

static enum mstr_code read_thing(struct batch_item *item)
{
    struct thing *thing = (struct thing *)(void *)item;
    assert_ptr_equal(item->batch->self, &fetched);
    buffer_printf(&thing->url, "https://store.example/%s", item->reference->body);
    return strcmp(item->reference->body, "none") != 0
               ? MSTR_OK
               : error_hint(item->error, host->error_set(item->error, MSTR_E_CONFIG, "names nothing"), "name one");
}

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    const struct thing *thing = data;
    (void)attempt;
    assert_ptr_equal(error, thing->item.error);
    assert_ptr_equal(thing->item.request->data, data);
    http->method = "GET";
    http->url = buffer_text(&thing->url);
    return MSTR_OK;
}

static enum mstr_code read_answer(void *data, struct attempt *attempt, struct mstr_http_response *response,
                                  struct mstr_error *error)
{
    struct thing *thing = data;
    buffer_puts(&thing->value, host->http_answer(response)->body);
    return attempt->status == 200 ? MSTR_OK : host->error_set(error, MSTR_E_NOT_FOUND, "is not there");
}

static void fetch(const struct batch *batch)
{
    static const struct traffic traffic = {.retry = {.attempts = 1}};
    const struct request like = {.traffic = &traffic, .prepare = prepare, .read = read_answer};
    fetched++;
    batch_send(batch, &like);
}

static void answer(struct batch_item *item)
{
    const struct thing *thing = (const void *)item;
    if (thing->value.length == 0) {
        item->code = host->error_set(item->error, MSTR_E_PROTOCOL, "is empty");
    } else {
        batch_answer(item, buffer_text(&thing->value), thing->value.length, NULL);
    }
}

static void release(struct batch_item *item)
{
    struct thing *thing = (struct thing *)(void *)item;
    assert_null(item->request);
    buffer_release(&thing->url);
    buffer_release(&thing->value);
    released++;
}

static const struct batch_kind kind = {sizeof(struct thing), read_thing, fetch, answer, release};

static int make(void **state)
{
    fake_host_setup(state);
    fetched = released = 0;
    return 0;
}

static int drop(void **state)
{
    for (size_t i = 0; i < COUNT; i++) {
        fake_request_free(requests[i]);
    }
    return fake_host_teardown(state);
}

static void resolve(const struct batch_kind *how, const char *const references[COUNT])
{
    for (size_t i = 0; i < COUNT; i++) {
        requests[i] = fake_request_new(references[i]);
    }
    batch_resolve(how, &fetched, requests, COUNT, fake_host_call());
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(fake_request_answered(requests[i]));
    }
}

static void assert_failed(size_t index, enum mstr_code code, const char *message)
{
    assert_int_equal(fake_request_code(requests[index]), code);
    assert_string_equal(fake_request_message(requests[index]), message);
}

static void each_request_has_its_own_fate(void **state)
{
    (void)state;
    fake_host_answer("GET", "https://store.example/a", 200, NULL, "A");
    fake_host_answer("GET", "https://store.example/b", 404, NULL, "nothing");
    resolve(&kind, (const char *const[]){"x:b", "x:none", "x:a"});
    assert_failed(0, MSTR_E_NOT_FOUND, "is not there");
    assert_failed(1, MSTR_E_CONFIG, "names nothing");
    assert_string_equal(fake_request_detail(requests[1], MSTR_DETAIL_HINT), "name one");
    assert_string_equal(fake_request_value(requests[2], NULL), "A");
    assert_int_equal(fake_host_requests(), 2);
    assert_int_equal(released, COUNT);
}

static void a_value_may_still_be_refused_when_it_is_answered(void **state)
{
    (void)state;
    fake_host_answer_always("GET", "https://store.example/*", 200, NULL, "");
    resolve(&kind, (const char *const[]){"x:a", "x:b", "x:c"});
    for (size_t i = 0; i < COUNT; i++) {
        assert_failed(i, MSTR_E_PROTOCOL, "is empty");
    }
}

static void nothing_is_fetched_where_nothing_can_be(void **state)
{
    (void)state;
    resolve(&kind, (const char *const[]){"x:none", "x:none", "x:none"});
    assert_int_equal(fetched, 0);
    assert_int_equal(released, COUNT);
}

/* The first is answered, the second has failed for itself. */
static void answer_one_and_fail(const struct batch *batch)
{
    struct mstr_error *error = host->error_new();
    batch_answer(batch_at(batch, 0), "x", 1, NULL);
    host->error_set(error, MSTR_E_DENIED, "for all");
    host->error_detail(error, MSTR_DETAIL_HINT, "ask for it");
    batch_fail(batch, MSTR_E_DENIED, error);
    for (size_t i = 0; i < COUNT; i++) {
        assert_false(batch_waits(batch_at(batch, i)));
    }
    host->error_free(error);
}

static void what_fails_all_leaves_alone_who_was_answered_or_failed_before(void **state)
{
    const struct batch_kind own = {sizeof(struct thing), read_thing, answer_one_and_fail, NULL, release};
    (void)state;
    resolve(&own, (const char *const[]){"x:a", "x:none", "x:c"});
    assert_string_equal(fake_request_value(requests[0], NULL), "x");
    assert_failed(1, MSTR_E_CONFIG, "names nothing");
    assert_failed(2, MSTR_E_DENIED, "for all");
    assert_string_equal(fake_request_detail(requests[2], MSTR_DETAIL_HINT), "ask for it");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

static bool has_same_name(const struct batch_item *other, const struct batch_item *item)
{
    return strcmp(other->reference->body, item->reference->body) == 0;
}

/* The second fails since it can have no token; whoever follows asks for none. */
static enum mstr_code prepare_by_token(void *data, struct attempt *attempt, struct mstr_http_request *http,
                                       struct mstr_error *error)
{
    struct thing *thing = data;
    const struct batch_item *other = batch_find(&thing->item, batch_is_tokenless);
    if (other != NULL) {
        return batch_fail_like(other, error);
    }
    thing->item.tokenless = strcmp(thing->item.reference->body, "b") == 0;
    return thing->item.tokenless ? host->error_set(error, MSTR_E_AUTHENTICATION, "has no token")
                                 : prepare(data, attempt, http, error);
}

static void fetch_by_token(const struct batch *batch)
{
    static const struct traffic traffic = {.retry = {.attempts = 1}};
    const struct request like = {.traffic = &traffic, .prepare = prepare_by_token, .read = read_answer};
    assert_ptr_equal(batch_find(batch_at(batch, 0), has_same_name), batch_at(batch, 2));
    assert_ptr_equal(batch_find(batch_at(batch, 2), has_same_name), batch_at(batch, 0));
    assert_null(batch_find(batch_at(batch, 1), has_same_name));
    batch_send(batch, &like);
}

static void others_of_a_batch_are_found_and_fail_likewise(void **state)
{
    static const struct batch_kind by_token = {sizeof(struct thing), read_thing, fetch_by_token, answer, release};
    (void)state;
    fake_host_answer("GET", "https://store.example/a", 200, NULL, "A");
    resolve(&by_token, (const char *const[]){"x:a", "x:b", "x:a"});
    assert_string_equal(fake_request_value(requests[0], NULL), "A");
    assert_failed(1, MSTR_E_AUTHENTICATION, "has no token");
    assert_failed(2, MSTR_E_AUTHENTICATION, "has no token");
    assert_int_equal(fake_host_requests(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_request_has_its_own_fate),
        TEST(a_value_may_still_be_refused_when_it_is_answered),
        TEST(nothing_is_fetched_where_nothing_can_be),
        TEST(what_fails_all_leaves_alone_who_was_answered_or_failed_before),
        TEST(others_of_a_batch_are_found_and_fail_likewise),
    };
    return RUN_TESTS("sdk/batch");
}
