/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fetch through an agent that says what a test tells it to, and what was fetched without it.
 */
#ifndef MSTR_TESTS_UNIT_RESOLVE_FETCH_AGENT_SCENE_H
#define MSTR_TESTS_UNIT_RESOLVE_FETCH_AGENT_SCENE_H

#include "resolve/fetch_agent.h"
#include "support/agent_peer.h"
#include "support/fetch_double.h"
#include "support/registry.h"

#define CONFIG                                                                                                       \
    "[provider corp]\nplugin = shelf\nregion = eu\n[provider other]\nplugin = shelf\n"                               \
    "[provider helper]\nplugin = exec\ncommand = /bin/true\n"
#define VALUE(text) "{\"value\":\"" text "\",\"fresh_for\":1000,\"source\":\"store\"}"

static const struct fetch_answer own_answers[] = {
    {"corp:a", "own a", false, MSTR_OK, NULL},      {"corp:b", "own b", false, MSTR_OK, NULL},
    {"other:a", "own other", false, MSTR_OK, NULL}, {"env:X", "own x", false, MSTR_OK, NULL},
    {"helper:h", "own h", false, MSTR_OK, NULL},    {NULL, NULL, false, MSTR_OK, NULL},
};

struct scene {
    struct test_registry test;
    struct local_peer peer;
    struct fetch_double own;
    struct log log;
    struct agent_link *link;
    struct fetch_agent agent;
    char told[2048];   /* "REFERENCE=VALUE" or "REFERENCE!CLASS", in the order of the references */
    char lines[1024];  /* warnings */
    char message[512]; /* of the last failure */
};

static inline void note(enum mstr_level level, const char *scope, const char *message, void *data)
{
    struct scene *scene = data;
    (void)scope;
    if (level == MSTR_LEVEL_WARN) {
        strcat(strcat(scene->lines, message), "\n");
    }
}

/* The store of the tests is in the program, so that its values would not leave it; `shared` says that they do. */
static inline struct scene *begin(enum agent_use use, const struct agent_script *script)
{
    static struct scene scene;
    memset(&scene, 0, sizeof(scene));
    test_registry_make(&scene.test, CONFIG, NULL);
    local_peer_start(&scene.peer, agent_peer_serve, script);
    fetch_double_init(&scene.own, own_answers);
    scene.log = (struct log){note, &scene, MSTR_LEVEL_WARN};
    const struct agent_options options = {use, scene.peer.path, (uid_t)-1, false};
    scene.link = agent_link_new(&options, &scene.log);
    assert_true(
        fetch_agent_init(&scene.agent, scene.link, &scene.own.fetch, scene.test.registry, "corp:** other:x gone:x"));
    return &scene;
}

static inline void finish(struct scene *scene)
{
    fetch_agent_release(&scene->agent);
    agent_link_free(scene->link);
    fetch_double_release(&scene->own);
    local_peer_stop(&scene->peer);
    test_registry_drop(&scene->test);
}

struct outcomes {
    struct scene *scene;
    char texts[8][128];
    const struct reference **references;
};

static inline void take(void *data, size_t index, const struct fetched *fetched)
{
    struct outcomes *outcomes = data;
    char *text = outcomes->texts[index];
    assert_string_equal(text, ""); /* once */
    snprintf(text, sizeof(outcomes->texts[index]), "%s%s%s", outcomes->references[index]->key,
             fetched->secret != NULL ? "=" : "!",
             fetched->secret != NULL ? mstr_secret_octets(fetched->secret) : mstr_code_name(fetched->code));
    if (fetched->error != NULL && fetched->secret == NULL) {
        snprintf(outcomes->scene->message, sizeof(outcomes->scene->message), "%s",
                 mstr_error_message(fetched->error));
    }
}

/* Fetches references, separated by blanks; what was told of them. */
static inline const char *fetch_all(struct scene *scene, const char *list, bool refresh)
{
    struct reference *parsed[8] = {NULL};
    const struct reference *references[8];
    char copy[256];
    size_t count = 0;
    const struct limits limits = test_limits(60000);
    snprintf(copy, sizeof(copy), "%s", list);
    for (char *rest = NULL, *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        assert_int_equal(reference_parse(word, &parsed[count], NULL), MSTR_OK);
        references[count] = parsed[count];
        count++;
    }
    struct outcomes outcomes = {.scene = scene, .references = references};
    const struct fetch_order order = {references, count, refresh, &limits, take, &outcomes};
    scene->agent.fetch.run(&scene->agent.fetch, &order);
    scene->told[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        strcat(strcat(scene->told, i > 0 ? " " : ""), outcomes.texts[i]);
        reference_free(parsed[i]);
    }
    return scene->told;
}

static inline const char *fetched_alone(const struct scene *scene)
{
    return buffer_text(&scene->own.record);
}

#endif
