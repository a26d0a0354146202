/* SPDX-License-Identifier: Apache-2.0 */
/* Structures that a program hands over: blank ones, and ones with flags of a later version, are refused alike by
 * every public function, and before anything is sent. */
#include "support/mounted.h"

static const mstr_call_options blank_call;
static const mstr_call_options odd_call = {sizeof(odd_call), 0x80, 0, NULL};
static const mstr_call_options late_call = {sizeof(late_call), 0, -1, NULL};

static int take_row(const mstr_row *row, void *data)
{
    (void)row;
    (void)data;
    return 0;
}

static int take_step(const mstr_explain_step *step, void *data)
{
    (void)step;
    (void)data;
    return 0;
}

static enum mstr_code make_none(mstr_session **out, void *data, mstr_error *error)
{
    (void)out;
    (void)data;
    (void)error;
    return MSTR_E_USAGE;
}

static enum mstr_code get(struct mounted *m, const mstr_call_options *call)
{
    mstr_secret *secret = NULL;
    return mstr_context_get(m->context, "text:x", call, &secret, m->error);
}

static enum mstr_code explain(struct mounted *m, const mstr_call_options *call)
{
    return mstr_context_explain(m->context, "text:x", call, take_step, NULL, m->error);
}

static enum mstr_code setting(struct mounted *m, const mstr_call_options *call)
{
    mstr_secret *secret = NULL;
    return mstr_context_setting(m->context, NULL, "text:x", call, &secret, m->error);
}

static enum mstr_code open_it(struct mounted *m, const mstr_call_options *call)
{
    return mstr_session_open(m->session, call, m->error);
}

static enum mstr_code adopt(struct mounted *m, const mstr_call_options *call)
{
    return mstr_session_adopt(m->session, NULL, call, m->error);
}

static enum mstr_code log_out(struct mounted *m, const mstr_call_options *call)
{
    return mstr_session_logout(m->session, call, m->error);
}

static enum mstr_code save(struct mounted *m, const mstr_call_options *call)
{
    return mstr_session_save(m->session, "/nowhere/x", call, m->error);
}

static enum mstr_code load(struct mounted *m, const mstr_call_options *call)
{
    return mstr_session_load(m->session, "/nowhere/x", call, m->error);
}

static enum mstr_code send(struct mounted *m, const mstr_call_options *call)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    request.path = "x";
    request.call = call;
    return mstr_session_send(m->session, &request, &response, m->error);
}

static enum mstr_code pages(struct mounted *m, const mstr_call_options *call)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *made = NULL;
    request.path = "x";
    request.call = call;
    return mstr_pages_new(m->session, &request, 0, &made, m->error);
}

static enum mstr_code execute(struct mounted *m, const mstr_call_options *call)
{
    mstr_execution execution = MSTR_EXECUTION_INIT;
    execution.id = "8CCDA29611E943E8B5FB0080EFD5AF44";
    execution.call = call;
    return mstr_session_execute(m->session, &execution, take_row, NULL, m->error);
}

static enum mstr_code lease(struct mounted *m, const mstr_call_options *call)
{
    mstr_pool_options options = MSTR_POOL_OPTIONS_INIT;
    mstr_pool *pool = NULL;
    mstr_session *session = NULL;
    options.make = make_none;
    assert_int_equal(mstr_pool_new(&options, &pool, m->error), MSTR_OK);
    enum mstr_code code = mstr_pool_lease(pool, call, &session, m->error);
    mstr_error *own = mstr_error_new();
    assert_int_equal(mstr_pool_drain(pool, call, own), MSTR_E_USAGE);
    assert_string_equal(mstr_error_message(own), mstr_error_message(m->error));
    mstr_error_free(own);
    mstr_pool_free(pool);
    return code;
}

static mstr_queue *queue_new(struct mounted *m)
{
    mstr_queue *queue = NULL;
    assert_int_equal(mstr_queue_new(m->context, NULL, &queue, m->error), MSTR_OK);
    return queue;
}

static enum mstr_code queue_get(struct mounted *m, const mstr_call_options *call)
{
    mstr_queue *queue = queue_new(m);
    enum mstr_code code = mstr_queue_get(queue, "text:x", call, NULL, NULL, m->error);
    mstr_queue_free(queue);
    return code;
}

static enum mstr_code queue_open(struct mounted *m, const mstr_call_options *call)
{
    mstr_queue *queue = queue_new(m);
    enum mstr_code code = mstr_queue_open(queue, m->session, call, NULL, NULL, m->error);
    assert_int_equal(mstr_queue_close(queue, m->session, call, NULL, NULL, NULL), MSTR_E_USAGE);
    mstr_queue_free(queue);
    return code;
}

