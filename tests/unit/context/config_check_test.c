/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/config_check.c: what a run would refuse is told before it, in the same words and all of it at once */
#include "support/certificate.h"
#include "support/context.h"
#include "support/folder.h"

#include <arpa/inet.h>
#include <mstr/session.h>
#include <stdio.h>
#include <sys/socket.h>

/* A port where somebody listens and never answers: what a client refuses once it is connected shows, too. */
static char port[8];
static int listener;
/* The files that the cases name. */
static struct certificate good;
static struct certificate other;
static struct certificate locked;
static char *pem;            /* text without certificate and key */
static struct folder folder; /* of a manifest, of the scheme shop */

static int prepare(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    (void)state;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 64), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    snprintf(port, sizeof(port), "%u", ntohs(address.sin_port));
    certificate_make(&good, "DNS:good");
    certificate_make(&other, "DNS:other");
    certificate_make(&locked, "DNS:locked");
    certificate_encrypt(&locked, "sesame");
    pem = test_file("text\n", 5);
    folder_make(&folder);
    folder_write(&folder, "shop.provider", "[provider shop]\nplugin = shop\n");
    setenv("CREDENTIALS_DIRECTORY", "/", 1);
    setenv("MSTR_TEST_KEY", "key", 1);
    setenv("MSTR_TEST_JSON", "{\"a\": 1}", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    close(listener);
    certificate_release(&good);
    certificate_release(&other);
    certificate_release(&locked);
    unlink(pem);
    free(pem);
    folder_remove(&folder);
    return 0;
}

/* The configuration in a file of its own, with what its words in angle brackets stand for. */
static char *write_config(const char *text)
{
    const struct {
        const char *word;
        const char *text;
    } words[] = {{"<port>", port}, {"<good>", good.file},     {"<other>", other.file},    {"<locked>", locked.file},
                 {"<pem>", pem},   {"<folder>", folder.path}, {"<plugins>", TEST_PLUGINS}};
    char whole[4096] = "";
    size_t length = 0;
    while (*text != '\0') {
        size_t i = 0;
        while (i < COUNT_OF(words) && strncmp(text, words[i].word, strlen(words[i].word)) != 0) {
            i++;
        }
        if (i < COUNT_OF(words)) {
            length += (size_t)snprintf(whole + length, sizeof(whole) - length, "%s", words[i].text);
            text += strlen(words[i].word);
        } else {
            whole[length++] = *text++;
        }
    }
    return test_file(whole, length);
}

static mstr_context_options options_for(const char *path)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    options.plugin_path = TEST_PLUGINS;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    return options;
}

struct told {
    size_t count;
    char text[8192];
};

/* "LINE PROBLEM; HINT" */
static int collect(const mstr_config_item *item, void *data)
{
    struct told *told = data;
    size_t length = strlen(told->text);
    snprintf(told->text + length, sizeof(told->text) - length, "%u %s%s%s\n", item->line, item->problem,
             item->hint != NULL ? "; " : "", item->hint != NULL ? item->hint : "");
    told->count++;
    return 0;
}

static enum mstr_code check(const char *config, struct told *told, mstr_error *error)
{
    char *path = write_config(config);
    mstr_context_options options = options_for(path);
    *told = (struct told){0, ""};
    options.profile = strstr(config, "[profile a]") != NULL ? "a" : NULL;
    enum mstr_code code = mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, collect, told, error);
    unlink(path);
    free(path);
    return code;
}

static enum mstr_code run_profile(mstr_context *context, const char *profile, mstr_error *error)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    options.profile = profile;
    enum mstr_code code = mstr_session_new(context, &options, &session, error);
    if (code == MSTR_OK) {
        code = mstr_session_open(session, NULL, error);
        mstr_session_free(session);
    }
    return code;
}

struct running {
    mstr_context *context;
    mstr_error *error;
    enum mstr_code code; /* of the first that fails */
};

static int run_variable(const mstr_config_item *item, void *data)
{
    struct running *running = data;
    mstr_secret *value = NULL;
    if (running->code == MSTR_OK) {
        running->code =
            mstr_context_setting(running->context, item->section, item->key, NULL, &value, running->error);
    }
    mstr_secret_release(value);
    return 0;
}

