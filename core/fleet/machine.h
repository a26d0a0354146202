/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of a worker of a fleet, for one slot, and the words in which its driver and it speak: steps and duties,
 * which the one does and reports to the other (worker.h, duties.h).
 */
#ifndef MSTR_FLEET_MACHINE_H
#define MSTR_FLEET_MACHINE_H

#include "fleet/health.h"
#include "fleet/record.h"

enum { FLEET_SLOTS_MAX = 64 };
enum { /* ms */
       FLEET_LEASE = 15 * 1000,
       FLEET_MEMBER = 60 * 1000,            /* without a heartbeat a worker is gone */
       FLEET_CLOSED = 10 * 60 * 1000,       /* a slot after the server's limit was met */
       FLEET_DRAINING = 2 * FLEET_MEMBER,   /* word that a slot was drained, which all read with a heartbeat */
       FLEET_IDLE_DEFAULT = 10 * 60 * 1000, /* after which a server ends a session, unless it tells otherwise */
       FLEET_IDLE_MIN = 3 * 1000
};

/* What a worker does when it has no session and the store is of no use. */
enum fleet_on_failure { FLEET_LOCAL, FLEET_KEEP, FLEET_STOP };

struct fleet_rules {
    unsigned sessions; /* of one user at one origin, 1 to FLEET_SLOTS_MAX */
    enum fleet_on_failure on_failure;
    bool logout; /* by the last one that leaves */
};

enum fleet_step {
    FLEET_REST,          /* there is nothing to do */
    FLEET_USE,           /* the session at hand */
    FLEET_READ,          /* the record of `slot` */
    FLEET_READ_REFUSALS, /* those of the account */
    FLEET_ACQUIRE,       /* the lease of `slot`, whose record is `known` */
    FLEET_LOG_IN,        /* having the lease */
    FLEET_LOG_IN_ALONE,  /* without one; nobody shares it for now */
    FLEET_PUBLISH,       /* the own session as the slot's record, which releases the lease */
    FLEET_PUT_REFUSALS,  /* which releases the lease, as all that follow */
    FLEET_CLOSE_SLOT,
    FLEET_RELEASE,
    FLEET_WAIT, /* for `wait` ms, or until something was heard */
    FLEET_FAIL  /* for `reason`; after which it rests */
};

/* Why there is no session. */
enum fleet_reason {
    FLEET_NO_REASON,
    FLEET_STORE_DOWN,
    FLEET_KEY_UNKNOWN, /* what is there was sealed with a key that this worker lacks, or by a later release */
    FLEET_REFUSED,
    FLEET_LIMITED,     /* by the server: sessions of the user, or a single device */
    FLEET_LOGIN_FAILED /* for a reason of its own */
};

struct fleet_order {
    enum fleet_step step;
    unsigned slot;
    int64_t wait;
    int64_t known; /* fence of the record that is to be replaced; 0 = none */
    int64_t fence; /* of the lease */
    enum fleet_reason reason;
};

enum fleet_login { FLEET_LOGGED_IN, FLEET_LOGIN_REFUSED, FLEET_LOGIN_LIMITED, FLEET_LOGIN_BROKEN };

/* What came of a step or a duty, after fleet_health_failed() or fleet_health_good() where the store was asked;
 * members that do not belong to it are not read. */
struct fleet_report {
    bool failed;                     /* the store did not answer */
    enum mstr_code code;             /* why */
    enum mstr_store_outcome outcome; /* what it answered */
    enum fleet_verdict verdict;      /* on what was read */
    enum fleet_kind kind;            /* of what was opened */
    int64_t fence;                   /* of what was read, of the lease, of the watched record */
    int64_t left;                    /* ms: of what was read, of somebody else's lease */
    int64_t age;                     /* ms since what was read was written */
    int64_t now;                     /* the store's time when it was read */
    int64_t idle; /* ms after which the server ends the session that was read or begun; 0 = that is not known */
    size_t members;
    bool refused;           /* what this worker would try */
    enum fleet_login login; /* of a login; of keeping alive, where REFUSED = the session has ended */
};

enum fleet_phase {
    FLEET_RESTING,
    FLEET_READING,
    FLEET_ASKING, /* whether it would be refused */
    FLEET_ACQUIRING,
    FLEET_CHECKING, /* the same as asking, having the lease */
    FLEET_LOGGING_IN,
    FLEET_PUBLISHING,
    FLEET_NOTING,
    FLEET_CLOSING,
    FLEET_RELEASING,
    FLEET_WAITING,
    FLEET_VISITING, /* other slots */
    FLEET_DELAYING, /* before it goes alone */
    FLEET_GOING_ALONE,
    FLEET_FAILING
};

struct fleet_worker {
    const struct fleet_rules *rules;
    struct fleet_health *health; /* of the store, which others share */
    struct fleet_chance chance;
    unsigned home; /* the slot that it begins with */
    unsigned slot;
    unsigned visited;
    enum fleet_phase phase;
    enum fleet_reason reason;
    uint64_t taken;      /* grows with each session that it takes */
    uint64_t generation; /* the same, and with each change that others cannot do without */
    int64_t doubt_until; /* the session may have been changed, rather than ended */
    bool doubted;        /* what others here are told of it brings it back */
    bool has;            /* a session */
    bool alone;          /* which no record holds */
    bool own;            /* there is something to publish: a login of its own, or what the server has changed */
    bool again;          /* it has changed once more while it was published */
    bool delayed;        /* it has waited before it goes alone */
    int64_t fence;       /* of the session */
    int64_t seen;        /* the highest at this slot */
    int64_t dead;        /* which the server has refused */
    int64_t known;       /* of the record as it was last read */
    int64_t lease;       /* its fence, 0 = none */
    int64_t lease_began;
    int64_t lease_renewed;
    int64_t deadline; /* of whoever wants a session */
    int64_t until;    /* a wait */
    unsigned polls;
    size_t members;
    int64_t closed_until;  /* the slot */
    int64_t limited_until; /* this worker, where it went alone */
    int64_t next_alone;
    int64_t heard; /* a message that was acted on */
    int64_t refresh_at;
    int64_t beat_at;
    int64_t keep_at;
    int64_t idle; /* ms after which the server ends it, FLEET_IDLE_MIN to the age of its record */
    int64_t used; /* the session */
};

#endif