static enum mstr_code queue_send(struct mounted *m, const mstr_call_options *call)
{
    mstr_queue *queue = queue_new(m);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    request.call = call;
    enum mstr_code code = mstr_queue_send(queue, m->session, &request, NULL, NULL, m->error);
    mstr_queue_free(queue);
    return code;
}

static void options_of_a_call_are_refused_alike_everywhere(void **state)
{
    static enum mstr_code (*const functions[])(struct mounted *, const mstr_call_options *) = {
        get,  explain, setting, open_it, adopt,     log_out,    save,      load,
        send, pages,   execute, lease,   queue_get, queue_open, queue_send};
    struct mounted *mounted = mounted_open(NULL, 0);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        assert_int_equal(functions[i](mounted, &blank_call), MSTR_E_USAGE);
        assert_string_equal(mstr_error_message(mounted->error), "the options of the call were not initialised");
        mstr_error_clear(mounted->error);
        assert_int_equal(functions[i](mounted, &odd_call), MSTR_E_USAGE);
        assert_string_equal(mstr_error_message(mounted->error),
                            "the options of the call were given flags that this version does not know: 0x80");
        mstr_error_clear(mounted->error);
        assert_int_equal(functions[i](mounted, &late_call), MSTR_E_USAGE);
        assert_string_equal(mstr_error_message(mounted->error),
                            "the options of the call were given timeout = -1, which must be 0 or more");
        mstr_error_clear(mounted->error);
    }
    mstr_lookup lookup = {.reference = "text:x"};
    assert_int_equal(mstr_context_get_many(mounted->context, &lookup, 1, sizeof(lookup), &blank_call), MSTR_E_USAGE);
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

static void assert_refused(const struct mounted *mounted, enum mstr_code code, const char *message)
{
    assert_int_equal(code, MSTR_E_USAGE);
    assert_told(mounted, message);
    mstr_error_clear(mounted->error);
}

static void every_other_structure_is_refused_in_the_same_words(void **state)
{
    struct mounted *m = mounted_open(NULL, 0);
    mstr_context_options context = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_session_options session = MSTR_SESSION_OPTIONS_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_reader reader = MSTR_READER_INIT;
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_part part = MSTR_PART_INIT;
    mstr_execution execution = MSTR_EXECUTION_INIT;
    mstr_pool_options pool = MSTR_POOL_OPTIONS_INIT;
    mstr_context *new_context = NULL;
    mstr_session *new_session = NULL;
    mstr_response *response = NULL;
    mstr_changeset *changeset = NULL;
    mstr_pages *new_pages = NULL;
    mstr_pool *new_pool = NULL;
    (void)state;

    context.flags = 0x40;
    assert_refused(m, mstr_context_new(&context, &new_context, m->error), "does not know: 0x40");
    context.size = 0;
    assert_refused(m, mstr_context_new(&context, &new_context, m->error), "were not initialised");
    session.flags = 0x400;
    assert_refused(m, mstr_session_new(m->context, &session, &new_session, m->error), "does not know: 0x400");
    session.size = 0;
    assert_refused(m, mstr_session_new(m->context, &session, &new_session, m->error), "were not initialised");
    session = (mstr_session_options)MSTR_SESSION_OPTIONS_INIT;
    network.flags = 0x10;
    session.network = &network;
    assert_refused(m, mstr_session_new(m->context, &session, &new_session, m->error), "does not know: 0x10");

    request.path = "x";
    request.network = &network;
    assert_refused(m, mstr_session_send(m->session, &request, &response, m->error), "does not know: 0x10");
    network.size = 0;
    assert_refused(m, mstr_session_send(m->session, &request, &response, m->error), "were not initialised");
    request.network = NULL;
    request.flags = 0x100;
    assert_refused(m, mstr_session_send(m->session, &request, &response, m->error), "does not know: 0x100");
    assert_refused(m, mstr_pages_new(m->session, &request, 0, &new_pages, m->error), "does not know: 0x100");
    request.flags = 0;
    reader.size = writer.size = part.size = 0;
    request.method = "POST";
    request.reader = &reader;
    assert_refused(m, mstr_session_send(m->session, &request, &response, m->error), "reader was not initialised");
    request.reader = NULL;
    request.parts = &part;
    request.part_count = 1;
    assert_refused(m, mstr_session_send(m->session, &request, &response, m->error), "part was not initialised");
    request.part_count = 0;
    request.parts = NULL;
    request.writer = &writer;
    assert_refused(m, mstr_session_send(m->session, &request, &response, m->error), "writer was not initialised");
    request = (mstr_session_request){.path = "x"};
    assert_refused(m, mstr_session_send(m->session, &request, &response, m->error), "request was not initialised");
    assert_refused(m, mstr_pages_new(m->session, &request, 0, &new_pages, m->error), "request was not initialised");
    execution.size = 0;
    assert_refused(m, mstr_session_execute(m->session, &execution, take_row, NULL, m->error), "not initialised");
    pool.size = 0;
    assert_refused(m, mstr_pool_new(&pool, &new_pool, m->error), "were not initialised");
    assert_refused(m, mstr_changeset_begin(m->session, NULL, 2, &changeset, m->error), "does not know: 0x2");
    assert_refused(m, mstr_config_visit(NULL, 0x1000, NULL, NULL, m->error), "does not know: 0x1000");

    assert_int_equal(m->sent, 0);
    mounted_free(m);
}

