/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios of errors, secrets, credentials and contexts. */
#include "out_of_memory/scenario.h"

#include <mstr/provider.h>
#include <unistd.h>

static enum mstr_code errors(struct scene *scene)
{
    mstr_error *error = mstr_error_new();
    mstr_error_set(error, MSTR_E_DENIED, "%s", "no");
    assert_true(error == NULL || mstr_error_code(error) == MSTR_E_DENIED);
    assert_string_not_equal(error != NULL ? mstr_error_message(error) : "-", "");
    mstr_error_clear(error);
    mstr_error_free(error);
    (void)scene;
    return made(error);
}
static const struct scenario errors_scenario = {"errors", STAGE_NOTHING, errors, 0};

static enum mstr_code secrets(struct scene *scene)
{
    static char large[100000];
    mstr_secret *small = mstr_secret_new("value", 5);
    mstr_secret *mapped = mstr_secret_new(large, sizeof(large));
    assert_true(small == NULL || strcmp(mstr_secret_octets(small), "value") == 0);
    assert_true(mapped == NULL || mstr_secret_length(mapped) == sizeof(large));
    enum mstr_code code = small != NULL ? made(mapped) : MSTR_E_MEMORY;
    mstr_secret_release(mapped);
    mstr_secret_release(small);
    (void)scene;
    return code;
}
static const struct scenario secrets_scenario = {"secrets", STAGE_NOTHING, secrets, 0};

static enum mstr_code give_value(mstr_secret **value, mstr_error *error, void *data)
{
    (void)data;
    *value = mstr_secret_new("value", 5);
    return *value != NULL ? MSTR_OK : mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
}

static void note_free(void *data)
{
    ++*(unsigned *)data;
}

static enum mstr_code credentials(struct scene *scene)
{
    unsigned freed = 0;
    enum mstr_code code = MSTR_OK;
    mstr_credential *const all[] = {
        mstr_credential_literal("text"),
        mstr_credential_callback(give_value, &freed, note_free),
        mstr_credential_reference("double:a"),
        mstr_credential_template("a ${double:b}"),
    };
    unsigned takes = all[1] != NULL ? 1 : 0; /* what could not be made leaves the data to its caller */
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        code = all[i] != NULL ? code : MSTR_E_MEMORY;
        mstr_credential_release(mstr_credential_retain(all[i]));
        mstr_credential_release(all[i]);
    }
    assert_int_equal(freed, takes);
    (void)scene;
    return code;
}
static const struct scenario credentials_scenario = {"credentials", STAGE_NOTHING, credentials, 0};

static enum mstr_code cancels(struct scene *scene)
{
    mstr_cancel *cancel = mstr_cancel_new();
    mstr_cancel_free(cancel);
    (void)scene;
    return made(cancel);
}
static const struct scenario cancels_scenario = {"cancels", STAGE_NOTHING, cancels, 0};

static enum mstr_code new_context(struct scene *scene)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_context *context = NULL;
    options.config_file = scene->config;
    options.plugin_path = "/nowhere:" TEST_PLUGINS;
    options.profile = "default";
    enum mstr_code code = mstr_context_new(&options, &context, scene->error);
    assert_true((context != NULL) == (code == MSTR_OK));
    mstr_context_free(context);
    return code;
}
static const struct scenario new_context_scenario = {"new_context", STAGE_NOTHING, new_context, 0};

static int count_item(const mstr_config_item *item, void *data)
{
    (void)item;
    ++*(unsigned *)data;
    return 0;
}

static enum mstr_code visit_config(struct scene *scene)
{
    static const struct {
        uint32_t flags;
        unsigned items; /* 0 = any number, as the system's own files count */
    } kinds[] = {
        {MSTR_CONFIG_SETTINGS, 25}, {MSTR_CONFIG_PROBLEMS, 0}, {MSTR_CONFIG_PATHS, 1}, {MSTR_CONFIG_WEAKENINGS, 0}};
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    enum mstr_code code = MSTR_OK;
    options.config_file = scene->config;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    for (size_t i = 0; i < COUNT_OF(kinds) && code == MSTR_OK; i++) {
        unsigned items = 0;
        code = mstr_config_visit(&options, kinds[i].flags, count_item, &items, scene->error);
        if (code == MSTR_OK) {
            assert_int_equal(items, kinds[i].items);
        }
    }
    return code;
}
static const struct scenario visit_config_scenario = {"visit_config", STAGE_NOTHING, visit_config, 0};

