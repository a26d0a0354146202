/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/ini.c */
#include "base/buffer.h"
#include "base/ini.h"
#include "support/unit.h"

/* Events as text, one a line: "1 [type name]", "2 key=<value>", "3 parent.key=<value>", "4 ignored …", "5 error
 * …". */
static bool write_event(const struct ini_event *event, void *data)
{
    struct buffer *out = data;
    switch (event->kind) {
    case INI_SECTION:
        return buffer_printf(out, "%u [%s|%s]\n", event->line, event->type, event->name != NULL ? event->name : "");
    case INI_PROPERTY:
        return buffer_printf(out, "%u %s=<%s>%s\n", event->line, event->key, event->value,
                             event->comment ? " commented" : "");
    case INI_INDENTED:
        return buffer_printf(out, "%u indented\n", event->line);
    case INI_SUB_PROPERTY:
        return buffer_printf(out, "%u %s.%s=<%s>\n", event->line, event->parent, event->key, event->value);
    case INI_IGNORED:
        return buffer_printf(out, "%u ignored %s\n", event->line, event->key != NULL ? event->key : event->type);
    case INI_ERROR:
    default:
        return buffer_printf(out, "%u error: %s\n", event->line, event->value);
    }
}

struct reading {
    const char *text;
    const char *events;
};

static void check_by(bool (*read)(const char *text, size_t length, ini_fn each, void *data),
                     const struct reading *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer out = BUFFER_INIT;
        bool good = read(cases[i].text, strlen(cases[i].text), write_event, &out);
        assert_string_equal(buffer_text(&out), cases[i].events);
        assert_int_equal(good, strstr(cases[i].events, "error") == NULL);
        buffer_release(&out);
    }
}

static void check(const struct reading *cases, size_t count)
{
    check_by(ini_read, cases, count);
}