/* Each number of each structure, in turn, and where it stands. */
static void numbers_that_mean_nothing_are_refused_by_their_names(void **state)
{
    struct mounted *m = mounted_open(NULL, 0);
    mstr_context_options context = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_session_options session = MSTR_SESSION_OPTIONS_INIT;
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_reader reader = MSTR_READER_DESCRIPTOR(0);
    mstr_execution execution = MSTR_EXECUTION_INIT;
    mstr_pool_options pool = MSTR_POOL_OPTIONS_INIT;
    mstr_context *new_context = NULL;
    mstr_session *new_session = NULL;
    mstr_response *response = NULL;
    mstr_pages *new_pages = NULL;
    mstr_pool *new_pool = NULL;
    (void)state;
    request.path = "x";
    execution.id = "8CCDA29611E943E8B5FB0080EFD5AF44";
    pool.make = make_none;

#define REFUSED(structure, member, number, call)                                                                     \
    do {                                                                                                             \
        structure.member = number;                                                                                   \
        assert_refused(m, call, " given " #member " = ");                                                            \
        structure.member = 0;                                                                                        \
    } while (0)
    REFUSED(context, timeout, -1, mstr_context_new(&context, &new_context, m->error));
    REFUSED(context, log_level, (enum mstr_level)5, mstr_context_new(&context, &new_context, m->error));
    REFUSED(session, login_mode, (enum mstr_login_mode)77,
            mstr_session_new(m->context, &session, &new_session, m->error));
    REFUSED(session, application_type, -1, mstr_session_new(m->context, &session, &new_session, m->error));
    REFUSED(session, connect_timeout, -1, mstr_session_new(m->context, &session, &new_session, m->error));
    REFUSED(session, timeout, -1, mstr_session_new(m->context, &session, &new_session, m->error));
    session.network = request.network = &network;
    REFUSED(network, connect_timeout, -1, mstr_session_new(m->context, &session, &new_session, m->error));
    REFUSED(network, stall_timeout, -1, mstr_session_send(m->session, &request, &response, m->error));
    REFUSED(network, max_redirects, -1, mstr_session_send(m->session, &request, &response, m->error));
    request.network = NULL;
    request.method = "POST";
    request.reader = &reader;
    REFUSED(reader, length, -2, mstr_session_send(m->session, &request, &response, m->error));
    REFUSED(execution, page_size, -1, mstr_session_execute(m->session, &execution, take_row, NULL, m->error));
    REFUSED(execution, kind, (enum mstr_execution_kind)2,
            mstr_session_execute(m->session, &execution, take_row, NULL, m->error));
    REFUSED(pool, capacity, 1025, mstr_pool_new(&pool, &new_pool, m->error));
    pool.capacity = 1;
    REFUSED(pool, check_after, -1, mstr_pool_new(&pool, &new_pool, m->error));
#undef REFUSED
    request = (mstr_session_request)MSTR_SESSION_REQUEST_INIT;
    request.path = "x";
    assert_refused(m, mstr_pages_new(m->session, &request, -1, &new_pages, m->error), " given page_size = -1");

    assert_int_equal(m->sent, 0);
    mounted_free(m);
}

static void a_credential_of_an_open_session_is_not_replaced(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    (void)state;
    for (int kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
        assert_int_equal(mstr_session_set_credential(mounted->session, (enum mstr_credential_kind)kind,
                                                     mstr_credential_literal("x")),
                         kind == MSTR_CREDENTIAL_PERSISTENCE_KEY ? MSTR_OK : MSTR_E_USAGE);
    }
    mstr_session_close(mounted->session, NULL);
    assert_int_equal(
        mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_literal("x")),
        MSTR_OK);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_a_call_are_refused_alike_everywhere),
        cmocka_unit_test(every_other_structure_is_refused_in_the_same_words),
        cmocka_unit_test(numbers_that_mean_nothing_are_refused_by_their_names),
        cmocka_unit_test(a_credential_of_an_open_session_is_not_replaced),
    };
    return RUN_TESTS("structures");
}