/* All that the sections are for: a session of [profile a], the variables of [env w], a secret of the provider. */
static enum mstr_code run(const char *config, mstr_error *error)
{
    char *path = write_config(config);
    const mstr_context_options options = options_for(path);
    struct running running = {.error = error};
    running.code = mstr_context_new(&options, &running.context, error);
    if (running.code == MSTR_OK && strstr(config, "[env w]") != NULL) {
        mstr_context_section(running.context, "env w", run_variable, &running, error);
    }
    if (running.code == MSTR_OK && strstr(config, "[profile a]") != NULL) {
        running.code = run_profile(running.context, "a", error);
    }
    if (running.code == MSTR_OK && strstr(config, "[provider ") != NULL) {
        mstr_secret *secret = NULL;
        char reference[64];
        snprintf(reference, sizeof(reference), "%.32s", strstr(config, "[provider ") + strlen("[provider "));
        strcpy(strchr(reference, ']'), ":x");
        running.code = mstr_context_get(running.context, reference, NULL, &secret, error);
        mstr_secret_release(secret);
    }
    mstr_context_free(running.context);
    unlink(path);
    free(path);
    return running.code;
}

/* A profile whose login needs nothing else, in four lines. */
#define COMPLETE                                                                                                     \
    "[profile a]\nbase_url = https://127.0.0.1:<port>/api/\nlogin_mode = api-key\napi_key = ${env:MSTR_TEST_KEY}\n"
#define BASE "base_url = https://127.0.0.1:<port>/\n"

#define FOUR(text) text text text text

struct refusal {
    const char *config;
    unsigned line;
    const char *words; /* of the check and of the run */
};

static void assert_told(const struct refusal *refusal)
{
    struct told told;
    char line[16];
    snprintf(line, sizeof(line), "%u ", refusal->line);
    assert_int_not_equal(check(refusal->config, &told, NULL), MSTR_OK);
    if (told.count != 1 || strncmp(told.text, line, strlen(line)) != 0 || strstr(told.text, refusal->words) == NULL) {
        fail_msg("%s\nis told as\n%s\nnot as\n%u %s", refusal->config, told.text, refusal->line, refusal->words);
    }
}

