/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of workers of a fleet in virtual time: the real state machine, a store that is a model (one queue, some
 * latency), and a server that counts logins. Prints a table for the guide; fails where there are more logins than
 * sessions, or a worker is left without the right one. The same numbers come out each time.
 *
 * fleet_sim [WORKERS]...
 */
#include "fleet/duties.h"
#include "fleet/news.h"
#include "fleet/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MS = 1000, SECOND = 1000 * MS, MINUTE = 60 * SECOND }; /* virtual time is in us */
enum { STORE_TIME = 10, LATENCY = 1 * MS, LOGIN_TIME = 800 * MS, ANSWER_TIME = 200 * MS, SERVER_IDLE = 600 /* s */ };
enum { QUESTION = 150, RECORD = 1000, MESSAGE = 120 }; /* octets on the wire, about */

enum what { BEGIN, AT_STORE, ANSWERED, DUTY, USE, HEARD, WAITED, TOLD };

/* One thing that happens. */
struct event {
    int64_t at;
    uint64_t number; /* those of one time keep their order */
    uint32_t worker;
    enum what what;
    enum fleet_duty duty; /* of a question to the store; FLEET_NO_DUTY = of a step */
    struct fleet_order order;
    struct fleet_report report;
    int64_t token; /* that was read */
};

struct place {
    int64_t fence; /* the highest that it ever had */
    int64_t token; /* 0 = there is no record */
    int64_t ends;
    int64_t lease; /* fence of the lease, 0 = none */
    int64_t lease_ends;
    uint32_t holder;
    int64_t keeper_ends;
};

struct sim_worker {
    struct fleet_worker machine;
    int64_t token;   /* of the session at hand */
    int64_t own;     /* to be published */
    int64_t duty_at; /* the event that is on its way */
    int64_t had_at;  /* when it had a good session last */
    int64_t use_every;
    bool busy; /* a step is under way */
    bool wants;
};

static struct {
    struct event *heap;
    size_t count;
    size_t room;
    uint64_t number;
    uint64_t random;
    int64_t now;
    int64_t store_free; /* the store's queue is empty from then on */
    int64_t store_down_until;
    struct place places[FLEET_SLOTS_MAX];
    int64_t good[FLEET_SLOTS_MAX * 1024]; /* tokens that the server knows: good[token] */
    int64_t tokens;
    struct sim_worker *workers;
    uint32_t worker_count;
    size_t members;
    struct fleet_rules rules;
    struct fleet_health *healths;
    uint64_t questions;
    uint64_t octets;
    uint64_t logins;
    uint64_t second[4096]; /* questions in each second */
} sim;

static uint64_t below(void *data, uint64_t bound)
{
    (void)data;
    sim.random += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t mixed = sim.random;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (mixed ^ mixed >> 31) % bound;
}

static int64_t ms(void)
{
    return sim.now / MS;
}

static bool is_before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->number < b->number;
}

static void push(struct event event)
{
    if (sim.count == sim.room) {
        sim.room = sim.room * 2 + 1024;
        sim.heap = realloc(sim.heap, sim.room * sizeof(*sim.heap));
        if (sim.heap == NULL) {
            abort();
        }
    }
    event.number = sim.number++;
    size_t i = sim.count++;
    for (; i > 0 && is_before(&event, &sim.heap[(i - 1) / 2]); i = (i - 1) / 2) {
        sim.heap[i] = sim.heap[(i - 1) / 2];
    }
    sim.heap[i] = event;
}

static struct event pop(void)
{
    struct event first = sim.heap[0];
    const struct event last = sim.heap[--sim.count];
    size_t i = 0;
    for (size_t child = 1; child < sim.count; child = 2 * i + 1) {
        child += child + 1 < sim.count && is_before(&sim.heap[child + 1], &sim.heap[child]);
        if (!is_before(&sim.heap[child], &last)) {
            break;
        }
        sim.heap[i] = sim.heap[child];
        i = child;
    }
    sim.heap[i] = last;
    return first;
}

static void at(int64_t when, uint32_t worker, enum what what)
{
    push((struct event){.at = when, .worker = worker, .what = what});
}

