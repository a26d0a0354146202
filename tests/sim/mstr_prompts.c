/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts of reports: which are open, what may answer them, and what answers bring about: further prompts
 * ("reveals"), and elements to which the report is narrowed ("attribute").
 */
#include "mstr.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_all(struct json_object *to, struct json_object *from)
{
    for (size_t i = 0; i < sim_length(from); i++)
        json_object_array_add(to, json_object_get(sim_at(from, i)));
}

struct json_object *library_prompts_open(struct json_object *report)
{
    struct json_object *open = json_object_new_array();
    add_all(open, json_member(report, "prompts"));
    return open;
}

/* The prompt as the service shows it: not what it would bring about. */
static struct json_object *shown(struct json_object *prompt)
{
    static const char *const hidden[] = {"reveals", "attribute", "choices"};
    struct json_object *copy = NULL;
    json_object_deep_copy(prompt, &copy, NULL);
    for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
        json_object_object_del(copy, hidden[i]);
    sim_put_bool(copy, "closed", false);
    return copy;
}

static void answer_list(struct library_call *call, struct json_object *prompts)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < sim_length(prompts); i++)
        json_object_array_add(list, shown(sim_at(prompts, i)));
    sim_reply_json(call->reply, 200, list);
}

void library_report_prompts(struct library_call *call)
{
    struct library_instance *instance = library_instance_find(call);
    if (instance)
        answer_list(call, instance->prompts);
}

void library_report_prompts_ahead(struct library_call *call)
{
    struct json_object *report = library_report_find(call);
    if (report)
        answer_list(call, json_member(report, "prompts"));
}

void library_report_prompt_elements(struct library_call *call)
{
    struct library_instance *instance = library_instance_find(call);
    struct json_object *prompt = instance ? sim_find(instance->prompts, "key", call->arguments[3]) : NULL;
    struct json_object *list = json_object_new_array();
    struct json_object *choices = json_member(prompt, "choices");
    char id[128];
    for (size_t i = 0; i < sim_length(choices); i++) {
        struct json_object *element = json_object_new_object();
        const char *name = json_object_get_string(sim_at(choices, i));
        snprintf(id, sizeof(id), "h%zu;%.32s", i + 1, json_member_text(prompt, "id"));
        sim_put(element, "id", id);
        sim_put(element, "name", name);
        json_object_array_add(list, element);
    }
    if (prompt) {
        struct json_object *result = json_object_new_object();
        json_object_object_add(result, "elements", list);
        sim_reply_json(call->reply, 200, result);
        return;
    }
    json_object_put(list);
    if (instance)
        library_error(call->reply, 400, 6, 0, "There is no such prompt.");
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

static struct json_object *prompt_of(struct json_object *prompts, struct json_object *answer)
{
    static const char *const members[] = {"key", "id", "name"};
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        const char *text = json_member_text(answer, members[i]);
        if (text)
            return sim_find(prompts, members[i], text);
    }
    return NULL;
}

static bool is_within(struct json_object *prompt, struct json_object *value)
{
    int64_t number = json_object_get_int64(value);
    int64_t least = INT64_MIN;
    int64_t most = INT64_MAX;
    const char *type = json_member_text(prompt, "dataType");
    json_member_int64(prompt, "min", &least);
    json_member_int64(prompt, "max", &most);
    return !type || strcmp(type, "NUMERIC") != 0 || (number >= least && number <= most);
}

/* Texts of the elements that are meant, by name or by an id that counts the choices; NULL where one is none. */
static struct json_object *elements_of(struct json_object *prompt, struct json_object *answers)
{
    struct json_object *choices = json_member(prompt, "choices");
    struct json_object *names = json_object_new_array();
    for (size_t i = 0; i < sim_length(answers); i++) {
        const char *name = json_member_text(sim_at(answers, i), "name");
        const char *id = json_member_text(sim_at(answers, i), "id");
        unsigned long number = id ? strtoul(id + 1, NULL, 10) : 0;
        if (!name && number > 0 && number <= sim_length(choices))
            name = json_object_get_string(sim_at(choices, number - 1));
        if (!name || !sim_lists(choices, name)) {
            json_object_put(names);
            return NULL;
        }
        json_object_array_add(names, json_object_new_string(name));
    }
    return names;
}

/* Whether the answer can be one to the prompt; what it chooses is noted. */
static bool accept(struct library_instance *instance, struct json_object *prompt, struct json_object *answer)
{
    struct json_object *answers = json_member(answer, "answers");
    const char *type = json_member_text(prompt, "type");
    if (sim_flag(answer, "useDefault"))
        answers = json_member(prompt, "defaultAnswer");
    if (!answers)
        return !sim_flag(prompt, "required");
    if (strcmp(type, "ELEMENTS") != 0)
        return is_within(prompt, json_object_is_type(answers, json_type_array) ? sim_at(answers, 0) : answers);
    struct json_object *names = elements_of(prompt, answers);
    if (!names)
        return false;
    if (!instance->chosen)
        instance->chosen = json_object_new_object();
    json_object_object_add(instance->chosen, json_member_text(prompt, "attribute"), names);
    return true;
}

static void refuse(struct library_call *call, struct json_object *prompt, const char *why)
{
    char message[256];
    const char *name = json_member_text(prompt, "name");
    snprintf(message, sizeof(message), "The prompt '%s' %s.", name ? name : "?", why);
    library_error(call->reply, 400, 6, 0, message);
}

/* The prompts that are open then: those that were not answered, and those that the answers bring about. NULL where
 * the answers are refused. */
static struct json_object *left_after(struct library_call *call, struct library_instance *instance,
                                      struct json_object *answers)
{
    struct json_object *left = json_object_new_array();
    for (size_t i = 0; i < sim_length(answers); i++) {
        struct json_object *prompt = prompt_of(instance->prompts, sim_at(answers, i));
        if (!prompt || !accept(instance, prompt, sim_at(answers, i))) {
            refuse(call, prompt ? prompt : sim_at(answers, i), prompt ? "does not take this answer" : "is not known");
            json_object_put(left);
            return NULL;
        }
        add_all(left, json_member(prompt, "reveals"));
    }
    for (size_t i = 0; i < sim_length(instance->prompts); i++) {
        struct json_object *prompt = sim_at(instance->prompts, i);
        bool answered = false;
        for (size_t j = 0; j < sim_length(answers); j++)
            answered |= prompt_of(instance->prompts, sim_at(answers, j)) == prompt;
        if (!answered && sim_flag(prompt, "required")) {
            refuse(call, prompt, "requires an answer");
            json_object_put(left);
            return NULL;
        }
    }
    return left;
}

void library_report_answers(struct library_call *call)
{
    struct library_instance *instance = library_instance_find(call);
    struct json_object *body = sim_body_json(call->request);
    struct json_object *answers = json_member(body, "prompts");
    struct json_object *left = NULL;
    if (instance && !json_object_is_type(answers, json_type_array))
        library_error(call->reply, 400, 6, 0, "Answers to required prompts are missing.");
    else if (instance)
        left = left_after(call, instance, answers);
    if (left) {
        json_object_put(instance->prompts);
        instance->prompts = left;
        call->reply->status = 204;
    }
    json_object_put(body);
}