static void sections_are_split_into_type_and_name(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"", ""},
        {"[default]", "1 [default|]\n"},
        {"[profile foo]", "1 [profile|foo]\n"},
        {"[profile \tfoo \t]", "1 [profile|foo]\n"},
        {"[ \tprofile\tfoo]\r\n", "1 [profile|foo]\n"},
        {"[profile foo]  # comment ]", "1 [profile|foo]\n"},
        {"[profile foo]; adjacent\n[profile bar]# adjacent", "1 [profile|foo]\n2 [profile|bar]\n"},
        {"[profile some-thing:long/the_one%only.foo@bar+]", "1 [profile|some-thing:long/the_one%only.foo@bar+]\n"},
        {"\xef\xbb\xbf[a]", "1 [a|]\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void properties_are_trimmed_and_comments_cut(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"[a]\nname = value", "1 [a|]\n2 name=<value>\n"},
        {"[a]\r\nname \t=  \tval=ue \t\r\n", "1 [a|]\n2 name=<val=ue>\n"},
        {"[a]\nName =\nb=1", "1 [a|]\n2 Name=<>\n3 b=<1>\n"},
        {"[a]\nx = v # c\ny = v\t; c\nz = v; c\nw = v#c",
         "1 [a|]\n2 x=<v> commented\n3 y=<v> commented\n4 z=<v; c>\n5 w=<v#c>\n"},
        {"[a]\nx = # only a comment", "1 [a|]\n2 x=<> commented\n"},
        {"# c\n; c\n\n \t\n[a]\n#x=1\nx=2", "5 [a|]\n7 x=<2>\n"},
        {"[a]\nname = \xf0\x9f\x98\x82", "1 [a|]\n2 name=<\xf0\x9f\x98\x82>\n"},
        {"[a]\nx=1\nx=2\n[a]\nx=3", "1 [a|]\n2 x=<1>\n3 x=<2>\n4 [a|]\n5 x=<3>\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void continuations_join_with_a_line_feed(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"[a]\nx = v\n -c", "1 [a|]\n2 x=<v\n-c>\n"},
        {"[a]\nx = v\n\n \t -c # kept \t\n\t-d ; kept\ny=1", "1 [a|]\n2 x=<v\n-c # kept\n-d ; kept>\n6 y=<1>\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void indented_lines_beneath_an_empty_value_are_sub_properties(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"[a]\ns3 =\n a = 1\n\n b=\n c d = x = y\nz=2",
         "1 [a|]\n2 s3=<>\n3 s3.a=<1>\n5 s3.b=<>\n6 s3.c d=<x = y>\n7 z=<2>\n"},
        {"[a]\ns3 =\n a", "1 [a|]\n3 error: Expected an '=' sign defining a sub-property\n"},
        {"[a]\ns3 =\n = 1", "1 [a|]\n3 error: Sub-property did not have a name\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void names_that_are_no_identifiers_are_passed_over(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"[profile foo!bar]\nx=1\n y\nnonsense\n[b]\nx=2", "1 ignored profile\n5 [b|]\n6 x=<2>\n"},
        {"[]\n[\"a\" b]\n[a b!c]", "1 ignored \n2 ignored \"a\"\n3 ignored a\n"},
        {"[a]\nb!d = 1\n more\n more = 2\nc=3", "1 [a|]\n2 ignored b!d\n5 c=<3>\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void names_may_have_several_words_and_quotes(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"[profile \"a  b\"]\nx=1", "1 [profile|\"a  b\"]\n2 x=<1>\n"},
        {"[ a\tb  c ]\nx=1", "1 [a|b  c]\n2 x=<1>\n"},
        {"[profile 'a']\nx=1", "1 [profile|'a']\n2 x=<1>\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void errors_say_what_was_expected_and_end_the_reading(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"[profile foo\nx=1", "1 error: Profile definition must end with ']'\n"},
        {"[profile foo # ]", "1 error: Profile definition must end with ']'\n"},
        {"[", "1 error: Profile definition must end with ']'\n"},
        {"name = value", "1 error: Expected a profile definition\n"},
        {" -continued", "1 error: Expected a profile definition\n"},
        {"[a]\nkey : value\n[b]", "1 [a|]\n2 error: Expected an '=' sign defining a property\n"},
        {"[a]\n= value", "1 [a|]\n2 error: Property did not have a name\n"},
        {"[a]\n -c", "1 [a|]\n2 error: Expected a property definition, found continuation\n"},
        {"[a]\nx = v\n[a]\n -c",
         "1 [a|]\n2 x=<v>\n3 [a|]\n4 error: Expected a property definition, found continuation\n"},
        {"[a]\nx = \xff", "1 [a|]\n2 error: Text is not UTF-8, or holds a NUL\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void flat_texts_have_no_indented_lines_but_comments(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"[a]\nx = v\n  # comment\n\t; comment\n \ny=1", "1 [a|]\n2 x=<v>\n6 y=<1>\n"},
        {"[a]\nx = v\n -c\ny=1", "1 [a|]\n2 x=<v>\n3 indented\n4 y=<1>\n"},
        {"[a]\nx =\n\tk = v\n", "1 [a|]\n2 x=<>\n3 indented\n"},
        {"[a]\n x = v\n", "1 [a|]\n2 indented\n"},
        {" [a]\n", "1 indented\n"},
        {"[a!]\n x\n", "1 ignored a!\n2 indented\n"},
        {"[profile a b]\nx = v\n[profile \"a\"]\nx = v\n", "1 ignored profile\n3 ignored profile\n"},
        {"[a]\nx = v # c\nx = v", "1 [a|]\n2 x=<v> commented\n3 x=<v>\n"},
    };
    check_by(ini_read_flat, cases, COUNT_OF(cases));
}

static void a_nul_is_an_error(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    assert_false(ini_read("[a]\nx=1\0y", 9, write_event, &out));
    assert_string_equal(buffer_text(&out), "1 [a|]\n2 error: Text is not UTF-8, or holds a NUL\n");
    buffer_release(&out);
}

static bool stop_at_second(const struct ini_event *event, void *data)
{
    (void)event;
    return ++*(int *)data < 2;
}

static void the_callback_can_stop_the_reading(void **state)
{
    (void)state;
    int calls = 0;
    assert_false(ini_read("[a]\nx=1\ny=2\n[b]\n", 16, stop_at_second, &calls));
    assert_int_equal(calls, 2);
}

static bool note_comment(const struct ini_event *event, void *data)
{
    if (event->kind == INI_PROPERTY) {
        strcat(data, !event->comment ? "-" : event->tight ? "t" : "c");
    }
    return true;
}

static void a_comment_without_a_blank_behind_its_sign_is_told_apart(void **state)
{
    (void)state;
    static const char text[] = "[s]\na = b\na = b # c\na = b #c\na = b\t;c\na = b ;\na = b #\tc\na = b#c\na = b\n";
    char told[16] = "";
    assert_true(ini_read(text, strlen(text), note_comment, told));
    assert_string_equal(told, "-cttcc--");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_comment_without_a_blank_behind_its_sign_is_told_apart),
        cmocka_unit_test(sections_are_split_into_type_and_name),
        cmocka_unit_test(properties_are_trimmed_and_comments_cut),
        cmocka_unit_test(continuations_join_with_a_line_feed),
        cmocka_unit_test(indented_lines_beneath_an_empty_value_are_sub_properties),
        cmocka_unit_test(names_that_are_no_identifiers_are_passed_over),
        cmocka_unit_test(names_may_have_several_words_and_quotes),
        cmocka_unit_test(errors_say_what_was_expected_and_end_the_reading),
        cmocka_unit_test(flat_texts_have_no_indented_lines_but_comments),
        cmocka_unit_test(a_nul_is_an_error),
        cmocka_unit_test(the_callback_can_stop_the_reading),
    };
    return RUN_TESTS("base/ini");
}