/* The store does one thing after the other. */
static void ask(uint32_t worker, enum fleet_duty duty, const struct fleet_order *order)
{
    int64_t arrives = sim.now + LATENCY / 2 + (int64_t)below(NULL, LATENCY / 2);
    sim.store_free = arrives > sim.store_free ? arrives + STORE_TIME : sim.store_free + STORE_TIME;
    sim.questions++;
    sim.octets += QUESTION;
    sim.second[(size_t)(sim.store_free / SECOND) % (sizeof(sim.second) / sizeof(*sim.second))]++;
    push((struct event){.at = sim.store_free, .worker = worker, .what = AT_STORE, .duty = duty, .order = *order});
}

static int64_t next_fence(const struct place *place)
{
    return place->fence + 1 > ms() ? place->fence + 1 : ms();
}

static void read_record(struct event *event, const struct place *place)
{
    bool there = place->token != 0 && place->ends > sim.now;
    event->report.verdict = there ? FLEET_OPENED : FLEET_ABSENT;
    event->report.kind = FLEET_SESSION;
    event->report.fence = there ? place->fence : 0;
    event->token = there ? place->token : 0;
    sim.octets += there ? RECORD : 0;
}

static void acquire(struct event *event, struct place *place)
{
    int64_t fence = place->token != 0 && place->ends > sim.now ? place->fence : 0;
    bool held = place->lease != 0 && place->lease_ends > sim.now;
    if (fence != event->order.known || held) {
        event->report.outcome = held ? MSTR_STORE_HELD : MSTR_STORE_CHANGED;
        return;
    }
    place->lease = next_fence(place);
    place->lease_ends = sim.now + (int64_t)FLEET_LEASE * MS;
    place->holder = event->worker;
    event->report.fence = place->lease;
}

static bool has_lease(const struct event *event, const struct place *place)
{
    return place->lease != 0 && place->lease_ends > sim.now && place->holder == event->worker;
}

static void tell_all(unsigned slot, int64_t fence)
{
    for (uint32_t i = 0; i < sim.worker_count; i++) {
        struct event event = {.at = sim.now + LATENCY / 2 + i * STORE_TIME / 10, .worker = i, .what = HEARD};
        event.order.slot = slot;
        event.order.fence = fence;
        push(event);
    }
    sim.octets += (uint64_t)MESSAGE * sim.worker_count;
}

static void publish(struct event *event, struct place *place)
{
    if (!has_lease(event, place)) {
        event->report.outcome = MSTR_STORE_LOST;
        return;
    }
    place->fence = place->lease;
    place->token =
        sim.workers[event->worker].machine.has ? sim.workers[event->worker].token : sim.workers[event->worker].own;
    place->ends = sim.now + (int64_t)SERVER_IDLE * SECOND;
    place->lease = 0;
    sim.octets += RECORD;
    tell_all(event->order.slot, place->fence);
}

static void keep_alive(struct event *event, struct place *place)
{
    event->report.outcome = place->keeper_ends > sim.now ? MSTR_STORE_HELD : MSTR_STORE_DONE;
    event->report.left = (place->keeper_ends - sim.now) / MS;
    event->report.login = FLEET_LOGGED_IN;
    if (event->report.outcome == MSTR_STORE_DONE) {
        place->keeper_ends = sim.now + (int64_t)SERVER_IDLE * SECOND / 3;
        place->ends = sim.now + (int64_t)SERVER_IDLE * SECOND;
    }
}

static void at_store(struct event event)
{
    struct place *place = &sim.places[event.order.slot];
    if (sim.now < sim.store_down_until) {
        event.report.failed = true;
    } else if (event.duty == FLEET_BEAT) {
        event.report.members = sim.members;
        event.report.fence = place->token != 0 && place->ends > sim.now ? place->fence : 0;
    } else if (event.duty == FLEET_KEEP_ALIVE) {
        keep_alive(&event, place);
    } else if (event.duty == FLEET_RENEW) {
        event.report.outcome = has_lease(&event, place) ? MSTR_STORE_DONE : MSTR_STORE_LOST;
        place->lease_ends = has_lease(&event, place) ? sim.now + (int64_t)FLEET_LEASE * MS : place->lease_ends;
    } else if (event.order.step == FLEET_READ) {
        read_record(&event, place);
    } else if (event.order.step == FLEET_ACQUIRE) {
        acquire(&event, place);
    } else if (event.order.step == FLEET_PUBLISH) {
        publish(&event, place);
    }
    event.what = ANSWERED;
    event.at = sim.now + LATENCY / 2 + (event.report.failed ? 250 * MS : 0);
    push(event);
}