/* tests/plan/plan_test.py looks here for the words of each refusal that the sources know. */
static void what_a_run_refuses_is_told_before_it_in_the_same_words(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        /* values */
        {"[profile a]\nbase_url = mstr.example\n", 2, "\"base_url\" must be an absolute http or https URL"},
        {"[profile a]\nbase_url = https://127.0.0.1/a/..;/b\n", 2, "\"base_url\" must be a URL without ;"},
        {"[profile a]\nbase_url = https://127.0.0.1//api\n", 2, "\"base_url\" must be a URL without ;"},
        {COMPLETE "application_type = 0\n", 5, "\"application_type\" must be a whole number from 1 on"},
        {COMPLETE "application_type = ${text:0}\n", 5, "\"application_type\" must be a whole number from 1 on"},
        {COMPLETE "login_fields = {\"password\": 1}\n", 5, "\"login_fields\" must be a JSON object"},
        {COMPLETE "login_fields = ${text:[]}\n", 5, "\"login_fields\" must be a JSON object"},
        {COMPLETE "ca_file = ca.pem\n", 5, "\"ca_file\" must be an absolute path"},
        {COMPLETE "ca_file = ${text:ca.pem}\n", 5, "\"ca_file\" must be an absolute path"},
        {COMPLETE "proxy = ftp://ann:sesame@proxy.example\n", 5,
         "\"proxy\" must be the URL of a proxy, http://HOST:PORT"},
        {COMPLETE "proxy = http://proxy.example/way\n", 5, "\"proxy\" must be the URL of a proxy"},
        {COMPLETE "proxy = ${text:http://proxy.example/way}\n", 5, "\"proxy\" must be the URL of a proxy"},
        {COMPLETE "no_proxy = https://mstr.example\n", 5, "\"no_proxy\" must be a list of hosts"},
        {COMPLETE "no_proxy = 10.0.0.0/33\n", 5, "\"no_proxy\" must be a list of hosts"},
        {COMPLETE "pinned_key = sha256//AAAA\n", 5, "\"pinned_key\" must be sha256//BASE64 of a public key"},
        {COMPLETE "pinned_key = ${text:5f%3A1a}\n", 5, "\"pinned_key\" must be sha256//BASE64 of a public key"},
        {COMPLETE "timeout = 0\n", 5, "\"timeout\" must be a duration longer than 0"},
        {COMPLETE "connect_timeout = soon\n", 5, "\"connect_timeout\" must be a duration such as"},
        {COMPLETE "max_redirects = -1\n", 5, "\"max_redirects\" must be a whole number"},
        {COMPLETE "relogin = ${text:perhaps}\n", 5, "\"relogin\" must be yes or no"},
        {COMPLETE "fleat = redis\n", 5, "unknown key \"fleat\" in [profile]"},
        {"[cache]\nttl = soon\n", 2, "\"ttl\" must be a duration such as"},
        {"[cache]\nttl = ${env:MSTR_TEST_KEY}\n", 2, "\"ttl\" in [cache] takes no reference"},
        {"[cache]\nmax_entries = 0\n", 2, "\"max_entries\" must be a whole number from 1 on"},
        {"[plugins]\npath = lib:<plugins>\n", 2, "\"path\" must be absolute paths of folders"},
        {"[env w]\nA-B = x\n", 2, "\"A-B\" is no name of an environment variable"},
        {"[env w]\nA = 'x'\n", 2, "\"A\" has quotes around it, which would be a part of the secret"},
        {COMPLETE "persistence_key = a #b\n", 5,
         "\"persistence_key\" has a blank with # or ; behind it, which may be a part of the secret"},
        /* references */
        {COMPLETE "project = ${env:A\n", 5, "\"${\" without its \"}\"; write $${ for a literal ${"},
        {COMPLETE "project = ${env:MSTR_TEST_KEY || env:}\n", 5,
         "reference \"${…}\" names no secret after its scheme"},
        {COMPLETE "project = ${env:MSTR_TEST_KEY?a}\n", 5, "reference has a query part that is not key=value"},
        {COMPLETE "project = ${env:MSTR_TEST_KEY?a=1&a=2}\n", 5, "reference has the query key \"${…}\" twice"},
        {COMPLETE "project = ${env:%zz}\n", 5, "reference has a malformed percent escape in its body"},
        {COMPLETE "project = ${env:MSTR_TEST_KEY#}\n", 5, "reference has nothing after its #"},
        {COMPLETE "project = ${text:x#y}\n", 5, "a reference of text: takes neither query nor field"},
        {COMPLETE "project = ${env:a\tb}\n", 5, "reference is empty, too long, or has control characters"},
        {COMPLETE "project = ${env:A?a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=&l=&m=&n=&o=&p=&q=}\n", 5,
         "reference has more than 16 query parts"},
        {COMPLETE "project = ${" FOUR(FOUR("text:a || ")) "text:a}\n", 5, "more than 8 alternatives in one ${…}"},
        {COMPLETE "project = " FOUR(FOUR(FOUR(FOUR("${text:a}")))) "${text:a}\n", 5,
         "more than 128 references in one value"},
        {COMPLETE "project = ${env:MSTR_TEST_JSON#/a~2}\n", 5,
         "field \"/a~2\" is no JSON Pointer: '~' must be followed by 0 or 1"},
        {COMPLETE "project = ${env:MSTR_TEST_KEY#/a~2}\n", 5, "field \"/a~2\" is no JSON Pointer"},
        {COMPLETE "project = ${nosuch:x#/a~2}\n", 5, "field \"/a~2\" is no JSON Pointer"},
        {"[provider p]\nplugin = newer\ngreeting = ${env:MSTR_TEST_KEY#/a~2}\n", 3,
         "field \"/a~2\" is no JSON Pointer"},
        {COMPLETE "project = ${x}\n", 5, "\"${…}\" is not a reference"},
        {COMPLETE "project = ${newr:x}\n[provider newer]\nplugin = newer\n", 5,
         "no installed provider brings the scheme \"newr\""},
        {"[env w]\nX = 1\nA = a ${nosuch:b}\n", 3, "no installed provider brings the scheme \"nosuch\""},
        {COMPLETE "project = ${file:relative}\n", 5, "file: needs an absolute path, found \"relative\""},
        {COMPLETE "project = ${file:<folder>}\n", 5, "is neither a regular file nor a pipe"},
        {COMPLETE "project = ${file:/" FOUR(FOUR(FOUR("xxxxx"))) "}\n", 5, "File name too long"},
        {COMPLETE "project = a ${env:ANN || file:<folder> || text:b} c\n", 5, "is neither a regular file nor a pipe"},
        {COMPLETE "project = ${p:Door}\n[provider p]\nplugin = <plugins>/picky.so\n", 5,
         "picky takes small letters alone"},
        {COMPLETE "project = a ${env:SURELY_UNSET_HERE || p:x?y=1 || text:b} c\n[provider p]\nplugin = picky\n", 5,
         "picky takes small letters alone"},
        {"[env w]\nA = ${p:Door#x}\n[provider p]\nplugin = picky\n", 2, "picky takes small letters alone"},
        {"[env w]\nA = p:Door#x\n[provider p]\nplugin = picky\n", 2, "picky takes small letters alone"},
        {"[env w]\nA = ${p:x?y=1}\n[provider p]\nplugin = exec\nformat = text\ncommand = /bin/true\n", 2,
         "a program that prints text takes no query, found \"y\""},
        {COMPLETE "project = ${file:/etc/hostname?raw=2}\n", 5, "file: takes the query raw=1 alone, found raw=2"},
        {COMPLETE "project = ${env:MSTR_TEST_KEY?x=1}\n", 5, "env: takes no query, found \"x\""},
        {COMPLETE "project = ${cred:a/b}\n", 5, "cred: needs the name of a credential, found \"a/b\""},
        {COMPLETE "project = ${exec:a}\n", 5, "option \"command\" is missing"},
        {COMPLETE "project = ${cred:tmp}\n", 5, "file //tmp is neither a regular file nor a pipe"},
        {COMPLETE "project = ${cred:a?x=1}\n", 5, "cred: takes no query, found \"x\""},
        /* logins */
        {"[profile a]\n" BASE, 2, "no login is configured: there are no credentials"},
        {"[profile a]\n" BASE "username = ann\n", 2, "no login is configured: username has no password beside it"},
        {"[profile a]\n" BASE "password = x\n", 2, "no login is configured: password has no username beside it"},
        {"[profile a]\n" BASE "login_mode = ldap\napi_key = x\n", 2,
         "login needs the credential \"username\", which is not configured"},
        {"[profile a]\n" BASE "login_mode = ${text:delegate}\nusername = ann\npassword = x\n", 2,
         "login needs the credential \"identity_token\", which is not configured"},
        {"[profile a]\napi_key = ${env:MSTR_TEST_KEY}\n", 2, "base_url is not configured"},
        {"[profile a]\n" BASE "username = ann\npassword =\n", 4, "password resolved to an empty value"},
        {"[profile a]\n" BASE "username = ${text:}\npassword = x\n", 3, "username resolved to an empty value"},
        {"[profile a]\nbase_url = ${text:}\napi_key = x\n", 2, "base_url resolved to an empty value"},
        {COMPLETE "proxy_password =\n", 5, "proxy_password resolved to an empty value"},
        /* base URLs */
        {"[profile a]\nbase_url = http://mstr.example/\napi_key = x\n", 2,
         "base_url uses plain http, which shows the password on the network, without allow_plain_http = yes"},
        {"[profile a]\nbase_url = ${text:mstr.example}\napi_key = x\n", 2,
         "base_url is not an absolute http or https URL"},
        {"[profile a]\nbase_url = ${text:https://ann@h/}\napi_key = x\n", 2,
         "base_url must have neither user information, query nor fragment"},
        {"[profile a]\nbase_url = ${text:https://h/a;b/}\napi_key = x\n", 2,
         "base_url has a \";\", or an encoded slash, backslash or percent sign in its path, which a server may read "
         "as "
         "another one"},
        /* TLS */
        {COMPLETE "ca_file = /nowhere/ca.pem\n", 5, "ca_file=/nowhere/ca.pem: No such file or directory"},
        {COMPLETE "ca_file = <pem>\n", 5, ": it holds no certificate"},
        {COMPLETE "ca_file = <folder>\n", 5, ": it holds no certificate by a hashed name"},
        {COMPLETE "client_cert = /nowhere/client.pem\n", 5,
         "client_cert=/nowhere/client.pem: No such file or directory"},
        {COMPLETE "client_cert = /dev/null\n", 5, "client_cert=/dev/null: it is no regular file"},
        {COMPLETE "client_cert = <pem>\n", 5, ": it holds no certificate"},
        {COMPLETE "client_cert = <good>\nclient_key = <pem>\n", 6, ": it holds no private key"},
        {COMPLETE "client_cert = <good>\nclient_key = /\n", 6, "client_key=/: it is no regular file"},
        {COMPLETE "client_cert = <good>\nclient_key = <other>\n", 6, ": it is not the key of the certificate"},
        {COMPLETE "client_cert = <locked>\n", 5, ": its key is encrypted, and there is no client_key_password"},
        {COMPLETE "client_cert = ${text:<locked>}\nclient_key_password = barley\n", 5,
         ": client_key_password does not open it"},
        {COMPLETE "pinned_key = /nowhere/key.pem\n", 5, "pinned_key=/nowhere/key.pem: No such file or directory"},
        {COMPLETE "pinned_key = <pem>\n", 5, ": it holds no public key"},
        /* providers */
        {"[provider p]\nplugin = absent\n", 2, "plugin \"absent\" was not found"},
        {"[provider p]\nplugin = a/b\n", 2,
         "\"a/b\" is no plugin name: letters, digits, _ and -, or an absolute path"},
        {"[provider p]\nplugin =\n", 2, "[provider p] has an empty \"plugin\"; name one, or leave the line out"},
        {"[provider p]\nplugin = no_symbol\n", 2, "does not export mstr_provider_entry"},
        {"[provider p]\nx = 1\n", 2, "[provider p] lacks its plugin"},
        {"[provider p]\nplugin = ${env:MSTR_TEST_KEY}\n", 2, "\"plugin\" in [provider] takes no reference"},
        {"[provider p]\nplugin = newer\n\nnumbr = 4\n", 4, "unknown option \"numbr\""},
        {"[provider p]\nplugin = newer\nnumber = many\n", 3, "option \"number\" must be a whole number"},
        {"[provider p]\nplugin = newer\nservice = x\n", 2, "plugin \"newer\" has no service \"x\""},
        {"[provider p]\nplugin = newer\ngreeting = ${text:x}\n", 3,
         "only env: and file: may stand in a provider's own section, not text:"},
        {"[provider p]\nplugin = newer\ngreeting = ${file:x}\n", 3, "file: needs an absolute path, found \"x\""},
        {"[provider p]\nplugin = newer\ngreeting = ${file:<folder>}\n", 3, "is neither a regular file nor a pipe"},
        {"[provider p]\nplugin = exec\n", 2, "option \"command\" is missing"},
        {"[provider p]\nplugin = exec\ncommand = /bin/true\nformat = xml\n", 2, "option \"format\""},
        {"[provider p]\nplugin = exec\ncommand = /nowhere/x\n", 2, "program /nowhere/x cannot be started"},
        {"[provider shop]\nservice = x\n[plugins]\npath = <folder>\n", 2,
         "[provider shop] tunes the installed provider of this name and takes no service without a plugin"},
        {"[provider shop]\nx = 1\n[plugins]\npath = <folder>\n", 2, "the plugin of \"shop:\" is not installed"},
        {"[provider env]\nx = 1\n", 2, "[provider env] takes no options, found \"x\""},
        {"[provider env]\nplugin = exec\n", 2,
         "[provider env] tunes a built-in scheme and takes neither plugin nor service"},
    };
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        mstr_error *error = mstr_error_new();
        assert_told(&refusals[i]);
        enum mstr_code code = run(refusals[i].config, error);
        if ((code != MSTR_E_CONFIG && code != MSTR_E_PLUGIN) ||
            strstr(mstr_error_message(error), refusals[i].words) == NULL) {
            fail_msg("%s\nruns until\n%s: %s\nnot until\n%s", refusals[i].config, mstr_code_name(code),
                     mstr_error_message(error), refusals[i].words);
        }
        mstr_error_free(error);
    }
}