static enum mstr_code get(struct scene *scene)
{
    static const struct {
        const char *reference;
        const char *value;
    } wanted[] = {{"double:one", "one"},
                  {"env:OUT_OF_MEMORY_TEST#name", "value"},
                  {"text:x%20y", "x y"},
                  {"program:three", "three"},
                  {"staying:four", "four"}};
    const mstr_call_options call = {sizeof(call), MSTR_CALL_NO_CACHE, 0, NULL};
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; i < COUNT_OF(wanted) && code == MSTR_OK; i++) {
        mstr_secret *secret = NULL;
        code = mstr_context_get(scene->context, wanted[i].reference, i == 0 ? NULL : &call, &secret, scene->error);
        assert_true((secret != NULL) == (code == MSTR_OK));
        assert_true(secret == NULL || strcmp(mstr_secret_octets(secret), wanted[i].value) == 0);
        mstr_secret_release(secret);
    }
    return code;
}
static const struct scenario get_scenario = {"get", STAGE_CONTEXT, get, 0};

/* Where the settings cannot be told to the agent, one's own provider is asked. */
static enum mstr_code get_through_agent(struct scene *scene)
{
    static bool began; /* with memory */
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_context *context = NULL;
    mstr_secret *secret = NULL;
    options.config_file = scene->config;
    options.agent = "require";
    enum mstr_code code = mstr_context_new(&options, &context, scene->error);
    if (code == MSTR_OK) {
        code = mstr_context_get(context, "double:one", NULL, &secret, scene->error);
    }
    assert_true((secret != NULL) == (code == MSTR_OK));
    if (secret != NULL && strcmp(mstr_secret_octets(secret), "the agent's") != 0) {
        assert_true(began);
        assert_string_equal(mstr_secret_octets(secret), "one");
    }
    began = true;
    mstr_secret_release(secret);
    mstr_context_free(context);
    return code;
}
static const struct scenario get_through_agent_scenario = {"get_through_agent", STAGE_NOTHING, get_through_agent, 0};

static enum mstr_code get_many(struct scene *scene)
{
    static const char *const references[] = {"env:OUT_OF_MEMORY_TEST#name", "file:/etc/hostname", "double:one",
                                             "double:two", "program:three"};
    mstr_lookup lookups[COUNT_OF(references)] = {{.reference = NULL}};
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        lookups[i].reference = references[i];
    }
    lookups[0].error = scene->error;
    enum mstr_code code =
        mstr_context_get_many(scene->context, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), NULL);
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        assert_true((lookups[i].secret != NULL) == (lookups[i].code == MSTR_OK));
        assert_int_equal(lookups[i].code != MSTR_OK ? lookups[i].code : MSTR_E_MEMORY, MSTR_E_MEMORY);
        mstr_secret_release(lookups[i].secret);
    }
    return code;
}
static const struct scenario get_many_scenario = {"get_many", STAGE_CONTEXT, get_many, 0};

static struct scene *counting;
static const struct mstr_host *counting_host;

static enum mstr_code counted_create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

static void counted_resolve(void *self, struct mstr_request *const *requests, size_t count,
                            const struct mstr_call *call)
{
    (void)self;
    (void)call;
    for (size_t i = 0; i < count; i++) {
        counting->fetched++;
        counting_host->set_value(requests[i], "value", 5, NULL);
    }
}

static const struct mstr_provider *counted_entry(const struct mstr_host *host)
{
    static const struct mstr_provider provider = {.abi_major = MSTR_ABI_MAJOR,
                                                  .size = sizeof(struct mstr_provider),
                                                  .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
                                                  .option_size = sizeof(struct mstr_option),
                                                  .name = "counted",
                                                  .version = "1",
                                                  .summary = "counts",
                                                  .create = counted_create,
                                                  .resolve = counted_resolve};
    counting_host = host;
    return &provider;
}

static enum mstr_code fetch_counted(struct scene *scene)
{
    mstr_secret *secret = NULL;
    counting = scene;
    enum mstr_code code = mstr_context_get(scene->context, "counted:a", NULL, &secret, scene->error);
    mstr_secret_release(secret);
    return code;
}

