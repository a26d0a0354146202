/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/faults.c */
#include "context/faults.h"
#include "support/context.h"

#include <stdio.h>

/* "LINE [SECTION] KEY: PROBLEM; HINT", "-" for what is NULL. */
static int note(const mstr_config_item *item, void *data)
{
    assert_int_equal(item->size, sizeof(*item));
    assert_int_equal(item->file != NULL, item->line > 0);
    buffer_printf(data, "%u [%s] %s: %s; %s\n", item->line, item->section != NULL ? item->section : "-",
                  item->key != NULL ? item->key : "-", item->problem, item->hint != NULL ? item->hint : "-");
    return 0;
}

static void each_fault_is_told_with_its_place_and_the_first_is_kept(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    struct config_listener listener = {note, &told, false};
    mstr_context *context = test_context("[profile a]\nusername = ann\npassword = x\n[provider p]\nplugin = x\n");
    struct faults faults = {
        .context = context, .listener = &listener, .error = mstr_error_new(), .now = mstr_error_new()};

    error_set(faults.now, MSTR_E_CONFIG, "it is long");
    error_set_hint(faults.now, "make it short");
    faults_tell(&faults, "profile a", "password");
    error_set(faults.now, MSTR_E_PLUGIN, "it is lost");
    faults_tell_section(&faults, "provider p");
    error_set(faults.now, MSTR_E_CONFIG, "[provider p] is lost");
    faults_tell_section(&faults, "provider p");
    error_set(faults.now, MSTR_E_CONFIG, "all is lost");
    faults_tell_section(&faults, NULL);

    assert_string_equal(buffer_text(&told), "3 [profile a] password: it is long; make it short\n"
                                            "5 [provider p] -: [provider p]: it is lost; -\n"
                                            "5 [provider p] -: [provider p] is lost; -\n"
                                            "0 [-] -: all is lost; -\n");
    assert_int_equal(faults.code, MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(faults.error), "it is long");
    assert_int_equal(mstr_error_code(faults.now), MSTR_OK);
    mstr_error_free(faults.error);
    mstr_error_free(faults.now);
    mstr_context_free(context);
    buffer_release(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_told_with_its_place_and_the_first_is_kept),
    };
    return RUN_TESTS("context/faults");
}