#define SHARED "[agent]\nallow = p:a/* env:A\nprofiles = a\n"

/* As the agent tells it when it starts, or fetches ahead. */
static void what_no_agent_can_serve_is_told(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"[agent]\nallow = p:a nonsense\n", 2, "allow in [agent]: \"nonsense\" is no pattern of references"},
        {"[agent]\nallow = p:%zz\n", 2, "allow in [agent]: \"p:%zz\" is no pattern of references"},
        {SHARED "allow_user = 1 nobody-of-this-name\n", 4,
         "allow_user in [agent] names \"nobody-of-this-name\", which this system does not know"},
        {SHARED "allow_group = -1\n", 4, "allow_group in [agent] names \"-1\", which this system does not know"},
        {"[agent]\nprofiles = a apidev\n", 2,
         "profiles in [agent] names \"apidev\", which nobody can ask for: clients cut URLs at \"api\""},
        {"[agent]\nallow_user = 0\n", 2,
         "with allow_user the agent does not start without allow and profiles in [agent]"},
        {"[agent]\nallow = p:a\nallow_group = 0\n", 3, "with allow_group the agent does not start without allow"},
        {"[agent]\ntoken_file = /t\nlisten = 127.0.0.1:1\n", 3, "with listen the agent does not start without"},
        {SHARED "listen = 127.0.0.1:1\n", 4, "to listen on TCP the agent needs a token_file"},
        {SHARED "prefetch = p:a/b env:A p:b\n[provider p]\nplugin = newer\n", 4,
         "prefetch in [agent] names p:b, which allow does not"},
        {"[agent]\nprefetch = p:a env:A\n[provider p]\nplugin = newer\n", 2,
         "prefetch in [agent] names env:A, which allow does not"},
        {"[agent]\nsocket = /tmp/mstr/agent.sock\n", 2,
         "the agent's socket /tmp/mstr/agent.sock is below /tmp, where anybody may be first"},
        {"[agent]\nprefetch = nosuch:a\n", 2, "no installed provider brings the scheme \"nosuch\""},
    };
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        assert_told(&refusals[i]);
    }
    struct told told;
    assert_int_equal(check(SHARED "allow_user = root 1\nlisten = 127.0.0.1:1\ntoken_file = ${env:UNSET}\n"
                                  "prefetch = p:a/b\n[provider p]\nplugin = newer\n",
                           &told, NULL),
                     MSTR_OK);
}