static bool is_good(int64_t token)
{
    return token != 0 && sim.good[token] != 0;
}

/* What the machine wants done now. */
static void step(uint32_t number)
{
    struct sim_worker *worker = &sim.workers[number];
    const struct fleet_order order = fleet_worker_next(&worker->machine, ms());
    struct event event = {.worker = number, .what = ANSWERED, .order = order};
    worker->busy = order.step != FLEET_USE && order.step != FLEET_REST && order.step != FLEET_FAIL;
    switch (order.step) {
    case FLEET_REST:
    case FLEET_USE:
        break;
    case FLEET_FAIL: /* tried again, as a program would */
        fleet_worker_report(&worker->machine, ms(), &event.report);
        at(sim.now + SECOND, number, USE);
        break;
    case FLEET_WAIT:
        at(sim.now + order.wait * MS, number, WAITED);
        break;
    case FLEET_LOG_IN:
    case FLEET_LOG_IN_ALONE:
        sim.logins++;
        worker->own = ++sim.tokens;
        sim.good[worker->own] = 1;
        event.at = sim.now + LOGIN_TIME;
        event.token = worker->own;
        push(event);
        break;
    default:
        ask(number, FLEET_NO_DUTY, &order);
        break;
    }
}

static void plan_duty(uint32_t number)
{
    struct sim_worker *worker = &sim.workers[number];
    int64_t next = 0;
    enum fleet_duty duty = fleet_worker_duty(&worker->machine, ms(), &next);
    if (duty == FLEET_REFRESH) {
        if (!worker->busy) {
            step(number);
        }
        plan_duty(number);
    } else if (duty != FLEET_NO_DUTY) {
        const struct fleet_order order = {.slot = worker->machine.slot};
        worker->duty_at = INT64_MAX; /* planned anew when it is done */
        ask(number, duty, &order);
    } else if (next != INT64_MAX && next * MS < worker->duty_at) {
        worker->duty_at = next * MS;
        at(worker->duty_at, number, DUTY);
    }
}

static void note_have(struct sim_worker *worker)
{
    if (worker->machine.has && is_good(worker->token)) {
        worker->had_at = worker->wants ? sim.now : worker->had_at;
        worker->wants = false;
    }
}

static void answered(const struct event *event)
{
    struct sim_worker *worker = &sim.workers[event->worker];
    const uint64_t generation = worker->machine.generation;
    if (event->report.failed) {
        fleet_health_failed(worker->machine.health, ms(), &worker->machine.chance);
    } else {
        fleet_health_good(worker->machine.health);
    }
    if (event->duty != FLEET_NO_DUTY) {
        fleet_worker_did(&worker->machine, ms(), event->duty, &event->report);
    } else {
        bool publishes = event->order.step == FLEET_PUBLISH;
        fleet_worker_report(&worker->machine, ms(), &event->report);
        if (worker->machine.generation != generation) {
            worker->token = publishes || event->token == 0 ? worker->own : event->token;
        }
        note_have(worker);
        step(event->worker);
    }
    plan_duty(event->worker);
}

/* A request to the server, with the session at hand or the one that is to be had. */
static void use(uint32_t number)
{
    struct sim_worker *worker = &sim.workers[number];
    bool refused = worker->machine.has && !is_good(worker->token);
    if (!worker->machine.has || refused) {
        worker->wants = true;
        fleet_worker_want(&worker->machine, ms(), refused ? worker->machine.generation : 0, 30000);
        if (!worker->busy) {
            step(number);
        }
    } else {
        fleet_worker_used(&worker->machine, ms());
    }
    if (worker->use_every > 0) {
        at(sim.now + worker->use_every / 2 + (int64_t)below(NULL, (uint64_t)worker->use_every), number, USE);
    }
}

/* The answer with another token reaches the worker that has it in place of its own. */
static void told(uint32_t number, int64_t token)
{
    struct sim_worker *worker = &sim.workers[number];
    const bool waits = worker->machine.phase == FLEET_WAITING;
    if (fleet_worker_changed(&worker->machine, ms(), worker->machine.generation, true)) {
        worker->own = worker->token = token;
        worker->busy = worker->busy && !waits;
        note_have(worker);
    }
    plan_duty(number);
}

