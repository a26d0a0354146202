/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the store is worth a question. */
#include "fleet/health.h"

#include <string.h>

enum { /* ms */
       PAUSE = 5 * 1000,
       PAUSE_MAX = 48 * 1000, /* with the most that chance adds, 60 s */
       FORGERY_PERIOD = 60 * 1000,
       FORGED_PAUSE = 10 * 60 * 1000
};

int64_t fleet_health_wait(const struct fleet_health *health, int64_t now)
{
    return health->closed_until > now ? health->closed_until - now : 0;
}

bool fleet_health_usable(const struct fleet_health *health, int64_t now)
{
    return fleet_health_wait(health, now) == 0;
}

static void close_until(struct fleet_health *health, int64_t until)
{
    health->closed_until = until > health->closed_until ? until : health->closed_until;
}

bool fleet_health_failed(struct fleet_health *health, int64_t now, const struct fleet_chance *chance)
{
    int64_t pause = PAUSE;
    for (unsigned i = 0; i < health->failures && pause < PAUSE_MAX; i++) {
        pause *= 2;
    }
    pause = pause < PAUSE_MAX ? pause : PAUSE_MAX;
    pause += (int64_t)chance->below(chance->data, (uint64_t)pause / 4 + 1);
    close_until(health, now + pause);
    return health->failures++ == 0;
}

bool fleet_health_good(struct fleet_health *health)
{
    bool was_bad = health->failures > 0;
    health->failures = 0;
    return was_bad;
}

bool fleet_health_forged(struct fleet_health *health, int64_t now)
{
    int64_t oldest = health->forgeries[FLEET_FORGERIES - 1];
    bool many = oldest != 0 && now - oldest < FORGERY_PERIOD;
    memmove(&health->forgeries[1], &health->forgeries[0], (FLEET_FORGERIES - 1) * sizeof(health->forgeries[0]));
    health->forgeries[0] = now;
    if (many) {
        close_until(health, now + FORGED_PAUSE);
        health->alarmed = true;
    }
    return many;
}