/* A run takes it as it is written. */
static void what_nobody_can_have_meant_is_told(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {COMPLETE "username = env:ANN\n", 5, "\"username\" looks like a reference"},
        {COMPLETE "password = p:prod#word\n[provider p]\nplugin = newer\n", 5, "\"password\" looks like a reference"},
        {COMPLETE "username = \"ann\"\n", 5, "\"username\" has quotes around it"},
        {COMPLETE "project = 'Team'\n", 5, "\"project\" has quotes around it"},
        {"[provider p]\nplugin = newer\ngreeting = 'hello'\n", 3, "\"greeting\" has quotes around it"},
        {COMPLETE "project = Team #1\n", 5, "\"project\" ends at a blank with # or ;"},
        {COMPLETE "username = ann ;v2\n", 5, "\"username\" ends at a blank with # or ;"},
        {COMPLETE "client_key = <good>\n", 5, "\"client_key\" is of no use without client_cert"},
        {COMPLETE "persistence_key = ${text:}\n", 5,
         "persistence_key resolved to an empty value"}, /* once it is used */
    };
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        assert_told(&refusals[i]);
    }
}

/* Whatever else the plugin says of it. */
static void a_ca_file_of_a_provider_that_is_of_no_use_is_told(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"/dev/null", "3 ca_file=/dev/null: it is no regular file"},
                                           {"/nowhere/ca.pem", "3 ca_file=/nowhere/ca.pem: No such file"},
                                           {"<pem>", ": it holds no certificate"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct told told;
        char config[128];
        snprintf(config, sizeof(config), "[provider p]\nplugin = newer\nca_file = %s\n", cases[i][0]);
        check(config, &told, NULL);
        assert_non_null(strstr(told.text, cases[i][1]));
    }
}

