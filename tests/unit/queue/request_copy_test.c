/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/request_copy.c: every text of a request is copied, whichever member it stands in. */
#include "queue/request_copy.h"

#include "lent.h"

static void all_of_a_request_outlives_what_was_given(void **state)
{
    (void)state;
    const mstr_reader reader = MSTR_READER_INIT;
    const mstr_writer writer = MSTR_WRITER_INIT;
    const mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    struct mstr_header pairs[4] = {{lend(), lend()}, {lend(), lend()}, {lend(), lend()}, {lend(), lend()}};
    mstr_part part = {sizeof(part), 0, lend(), lend(), lend(), lend(), 5, &reader};
    mstr_network network = {sizeof(network),
                            MSTR_NETWORK_NO_ENVIRONMENT,
                            lend(),
                            lend(),
                            lend(),
                            lend(),
                            lend(),
                            lend(),
                            lend(),
                            1,
                            2,
                            3,
                            0};
    mstr_session_request request = {sizeof(request),
                                    MSTR_REQUEST_NO_AUTH,
                                    lend(),
                                    lend(),
                                    &pairs[0],
                                    1,
                                    &pairs[1],
                                    1,
                                    lend(),
                                    5,
                                    lend(),
                                    lend(),
                                    &call,
                                    &pairs[2],
                                    1,
                                    &part,
                                    1,
                                    lend(),
                                    &reader,
                                    &writer,
                                    &pairs[3],
                                    1,
                                    &network,
                                    99};
    struct copies copies = {NULL, false};
    mstr_session_request copy;

    assert_true(request_copy(&request, &copies, &copy));
    take_back();
    memset(pairs, 0, sizeof(pairs));
    memset(&part, 0, sizeof(part));
    memset(&network, 0, sizeof(network));

    const char *const texts[] = {copy.method,
                                 copy.path,
                                 copy.content_type,
                                 copy.project,
                                 copy.file,
                                 copy.body,
                                 copy.query->name,
                                 copy.query->value,
                                 copy.headers->name,
                                 copy.headers->value,
                                 copy.form->name,
                                 copy.form->value,
                                 copy.cookies->name,
                                 copy.cookies->value,
                                 copy.parts->name,
                                 copy.parts->filename,
                                 copy.parts->content_type,
                                 copy.parts->octets,
                                 copy.network->ca_file,
                                 copy.network->client_cert,
                                 copy.network->client_key,
                                 copy.network->proxy,
                                 copy.network->proxy_username,
                                 copy.network->no_proxy,
                                 copy.network->pinned_key};
    assert_all_lent(texts, COUNT_OF(texts));
    assert_ptr_equal(copy.reader, &reader);
    assert_ptr_equal(copy.writer, &writer);
    assert_ptr_equal(copy.parts->reader, &reader);
    assert_null(copy.call);
    assert_int_equal(copy.flags, MSTR_REQUEST_NO_AUTH);
    assert_int_equal(copy.network->max_redirects, 3);
    assert_int_equal(copy.response_limit, 99);
    copies_release(&copies);
}

static void a_request_of_an_older_program_is_made_whole(void **state)
{
    (void)state;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_session_request copy;
    struct copies copies = {NULL, false};
    request.path = "projects";
    request.file = "not known to it";
    request.size = offsetof(mstr_session_request, file);
    assert_true(request_copy(&request, &copies, &copy));
    assert_int_equal(copy.size, sizeof(copy));
    assert_string_equal(copy.path, "projects");
    assert_null(copy.file);
    copies_release(&copies);
}

static void a_part_that_was_not_initialised_is_left_to_whoever_refuses_it(void **state)
{
    (void)state;
    mstr_part part;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_session_request copy;
    struct copies copies = {NULL, false};
    memset(&part, 0x5a, sizeof(part));
    part.size = 4;
    request.path = "x";
    request.parts = &part;
    request.part_count = 1;
    assert_true(request_copy(&request, &copies, &copy));
    assert_int_equal(copy.parts->size, 4);
    copies_release(&copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_request_outlives_what_was_given),
        cmocka_unit_test(a_request_of_an_older_program_is_made_whole),
        cmocka_unit_test(a_part_that_was_not_initialised_is_left_to_whoever_refuses_it),
    };
    return RUN_TESTS("queue/request_copy");
}