/* What is forgotten is fetched anew, memory or not. */
static enum mstr_code invalidate(struct scene *scene)
{
    enum mstr_code code = mstr_context_register(scene->context, "counted", counted_entry, NULL, scene->error);
    if (code == MSTR_E_EXISTS) { /* from before */
        mstr_error_clear(scene->error);
        code = MSTR_OK;
    }
    for (unsigned i = 0; i < 2 && code == MSTR_OK; i++) {
        code = fetch_counted(scene);
        unsigned before = scene->fetched;
        mstr_context_invalidate(scene->context, i == 0 ? "counted:a" : NULL);
        code = code == MSTR_OK ? fetch_counted(scene) : code;
        assert_true(code != MSTR_OK || scene->fetched == before + 1);
    }
    return code;
}
static const struct scenario invalidate_scenario = {"invalidate", STAGE_CONTEXT, invalidate, 0};

/* What is asked of a context by who writes references for others. */
static enum mstr_code judgements(struct scene *scene)
{
    int descriptor = -1;
    enum mstr_code code = mstr_context_allows(scene->context, "double:*", "${double:a}", scene->error);
    if (code == MSTR_OK) {
        code = mstr_trusted_open(scene->config, &descriptor, scene->error);
        close(descriptor);
    }
    (void)mstr_context_knows(scene->context, "double:a"); /* it has nowhere to say why it does not */
    return code;
}
static const struct scenario judgements_scenario = {"judgements", STAGE_CONTEXT, judgements, 0};

static int count_member(const char *name, mstr_secret *value, void *data)
{
    assert_string_equal(name, "a");
    assert_string_equal(mstr_secret_octets(value), "b");
    ++*(unsigned *)data;
    return 0;
}

static enum mstr_code members(struct scene *scene)
{
    static const char object[] = "{\"a\": \"b\", \"n\": 1}";
    unsigned told = 0;
    mstr_secret *secret = mstr_secret_new(object, sizeof(object) - 1);
    enum mstr_code code = made(secret);
    code = code == MSTR_OK ? mstr_secret_members(secret, count_member, &told, scene->error) : code;
    assert_true(code != MSTR_OK || told == 1);
    mstr_secret_release(secret);
    return code;
}
static const struct scenario members_scenario = {"members", STAGE_NOTHING, members, 0};

static int count_provider(const mstr_provider_info *info, void *data)
{
    assert_non_null(info->name);
    if (info->problem != NULL && strstr(info->problem, "memory") == NULL) {
        fail_msg("%s: %s", info->name, info->problem);
    }
    ++*(unsigned *)data;
    return 0;
}

static enum mstr_code providers(struct scene *scene)
{
    static unsigned all; /* as told with memory */
    unsigned told = 0;
    enum mstr_code code = mstr_context_providers(scene->context, count_provider, &told, scene->error);
    all = all == 0 && code == MSTR_OK ? told : all;
    assert_true(code != MSTR_OK || told == all);
    return code;
}
static const struct scenario providers_scenario = {"providers", STAGE_CONTEXT, providers, 0};

static int count_step(const mstr_explain_step *step, void *data)
{
    (void)step;
    ++*(unsigned *)data;
    return 0;
}

static enum mstr_code explain(struct scene *scene)
{
    unsigned steps = 0;
    enum mstr_code code =
        mstr_context_explain(scene->context, "env:OUT_OF_MEMORY_TEST#name", NULL, count_step, &steps, scene->error);
    assert_true(code != MSTR_OK || steps > 1);
    return code;
}
static const struct scenario explain_scenario = {"explain", STAGE_CONTEXT, explain, 0};

static enum mstr_code read_settings(struct scene *scene)
{
    static const char *const values[] = {"a x ${b}", NULL, "one"};
    mstr_setting settings[] = {{.section = "env worker", .key = "TOKEN", .error = scene->error},
                               {.section = "env worker", .key = "OTHER"},
                               {.key = "double:one"}};
    mstr_secret *secret = NULL;
    enum mstr_code code = mstr_context_settings(scene->context, settings, 3, sizeof(mstr_setting), NULL);
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        assert_true((settings[i].value != NULL) == (settings[i].code == MSTR_OK));
        assert_int_equal(settings[i].code != MSTR_OK ? settings[i].code : MSTR_E_MEMORY, MSTR_E_MEMORY);
        assert_true(settings[i].value == NULL || values[i] == NULL ||
                    strcmp(mstr_secret_octets(settings[i].value), values[i]) == 0);
        mstr_secret_release(settings[i].value);
    }
    if (code == MSTR_OK) {
        code = mstr_context_setting(scene->context, "env worker", "TOKEN", NULL, &secret, scene->error);
        assert_true((secret != NULL) == (code == MSTR_OK));
        mstr_secret_release(secret);
    }
    return code;
}
static const struct scenario settings_scenario = {"settings", STAGE_CONTEXT, read_settings, 0};