static void a_profile_that_was_chosen_and_is_not_there_is_told(void **state)
{
    (void)state;
    char *path = write_config(COMPLETE);
    mstr_context_options options = options_for(path);
    mstr_error *error = mstr_error_new();
    struct told told = {0, ""};
    options.profile = "zz";
    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, collect, &told, error), MSTR_E_CONFIG);
    assert_string_equal(told.text, "0 there is no profile \"zz\"; add a section [profile zz] to the configuration\n");
    assert_string_equal(mstr_error_message(error), "there is no profile \"zz\"");

    mstr_context *context = NULL;
    mstr_error_clear(error);
    assert_int_equal(mstr_context_new(&options, &context, error), MSTR_OK);
    assert_int_equal(run_profile(context, NULL, error), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(error), "there is no profile \"zz\"");
    mstr_context_free(context);

    options.flags = 0;
    options.profile = NULL;
    told = (struct told){0, ""};
    setenv("MSTR_PROFILE", "zz", 1);
    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, collect, &told, NULL), MSTR_E_CONFIG);
    assert_int_equal(told.count, 1);
    unsetenv("MSTR_PROFILE");
    mstr_error_free(error);
    unlink(path);
    free(path);
}

/* Where nobody chooses one. */
static void a_default_profile_that_is_missing_beside_others_is_told(void **state)
{
    (void)state;
    static const char told_of[] =
        "0 no login is configured: there are no credentials; there is no [profile default]; "
        "choose one that there is, as with --profile a\n";
    char *path = write_config(COMPLETE);
    mstr_context_options options = options_for(path);
    mstr_context *context = NULL;
    mstr_error *error = mstr_error_new();
    struct told told = {0, ""};
    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, collect, &told, NULL), MSTR_E_CONFIG);
    assert_string_equal(told.text, told_of);

    assert_int_equal(mstr_context_new(&options, &context, NULL), MSTR_OK);
    assert_int_equal(run_profile(context, NULL, error), MSTR_E_CONFIG);
    assert_non_null(strstr(told_of, mstr_error_message(error)));
    assert_non_null(strstr(told_of, mstr_error_hint(error)));
    mstr_context_free(context);

    options.flags = 0;
    setenv("MSTR_BASE_URL", "https://127.0.0.1/api/", 1); /* of a profile that the environment makes */
    setenv("MSTR_API_KEY", "key", 1);
    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, collect, &told, NULL), MSTR_OK);
    unsetenv("MSTR_BASE_URL");
    unsetenv("MSTR_API_KEY");
    mstr_error_free(error);
    unlink(path);
    free(path);
}