static void happen(const struct event *event)
{
    struct sim_worker *worker = &sim.workers[event->worker];
    switch (event->what) {
    case BEGIN:
    case USE:
        use(event->worker);
        plan_duty(event->worker);
        break;
    case AT_STORE:
        at_store(*event);
        break;
    case ANSWERED:
        answered(event);
        break;
    case DUTY:
        worker->duty_at = worker->duty_at == event->at ? INT64_MAX : worker->duty_at;
        plan_duty(event->worker);
        break;
    case HEARD:
        fleet_worker_heard(&worker->machine, ms(), event->order.slot, event->order.fence);
        if (worker->machine.phase == FLEET_WAITING) {
            at(worker->machine.until * MS, event->worker, WAITED);
        }
        plan_duty(event->worker);
        break;
    case TOLD:
        told(event->worker, event->token);
        break;
    case WAITED:
        if ((worker->machine.phase == FLEET_WAITING || worker->machine.phase == FLEET_DELAYING) &&
            worker->machine.until <= ms()) {
            fleet_worker_report(&worker->machine, ms(), &event->report);
            step(event->worker);
        }
        break;
    }
}

static void run_until(int64_t end)
{
    while (sim.count > 0 && sim.heap[0].at <= end) {
        const struct event event = pop();
        sim.now = event.at;
        happen(&event);
    }
    sim.now = end;
}

static void begin(uint32_t workers, unsigned sessions)
{
    free(sim.heap);
    free(sim.workers);
    free(sim.healths);
    memset(&sim, 0, sizeof(sim));
    sim.random = 1;
    sim.now = 100 * SECOND;
    sim.rules = (struct fleet_rules){.sessions = sessions};
    sim.worker_count = workers;
    sim.members = workers;
    sim.workers = calloc(workers, sizeof(*sim.workers));
    sim.healths = calloc(workers, sizeof(*sim.healths));
    if (sim.workers == NULL || sim.healths == NULL) {
        abort();
    }
    static const struct fleet_chance chance = {below, NULL};
    for (uint32_t i = 0; i < workers; i++) {
        fleet_worker_begin(&sim.workers[i].machine, &sim.rules, &sim.healths[i], &chance,
                           (unsigned)below(NULL, sessions), ms());
        sim.workers[i].duty_at = INT64_MAX;
        at(sim.now + (int64_t)below(NULL, SECOND), i, BEGIN);
    }
}

/* What a part of the story has cost. */
struct part {
    int64_t began;
    uint64_t questions;
    uint64_t octets;
    uint64_t logins;
};

static struct part part_begin(void)
{
    return (struct part){sim.now, sim.questions, sim.octets, sim.logins};
}

static uint64_t peak_since(int64_t began)
{
    uint64_t peak = 0;
    for (int64_t second = began / SECOND; second <= sim.now / SECOND; second++) {
        uint64_t count = sim.second[(size_t)second % (sizeof(sim.second) / sizeof(*sim.second))];
        peak = count > peak ? count : peak;
    }
    return peak;
}

/* How long the last of all took to have a good session since then; fails where one has none. */
static int64_t last_since(int64_t began, bool *good)
{
    int64_t last = began;
    for (uint32_t i = 0; i < sim.worker_count; i++) {
        const struct sim_worker *worker = &sim.workers[i];
        *good = *good && worker->machine.has && is_good(worker->token);
        last = worker->had_at > last ? worker->had_at : last;
    }
    return last - began;
}

static bool part_end(const char *name, const struct part *part, uint64_t logins_max)
{
    bool good = true;
    int64_t last = last_since(part->began, &good);
    double seconds = (double)(sim.now - part->began) / SECOND;
    uint64_t logins = sim.logins - part->logins;
    good = good && logins <= logins_max;
    printf("| %" PRIu32 " | %u | %s | %" PRIu64 " | %.1f s | %" PRIu64 " | %" PRIu64 " | %.1f | %.2f |%s\n",
           sim.worker_count, sim.rules.sessions, name, logins, (double)last / SECOND, sim.questions - part->questions,
           peak_since(part->began), (double)(sim.questions - part->questions) / sim.worker_count / seconds * 60,
           (double)(sim.octets - part->octets) / 1e6, good ? "" : " WRONG");
    return good;
}