static enum mstr_code tell_section(struct scene *scene)
{
    unsigned keys = 0;
    enum mstr_code code = mstr_context_section(scene->context, "env worker", count_item, &keys, scene->error);
    assert_true(code != MSTR_OK || keys == 2);
    return code;
}
static const struct scenario section_scenario = {"section", STAGE_CONTEXT, tell_section, 0};

static const char fixed[] = "gives what is constant or held already";
static const char stores[] = "stores what it is given";
static const char frees[] = "only frees; scenarios call it";

const struct called context_calls[] = {
    {"mstr_cancel_free", NULL, frees},
    {"mstr_cancel_new", &cancels_scenario, NULL},
    {"mstr_cancel_now", NULL, "writes to a pipe"},
    {"mstr_code_is_passing", NULL, fixed},
    {"mstr_code_name", NULL, fixed},
    {"mstr_code_text", NULL, fixed},
    {"mstr_config_visit", &visit_config_scenario, NULL},
    {"mstr_context_allows", &judgements_scenario, NULL},
    {"mstr_context_explain", &explain_scenario, NULL},
    {"mstr_context_free", NULL, frees},
    {"mstr_context_get", &get_scenario, NULL},
    {"mstr_context_get", &get_through_agent_scenario, NULL},
    {"mstr_context_get_many", &get_many_scenario, NULL},
    {"mstr_context_get_stats", NULL, fixed},
    {"mstr_context_invalidate", &invalidate_scenario, NULL},
    {"mstr_context_knows", &judgements_scenario, NULL},
    {"mstr_context_new", &new_context_scenario, NULL},
    {"mstr_context_providers", &providers_scenario, NULL},
    {"mstr_context_register", &invalidate_scenario, NULL},
    {"mstr_context_section", &section_scenario, NULL},
    {"mstr_context_set_prompt", NULL, stores},
    {"mstr_context_set_subject_token", NULL, stores},
    {"mstr_context_setting", &settings_scenario, NULL},
    {"mstr_context_settings", &settings_scenario, NULL},
    {"mstr_credential_callback", &credentials_scenario, NULL},
    {"mstr_credential_kind_name", NULL, fixed},
    {"mstr_credential_literal", &credentials_scenario, NULL},
    {"mstr_credential_reference", &credentials_scenario, NULL},
    {"mstr_credential_release", NULL, frees},
    {"mstr_credential_retain", NULL, "counts"},
    {"mstr_credential_template", &credentials_scenario, NULL},
    {"mstr_duration_parse", NULL, "reads in place"},
    {"mstr_error_clear", NULL, frees},
    {"mstr_error_code", NULL, fixed},
    {"mstr_error_free", NULL, frees},
    {"mstr_error_hint", NULL, fixed},
    {"mstr_error_http_status", NULL, fixed},
    {"mstr_error_iserver_code", NULL, fixed},
    {"mstr_error_message", NULL, fixed},
    {"mstr_error_mstr_number", NULL, fixed},
    {"mstr_error_new", &errors_scenario, NULL},
    {"mstr_error_provider", NULL, fixed},
    {"mstr_error_reference", NULL, fixed},
    {"mstr_error_request_id", NULL, fixed},
    {"mstr_error_service_code", NULL, fixed},
    {"mstr_error_set", &errors_scenario, NULL},
    {"mstr_error_step", NULL, fixed},
    {"mstr_iserver_code_name", NULL, fixed},
    {"mstr_secret_expires", NULL, fixed},
    {"mstr_secret_fetched", NULL, fixed},
    {"mstr_secret_length", NULL, fixed},
    {"mstr_secret_members", &members_scenario, NULL},
    {"mstr_secret_new", &secrets_scenario, NULL},
    {"mstr_secret_octets", NULL, fixed},
    {"mstr_secret_release", NULL, frees},
    {"mstr_secret_retain", NULL, "counts"},
    {"mstr_secret_source", NULL, fixed},
    {"mstr_secret_version", NULL, fixed},
    {"mstr_trusted_open", &judgements_scenario, NULL},
    {"mstr_version", NULL, fixed},
    {"mstr_version_compare", NULL, "compares texts in place"},
    {"mstr_wipe", NULL, "writes in place"},
    {NULL, NULL, NULL},
};