static void each_reference_of_a_value_is_told(void **state)
{
    (void)state;
    struct told told;
    check("[env w]\nA = ${p:Door || file:x} and ${env:B?x=1}\nB = ${p:door}\n[provider p]\nplugin = picky\n", &told,
          NULL);
    assert_string_equal(told.text, "2 \"A\": picky takes small letters alone; write another name\n"
                                   "2 \"A\": file: needs an absolute path, found \"x\"\n"
                                   "2 \"A\": env: takes no query, found \"x\"\n");
}

/* Also by those whose options nobody knows yet; by one that cannot be loaded nothing is said. */
static void references_are_judged_by_plugins_as_far_as_these_are_known(void **state)
{
    (void)state;
    struct told told;
    check("[env w]\nA = ${p:Door}\n[provider p]\nplugin = picky\nbreaks = ${env:SURELY_UNSET_HERE}\n", &told, NULL);
    assert_string_equal(told.text, "2 \"A\": picky takes small letters alone; write another name\n");
    assert_int_equal(check("[env w]\nA = ${p:Door}\n[provider p]\nplugin = older\n", &told, NULL), MSTR_OK);
    check("[env w]\nA = ${p:Door}\n[provider p]\nplugin = absent\n", &told, NULL);
    assert_int_equal(told.count, 1);
    assert_int_equal(check("[env w]\nA = ${p:Door}\n[provider p]\nplugin = picky\nbreaks = mute\n", &told, NULL),
                     MSTR_E_PLUGIN);
    assert_string_equal(told.text, "2 \"A\": plugin picky refuses the reference and does not say why\n");
}

static void a_proxy_of_the_environment_is_looked_at(void **state)
{
    (void)state;
    static const char told_of[] = "0 https_proxy is not the URL of a proxy; write http://HOST:PORT";
    char *path = write_config(COMPLETE);
    mstr_context_options options = options_for(path);
    struct told told = {0, ""};
    options.flags = 0;
    options.profile = "a";
    setenv("https_proxy", "ftp://ann:sesame@proxy.example", 1);
    assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, collect, &told, NULL), MSTR_E_CONFIG);
    assert_int_equal(told.count, 1);
    assert_int_equal(strncmp(told.text, told_of, strlen(told_of)), 0);
    unsetenv("https_proxy");
    unlink(path);
    free(path);
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
    assert_int_equal(told.count, 5);
    assert_non_null(strstr(mstr_error_message(error), "timeout"));
    mstr_error_free(error);
}