static bool cold_start(void)
{
    const struct part part = part_begin();
    run_until(sim.now + 10 * SECOND);
    return part_end("all begin within 1 s", &part, sim.rules.sessions);
}

static bool idle(void)
{
    run_until(sim.now + MINUTE);
    const struct part part = part_begin();
    run_until(sim.now + 10 * (int64_t)MINUTE);
    bool few = (double)(sim.questions - part.questions) / sim.worker_count / 10 <= 4;
    return part_end("10 min idle", &part, 0) && few;
}

/* The server gives a worker of each slot another token: one of those who have sent a request, whom it answers while
 * it refuses what the others send. */
static bool rotation(const char *name)
{
    const struct part part = part_begin();
    for (unsigned slot = 0; slot < sim.rules.sessions; slot++) {
        int64_t old = sim.places[slot].token;
        struct event event = {.at = sim.now + ANSWER_TIME, .what = TOLD};
        for (uint32_t i = sim.worker_count; i-- > 0;) {
            bool has = sim.workers[i].token == old;
            sim.workers[i].wants = sim.workers[i].wants || has;
            event.worker = has ? i : event.worker;
        }
        event.token = ++sim.tokens;
        sim.good[event.token] = 1;
        sim.good[old] = 0;
        push(event);
    }
    run_until(sim.now + 5 * SECOND);
    bool good = true;
    int64_t last = last_since(part.began, &good) - ANSWER_TIME;
    return part_end(name, &part, 0) && last <= SECOND;
}

/* Each worker sends a request in this time from now on, 0 = none. */
static void use_each(int64_t time)
{
    for (uint32_t i = 0; i < sim.worker_count; i++) {
        if (time > 0 && sim.workers[i].use_every == 0) {
            at(sim.now + (int64_t)below(NULL, (uint64_t)time), i, USE);
        }
        sim.workers[i].use_every = time;
    }
    run_until(sim.now + 2 * time);
}

static bool rotations(void)
{
    bool idle = rotation("the token changes");
    use_each(SECOND);
    bool load = rotation("the token changes under load");
    use_each(0);
    run_until(sim.now + 2 * SECOND);
    return idle && load;
}

/* The server forgets the sessions while each worker sends a request a second. */
static bool expiry(void)
{
    use_each(SECOND);
    const struct part part = part_begin();
    memset(sim.good, 0, sizeof(sim.good));
    run_until(sim.now + 10 * SECOND);
    return part_end("sessions end under load", &part, sim.rules.sessions);
}

static bool flush(void)
{
    const struct part part = part_begin();
    for (unsigned slot = 0; slot < FLEET_SLOTS_MAX; slot++) {
        sim.places[slot] = (struct place){.fence = 0};
    }
    run_until(sim.now + MINUTE);
    bool back = true;
    for (unsigned slot = 0; slot < sim.rules.sessions; slot++) {
        back = back && sim.places[slot].token != 0;
    }
    return part_end("the store is emptied", &part, 0) && back;
}

static bool outage(void)
{
    const struct part part = part_begin();
    sim.store_down_until = sim.now + 30 * (int64_t)SECOND;
    run_until(sim.now + 2 * (int64_t)MINUTE);
    return part_end("the store is away for 30 s", &part, 0);
}

static bool tell(uint32_t workers, unsigned sessions)
{
    static bool (*const parts[])(void) = {cold_start, idle, rotations, flush, outage, expiry};
    bool good = true;
    begin(workers, sessions);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        good = parts[i]() && good;
    }
    return good;
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"1000", "10000"};
    bool good = true;
    printf("| workers | sessions | what happens | logins | all have it after | store operations | most in a second | "
           "operations a worker and minute | MB |\n|---|---|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < (argc > 1 ? argc - 1 : 2); i++) {
        uint32_t workers = (uint32_t)strtoul(argc > 1 ? argv[i + 1] : usual[i], NULL, 10);
        good = tell(workers, 1) && good;
        good = tell(workers, 8) && good;
    }
    free(sim.heap);
    free(sim.workers);
    free(sim.healths);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
