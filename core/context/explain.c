/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a reference, step by step, for whoever looks for what is wrong. */
#include "base/clock.h"
#include "base/given.h"
#include "context/context.h"
#include "http/trust.h"
#include "plugin/creation.h"
#include "secret/memory.h"

/* What to do about a failure whose cause knows no better. */
static const struct {
    enum mstr_code code;
    const char *hint;
} remedies[] = {
    {MSTR_E_CONFIG, "correct the reference or the setting; \"mstr config check\" shows all that is wrong"},
    {MSTR_E_NOT_FOUND, "check the name; an alternative may follow in the configuration: ${THIS || OTHER}"},
    {MSTR_E_NOT_AVAILABLE, "install or start what is missing, or name an alternative: ${THIS || OTHER}"},
    {MSTR_E_DENIED, "grant this identity, or this user, the right to read it"},
    {MSTR_E_AUTHENTICATION, "check the credentials that the step before tells"},
    {MSTR_E_NETWORK, "check that this machine reaches the host, and its proxy and CA settings"},
    {MSTR_E_TIMEOUT, "give it more time with --timeout, or check that this machine reaches the store"},
    {MSTR_E_THROTTLED, "try again later; a longer ttl in [cache] asks less often"},
    {MSTR_E_UNAVAILABLE, "try again later: the store itself is failing"},
    {MSTR_E_PLUGIN, "ask whoever provides the plugin; mstr-provider-test tells which part of the contract it breaks"},
    {MSTR_E_PROTOCOL, "check the endpoint, and what answers there in place of the store"},
};

static const char *remedy(enum mstr_code code, const mstr_error *error)
{
    const char *hint = mstr_error_hint(error);
    for (size_t i = 0; hint == NULL && i < sizeof(remedies) / sizeof(*remedies); i++) {
        hint = remedies[i].code == code ? remedies[i].hint : NULL;
    }
    return hint;
}

/* `code`, or that the program wants to hear no more. */
static enum mstr_code heard_out(const struct mstr_report *report, enum mstr_code code, mstr_error *error)
{
    return code == MSTR_OK && report->ended ? error_set(error, MSTR_E_CANCELLED, "the program ended the report")
                                            : code;
}

/* A step that either went well or ends the report. */
static enum mstr_code tell_step(struct mstr_report *report, const char *name, enum mstr_code code, const char *detail,
                                mstr_error *error, int64_t started)
{
    host_table.report_step(report, code == MSTR_OK ? MSTR_STEP_USED : MSTR_STEP_FAILED, name,
                           code == MSTR_OK ? detail : mstr_error_message(error),
                           code == MSTR_OK ? NULL : remedy(code, error), clock_monotonic() - started);
    return heard_out(report, code, error);
}

/* Told only where it is not as it should be. */
static void tell_memory(struct mstr_report *report)
{
    const mstr_explain_step step = {.size = sizeof(step),
                                    .outcome = MSTR_STEP_INFO,
                                    .name = "memory",
                                    .detail =
                                        "secrets are in memory that could not be locked, and may be swapped out",
                                    .hint = "raise RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK=)"};
    if (!secure_locked()) {
        report_tell(report, &step);
    }
}

/* Whom TLS trusts there, where it is not the system's roots alone. A provider that speaks TLS has an option for
 * it. */
static void tell_trust(const mstr_context *context, const struct instance *instance, struct mstr_report *report)
{
    const struct mstr_provider *table = instance->provider;
    const struct http_client_options *http = &context_services(context)->http->options;
    struct buffer told = BUFFER_INIT;
    if (!report->trust && options_check_one(table->options, table->option_size, "ca_file", NULL, NULL) == MSTR_OK) {
        const struct trust trust =
            trust_find(options_get(instance->host.options, "ca_file"), http->ca_file, http->trust_environment);
        trust_tell(&trust, &told);
    }
    if (told.length > 0) {
        host_table.report_step(report, MSTR_STEP_INFO, "trust", buffer_text(&told), NULL, 0);
    }
    buffer_release(&told);
}

/* The agent, beside the walk, which is without it. */
static void tell_agent(mstr_context *context, const char *scheme, const struct limits *limits,
                       struct mstr_report *report)
{
    struct buffer told = BUFFER_INIT;
    int64_t started = clock_monotonic();
    context_tell_agent(context, scheme, limits, &told);
    if (told.length > 0) {
        host_table.report_step(report, MSTR_STEP_INFO, "agent", buffer_text(&told), NULL,
                               clock_monotonic() - started);
    }
    buffer_release(&told);
}

static enum mstr_code explain(mstr_context *context, const struct reference *reference, const struct limits *limits,
                              struct mstr_report *report, mstr_error *error)
{
    struct instance *instance = NULL;
    struct call call;
    tell_agent(context, reference->parts.scheme, limits, report);
    int64_t started = clock_monotonic();
    enum mstr_code code = creation_find(context_registry(context), reference->parts.scheme, limits, &instance, error);
    const char *from = code == MSTR_OK ? instance_origin(instance) : NULL; /* else another thread may set it */
    code = tell_step(report, "provider", code, from, error, started);
    if (code != MSTR_OK) {
        return code;
    }
    call_init(&call, context_services(context), limits);
    code = instance_explain(instance, reference, report, &call, error);
    call_release(&call);
    tell_trust(context, instance, report);
    if (code != MSTR_OK) {
        return tell_step(report, "identity", code, NULL, error, started);
    }
    if (heard_out(report, code, error) != MSTR_OK) {
        return MSTR_E_CANCELLED;
    }
    started = clock_monotonic();
    struct lookup lookup = {.reference = reference, .error = error};
    const struct resolver own = context_own_resolver(context);
    resolver_run(&own, &lookup, 1, true, limits);
    mstr_secret_release(lookup.secret);
    tell_memory(report);
    return tell_step(report, "secret", lookup.code, reference->field != NULL ? "found, field present" : "found",
                     error, started);
}

enum mstr_code mstr_context_explain(mstr_context *context, const char *reference, const mstr_call_options *options,
                                    mstr_explain_fn each, void *data, mstr_error *error)
{
    struct mstr_report report = {.each = each, .data = data};
    if (given_call(options, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct limits limits = limits_of(options);
    struct reference *parsed = NULL;
    int64_t started = clock_monotonic();
    mstr_error *own = error == NULL ? mstr_error_new() : error; /* steps quote it */
    enum mstr_code code = reference_parse(reference, &parsed, own);
    code = tell_step(&report, "reference", code, parsed != NULL ? parsed->parts.text : NULL, own, started);
    if (code == MSTR_OK) {
        code = explain(context, parsed, &limits, &report, own);
    }
    reference_free(parsed);
    if (own != error) {
        mstr_error_free(own);
    }
    return code;
}