/* What is refused in a line is not missed besides. */
static void a_line_that_is_refused_has_no_consequences(void **state)
{
    (void)state;
    static const char *const configs[] = {
        "[profile a]\nbase_url = mstr.example\nusername = ann\npassword = x\n",
        "[profile a]\n" BASE "username = ann\npassword = 'x'\n",
        "[profile a]\n" BASE "login_mod = anonymous\n",
        "[provider p]\nplugin = ${env:MSTR_TEST_KEY}\nx = 1\n",
    };
    for (size_t i = 0; i < COUNT_OF(configs); i++) {
        struct told told;
        check(configs[i], &told, NULL);
        if (told.count != 1) {
            fail_msg("%s\nis told as\n%s", configs[i], told.text);
        }
    }
}

static void references_are_checked_but_not_resolved(void **state)
{
    (void)state;
    struct told told;
    assert_int_equal(
        check("[profile a]\nbase_url = ${env:U}\nusername = ${env:SURELY_UNSET_HERE}\npassword = ${p:x#y} $${\n"
              "client_cert = <locked>\nclient_key_password = ${env:SURELY_UNSET_HERE}\n"
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
        "[profile a]\nbase_url = http://127.0.0.1:8080/api\nlogin_mode = anonymous\nca_file = /nowhere\n",
        "[profile a]\nbase_url = http://x.example/\nallow_plain_http = yes\nlogin_mode = anonymous\n",
        "[profile a]\nbase_url = http://x.example/\nallow_plain_http = ${env:A}\nlogin_mode = anonymous\n",
        "[profile a]\nbase_url = ${env:U}\nlogin_mode = ${env:M}\n",
        "[profile a]\nbase_url = https://mstr.example/\nlogin_mode = 4096\nusername = key\n",
        COMPLETE "proxy = \n",
        COMPLETE "proxy = ${env:P}\n",
        COMPLETE "proxy = proxy.example:3128\nno_proxy = .example, 10.0.0.0/8\n",
        COMPLETE "proxy = socks5h://ann:sesame@proxy.example:1080\n",
        COMPLETE "project = ${text:}\nca_file =\nclient_cert = ${text:}\nclient_key =\npinned_key =\n",
        COMPLETE "client_cert = <good>\nclient_key = <good>\n",
        COMPLETE "client_cert = <locked>\nclient_key_password = sesame\n",
        COMPLETE "username = nobody:x\nproject = Team # the best\n",
        COMPLETE "username = \"ann\npassword = x\"\n",
        "[env w]\nDATABASE = file:/var/lib/x.db\nA = text:x\nURL = https://x.example/#a\nEMPTY =\nNONE = ${text:}\n",
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
        cmocka_unit_test(what_a_run_refuses_is_told_before_it_in_the_same_words),
        cmocka_unit_test(what_no_agent_can_serve_is_told),
        cmocka_unit_test(what_nobody_can_have_meant_is_told),
        cmocka_unit_test(a_ca_file_of_a_provider_that_is_of_no_use_is_told),
        cmocka_unit_test(a_profile_that_was_chosen_and_is_not_there_is_told),
        cmocka_unit_test(a_default_profile_that_is_missing_beside_others_is_told),
        cmocka_unit_test(each_reference_of_a_value_is_told),
        cmocka_unit_test(references_are_judged_by_plugins_as_far_as_these_are_known),
        cmocka_unit_test(a_proxy_of_the_environment_is_looked_at),
        cmocka_unit_test(all_problems_are_told_at_once_and_the_first_is_the_error),
        cmocka_unit_test(what_may_well_be_meant_is_not_told),
        cmocka_unit_test(a_line_that_is_refused_has_no_consequences),
        cmocka_unit_test(references_are_checked_but_not_resolved),
    };
    return cmocka_run_group_tests_name("context/config_check", tests, prepare, end);
}
