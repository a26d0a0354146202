/* core/context/config_check.c: everything that is wrong with a configuration is told in one go */
#include "support/context.h"

#include <stdio.h>

struct told {
    size_t count;
    char text[8192];
};

static int collect(const mstr_config_item *item, void *data)
{
    struct told *told = data;
    size_t length = strlen(told->text);
    snprintf(told->text + length, sizeof(told->text) - length, "%u %s\n", item->line, item->problem);
    told->count++;
    return 0;
}

static enum mstr_code check(const char *config, struct told *told, mstr_error *error)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    char *path = test_file(config, strlen(config));
    options.config_file = path;
    options.plugin_path = TEST_PLUGINS;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    *told = (struct told){0, ""};
    enum mstr_code code = mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, collect, told, error);
    unlink(path);
    free(path);
    return code;
}

/* A profile whose login needs nothing else. */
#define COMPLETE "[profile a]\nbase_url = https://mstr.example/api/\nlogin_mode = api-key\napi_key = ${env:K}\n"

static void each_problem_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        const char *told;
    } cases[] = {
        {"[profile a]\nbase_url = ${newr:x}\nlogin_mode = anonymous\n[provider newer]\nplugin = newer\n",
         "2 \"base_url\": no installed provider brings the scheme \"newr\"; did you mean \"newer:\"?"},
        {COMPLETE "username = ${env:A\n", "5 \"username\": \"${\" without its \"}\""},
        {COMPLETE "username = ${env:A || env:}\n", "5 \"username\": reference \"${…}\" names no secret"},
        {"[env w]\nX = 1\nA = a ${env:A} ${nosuch:b}\n",
         "3 \"A\": no installed provider brings the scheme \"nosuch\""},
        {"[provider p]\nplugin = absent\n", "2 [provider p]: plugin \"absent\" was not found"},
        {"[provider p]\nplugin = no_symbol\n", "does not export mstr_provider_entry"},
        {"[provider p]\nx = 1\n", "2 [provider p] lacks its plugin"},
        {"[provider p]\nplugin = newer\n\nnumbr = 4\n", "4 unknown option \"numbr\"; did you mean \"number\"?"},
        {"[provider p]\nplugin = newer\nnumber = many\n", "3 option \"number\" must be a whole number"},
        {"[provider p]\nplugin = newer\nservice = x\n", "2 [provider p]: plugin \"newer\" has no service \"x\""},
        {"[provider p]\nplugin = newer\ngreeting = ${aws-sm:x}\n", "3 \"greeting\": only env: and file: may stand"},
        {"[provider p]\nplugin = exec\n", "2 [provider p]: option \"command\" is missing; program and arguments"},
        {"[provider p]\nplugin = exec\ncommand = /bin/true\nformat = xml\n", "2 [provider p]: option \"format\""},
        {"[provider env]\nx = 1\n", "[provider env] takes no options"},
        /* what a run would refuse */
        {"[profile a]\nbase_url = https://mstr.example/\n", "2 [profile a]: no login is possible"},
        {"[profile a]\nbase_url = https://mstr.example/\nusername = ann\n", "2 [profile a]: no login is possible"},
        {"[profile a]\nbase_url = https://mstr.example/\nlogin_mode = ldap\napi_key = ${env:K}\n",
         "2 [profile a]: no login is possible"},
        {"[profile a]\napi_key = ${env:K}\n", "2 [profile a]: there is no base_url"},
        {"[profile a]\nbase_url = http://mstr.example/\napi_key = ${env:K}\n", "2 \"base_url\" uses plain http"},
        {"[provider p]\nplugin = exec\ncommand = /nowhere/x\n",
         "2 [provider p]: program /nowhere/x cannot be started"},
        {COMPLETE "client_cert = /dev/null\n", "5 client_cert=/dev/null: it is no regular file"},
        {COMPLETE "client_key = /\n", "5 client_key=/: it is no regular file"},
        {COMPLETE "proxy = ftp://ann:sesame@proxy.example\n",
         "5 \"proxy\" must be the URL of a proxy, http://HOST:PORT"},
        {COMPLETE "proxy = http://proxy.example/way\n", "5 \"proxy\" must be the URL of a proxy"},
        /* what nobody can have meant */
        {COMPLETE "username = env:ANN\n", "5 \"username\" looks like a reference"},
        {COMPLETE "password = p:prod#word\n[provider p]\nplugin = newer\n", "5 \"password\" looks like a reference"},
        {"[env w]\nA = text:x\n", "2 \"A\" looks like a reference"},
        {COMPLETE "username = \"ann\"\n", "5 \"username\" has quotes around it"},
        {COMPLETE "project = 'Team'\n", "5 \"project\" has quotes around it"},
        {"[provider p]\nplugin = newer\ngreeting = 'hello'\n", "3 \"greeting\" has quotes around it"},
        {COMPLETE "project = Team #1\n", "5 \"project\" ends at a blank with # or ;"},
        {COMPLETE "username = ann ;v2\n", "5 \"username\" ends at a blank with # or ;"},
        {"[cache]\nmax_entries = 0\n", "2 \"max_entries\" must be a whole number from 1 on"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct told told;
        assert_int_not_equal(check(cases[i].config, &told, NULL), MSTR_OK);
        if (told.count != 1 || strstr(told.text, cases[i].told) == NULL) {
            fail_msg("%s\nis told as\n%s\nnot as\n%s", cases[i].config, told.text, cases[i].told);
        }
    }
}

