/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/log.c */
#include "base/buffer.h"
#include "base/log.h"
#include "support/log_level.h"
#include "support/unit.h"

static struct buffer seen;

static void keep(enum mstr_level level, const char *scope, const char *message, void *data)
{
    (void)data;
    buffer_printf(&seen, "%s %s: %s\n", log_levels[level], scope, message);
}

static int forget(void **state)
{
    (void)state;
    buffer_release(&seen);
    return 0;
}

static void lines_reach_the_sink_up_to_the_level(void **state)
{
    (void)state;
    struct log log = {.sink = keep, .level = MSTR_LEVEL_INFO};
    log_write(&log, MSTR_LEVEL_INFO, "http", "status %d", 200);
    log_write(&log, MSTR_LEVEL_DEBUG, "http", "left out");
    assert_string_equal(buffer_text(&seen), "info http: status 200\n");
    assert_true(log_enabled(&log, MSTR_LEVEL_ERROR));
    assert_false(log_enabled(&log, MSTR_LEVEL_TRACE));
}

static void without_a_sink_nothing_happens(void **state)
{
    (void)state;
    struct log log = {.level = MSTR_LEVEL_TRACE};
    log_write(&log, MSTR_LEVEL_ERROR, "x", "y");
    log_write(NULL, MSTR_LEVEL_ERROR, "x", "y");
    assert_false(log_enabled(NULL, MSTR_LEVEL_ERROR));
}

static void user_information_in_urls_is_cut_out(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *shown;
    } cases[] = {
        {"GET https://user:secret@host/a@b", "GET https://***@host/a@b"},
        {"proxy http://u:p@ss@proxy:3128 and ftp://x@y", "proxy http://***@proxy:3128 and ftp://*@y"},
        {"https://host/path?mail=a@b", "https://host/path?mail=a@b"},
        {"\"https://u:p@h\"", "\"https://***@h\""},
        {"mail a@b ://", "mail a@b ://"},
        {"forged\nline\x1b[2J", "forged?line?[2J"},
    };
    struct log log = {.sink = keep, .level = MSTR_LEVEL_TRACE};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer expected = BUFFER_INIT;
        buffer_printf(&expected, "error t: %s\n", cases[i].shown);
        buffer_clear(&seen);
        log_write(&log, MSTR_LEVEL_ERROR, "t", "%s", cases[i].line);
        assert_string_equal(buffer_text(&seen), buffer_text(&expected));
        buffer_release(&expected);
    }
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    struct log log = {.sink = keep, .level = MSTR_LEVEL_TRACE};
    log_write(&log, MSTR_LEVEL_ERROR, "t", "%5000s", "x");
    assert_int_equal(seen.length, strlen("error t: \n") + 2047);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(lines_reach_the_sink_up_to_the_level, forget),
        cmocka_unit_test_teardown(without_a_sink_nothing_happens, forget),
        cmocka_unit_test_teardown(user_information_in_urls_is_cut_out, forget),
        cmocka_unit_test_teardown(long_lines_are_cut, forget),
    };
    return RUN_TESTS("base/log");
}
