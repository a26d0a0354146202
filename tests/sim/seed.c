/* SPDX-License-Identifier: Apache-2.0 */
/* The seed: the built-in text, or a file whose sections take the place of the built-in ones. */
#include "core.h"
#include "support/json_parse.h"

#include <stdio.h>
#include <stdlib.h>

enum { SEED_MAX = 64 << 20 };

static struct buffer file_text;
static struct json_object *current; /* the services point into it */

static bool read_file(const char *path, struct buffer *why)
{
    FILE *file = fopen(path, "re");
    char chunk[4096];
    size_t size;
    file_text.limit = SEED_MAX;
    while (file && (size = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buffer_append(&file_text, chunk, size);
    bool read = file && !ferror(file) && !file_text.failed;
    if (!read)
        buffer_printf(why, "%s cannot be read", path);
    if (file)
        fclose(file);
    return read;
}

static bool merge(struct json_object *target, struct buffer *why)
{
    if (file_text.length == 0)
        return true;
    struct json_object *file = json_parse(file_text.data, file_text.length);
    if (!json_object_is_type(file, json_type_object)) {
        buffer_puts(why, "the seed file is no JSON object");
        json_object_put(file);
        return false;
    }
    bool known = true;
    json_object_object_foreach(file, name, section)
    {
        if (sim_service_named(name)) {
            json_object_object_add(target, name, json_object_get(section));
        } else if (name[0] != '_') {
            buffer_printf(why, "the seed file has an unknown section %s", name);
            known = false;
        }
    }
    json_object_put(file);
    return known;
}

static bool give(struct json_object *seed, struct buffer *why)
{
    bool loaded = true;
    for (size_t i = 0; loaded && sim_services[i]; i++) {
        const struct sim_service *service = sim_services[i];
        struct json_object *section = json_member(seed, service->name);
        struct json_object *knobs = json_member(section, "knobs");
        if (knobs)
            sim_knobs_put(service->name, knobs);
        sim_service_lock(service);
        loaded = service->load(section, why);
        sim_service_unlock(service);
    }
    return loaded;
}

static bool apply(struct buffer *why)
{
    struct json_object *seed = json_parse(sim_seed_default, sim_seed_default_length);
    if (!seed) {
        buffer_puts(why, "the built-in seed is broken");
        return false;
    }
    sim_knobs_clear();
    bool applied = merge(seed, why) && give(seed, why);
    json_object_put(current);
    current = seed;
    return applied;
}

bool sim_seed_load(const char *file, struct buffer *why)
{
    return (!file || read_file(file, why)) && apply(why);
}

bool sim_seed_apply(void)
{
    struct buffer why = BUFFER_INIT;
    bool applied = apply(&why);
    buffer_release(&why);
    return applied;
}

void sim_seed_release(void)
{
    for (size_t i = 0; sim_services[i]; i++)
        if (sim_services[i]->unload)
            sim_services[i]->unload();
    json_object_put(current);
    current = NULL;
    buffer_release(&file_text);
}