/* Whatever else the plugin says of it. */
static void a_device_as_the_ca_file_of_a_provider_is_told(void **state)
{
    (void)state;
    struct told told;
    check("[provider p]\nplugin = newer\nca_file = /dev/null\n", &told, NULL);
    assert_non_null(strstr(told.text, "3 ca_file=/dev/null: it is no regular file"));
}

static void all_problems_are_told_at_once_and_the_first_is_the_error(void **state)
{
    (void)state;
    struct told told;
    mstr_error *error = mstr_error_new();
    assert_int_equal(check("[profile a]\ntimeout = soon\nusername = ${nosuch:x}\npassword = ${env:}\n"
                           "[provider p]\nplugin = newer\nnumber = x\ncolour = y\n",
                           &told, error),
                     MSTR_E_CONFIG);
    assert_int_equal(told.count, 6); /* the missing base_url too */
    assert_non_null(strstr(mstr_error_message(error), "timeout"));
    mstr_error_free(error);
}

static void references_are_checked_but_not_resolved(void **state)
{
    (void)state;
    struct told told;
    assert_int_equal(
        check("[profile a]\nbase_url = ${env:U}\nusername = ${env:SURELY_UNSET_HERE}\npassword = ${p:x#y} $${\n"
              "[provider p]\nplugin = newer\nnumber = ${env:SURELY_UNSET_HERE}\n",
              &told, NULL),
        MSTR_OK);
    assert_int_equal(told.count, 0);
}

static void what_may_well_be_meant_is_not_told(void **state)
{
    (void)state;
    static const char *const configs[] = {
        "[profile a]\nproxy = http://proxy.example\n", /* the rest comes from elsewhere */
        "[profile a]\nbase_url = http://127.0.0.1:8080/api\nlogin_mode = anonymous\n",
        "[profile a]\nbase_url = http://x.example/\nallow_plain_http = yes\nlogin_mode = anonymous\n",
        "[profile a]\nbase_url = ${env:U}\nlogin_mode = ${env:M}\n",
        "[profile a]\nbase_url = https://mstr.example/\nlogin_mode = 4096\nusername = key\n",
        COMPLETE "proxy = \n",
        COMPLETE "proxy = ${env:P}\n",
        COMPLETE "proxy = proxy.example:3128\n",
        COMPLETE "proxy = socks5h://ann:sesame@proxy.example:1080\n",
        COMPLETE "username = nobody:x\nproject = Team # the best\n",
        COMPLETE "username = \"ann\npassword = x\"\n",
        "[env w]\nDATABASE = file:/var/lib/x.db\nURL = https://x.example/#a\n",
        "[provider p]\nplugin = exec\ncommand = '/bin/true'\n",
    };
    for (size_t i = 0; i < COUNT_OF(configs); i++) {
        struct told told;
        if (check(configs[i], &told, NULL) != MSTR_OK) {
            fail_msg("%s\nis told as\n%s", configs[i], told.text);
        }
        assert_int_equal(told.count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_problem_is_told_with_its_line),
        cmocka_unit_test(a_device_as_the_ca_file_of_a_provider_is_told),
        cmocka_unit_test(all_problems_are_told_at_once_and_the_first_is_the_error),
        cmocka_unit_test(what_may_well_be_meant_is_not_told),
        cmocka_unit_test(references_are_checked_but_not_resolved),
    };
    return RUN_TESTS("context/config_check");
}
