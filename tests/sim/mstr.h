/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MicroStrategy service of the simulator, in parts: mstr.c (routes, rules that hold for every call), mstr_users.c
 * (sessions and their rules), mstr_auth.c (auth/…), mstr_projects.c, mstr_reports.c with mstr_grids.c, mstr_view.c,
 * mstr_filters.c and mstr_prompts.c, mstr_changesets.c. All under the service's lock.
 */
#ifndef MSTR_SIM_MSTR_H
#define MSTR_SIM_MSTR_H

#include "sim.h"

#define LIBRARY_CONTEXT "/MicroStrategyLibrary"
#define LIBRARY_API     LIBRARY_CONTEXT "/api/"

enum { LIBRARY_ID_LENGTH = 32, LIBRARY_ARGUMENTS_MAX = 4, LIBRARY_INSTANCES_MAX = 64 };

struct library_instance {
    char id[LIBRARY_ID_LENGTH + 1];
    struct json_object *report;  /* borrowed from the seed */
    int64_t polls;               /* status calls that still say "running" */
    struct json_object *body;    /* it was made with; owned, and so are the next two */
    struct json_object *prompts; /* that are open, as the seed has them */
    struct json_object *chosen;  /* elements that answers to prompts narrow attributes to, by their names; or NULL */
    size_t combination;          /* of the page-by */
    int64_t reads;               /* pages that were given */
};

struct library_session {
    struct library_session *next;
    char token[33];
    char cookie[LIBRARY_ID_LENGTH + 1];
    char node[8];
    struct json_object *user; /* borrowed from the seed; NULL: anonymous */
    uint64_t iserver;         /* the Intelligence Server's session, shared by delegates */
    int64_t created;
    int64_t last_use;
    int64_t requests;
    int64_t application_type;
    int64_t login_mode;
    int64_t working_set;
    int64_t max_search;
    struct library_instance instances[LIBRARY_INSTANCES_MAX];
    size_t instance_count;
};

struct library_call {
    const struct sim_request *request;
    struct sim_reply *reply;
    struct library_session *session;            /* NULL where the route needs none */
    struct json_object *project;                /* NULL where the route needs none */
    char arguments[LIBRARY_ARGUMENTS_MAX][128]; /* the {} of the route */
};

/* I-Server codes used here, from the vendor's table. */
enum {
    LIBRARY_LOGIN_FAILED = -2147216959,
    LIBRARY_ACCOUNT_DISABLED = -2147216965,
    LIBRARY_ACCOUNT_LOCKED = -2147202287,
    LIBRARY_LDAP_MISSING = -2147205409,
    LIBRARY_TOO_MANY_SESSIONS = -2147072486,
    LIBRARY_INSTANCE_GONE = -2147468986,
    LIBRARY_OBJECT_MISSING = -2147216373,
    LIBRARY_PRIVILEGE_MISSING = -2147213784
};

/* An error in the Library's model; `iserver` 0 leaves the I-Server code out. */
void library_error(struct sim_reply *reply, int status, int code, int64_t iserver, const char *message);

/* mstr_users.c */
void library_users_load(struct json_object *section);
void library_users_unload(void);
/* The live session of a request; NULL with 401 ERR009 as the reply. */
struct library_session *library_session_of(const struct sim_request *request, struct sim_reply *reply);
/* The live session that owns the JSESSIONID of a request, or NULL. */
struct library_session *library_session_by_cookie(const struct sim_request *request);
/* A new session, with the token and cookies added to the reply; iserver 0: a new one. */
struct library_session *library_session_open(struct sim_reply *reply, struct json_object *user, uint64_t iserver,
                                             bool tls);
/* Ends every session on one I-Server session. */
void library_session_close(uint64_t iserver);
/* Ends the sessions of one user name, or all for NULL; how many there were. */
size_t library_sessions_expire(const char *username);
size_t library_sessions_count(struct json_object *user);
struct json_object *library_sessions_state(void);
/* A user of the seed, or NULL. */
struct json_object *library_user_named(const char *username);
struct json_object *library_user_with_id(const char *id);
struct json_object *library_user_with_api_token(const char *token);
bool library_mode_enabled(int64_t mode);
bool library_any_ldap_user(void);
/* Failed logins in a row; the account locks when they reach the knob lock_after. */
int64_t library_user_failures(struct json_object *user);
void library_user_set_failures(struct json_object *user, int64_t count);
void library_user_add_api_token(struct json_object *user, const char *token);
/* "id" of a user, the guest's for NULL. */
const char *library_user_text(struct json_object *user, const char *member);

/* mstr_auth.c */
void library_auth_unload(void);
void library_login(struct library_call *call);
void library_logout(struct library_call *call);
void library_delegate(struct library_call *call);
void library_identity_create(struct library_call *call);
void library_identity_check(struct library_call *call);
void library_token_of_cookies(struct library_call *call);
void library_api_token_create(struct library_call *call);
void library_session_get(struct library_call *call);
void library_session_extend(struct library_call *call);
void library_session_user(struct library_call *call);
void library_session_privileges(struct library_call *call);
void library_session_privilege(struct library_call *call);

/* mstr_projects.c */
void library_projects_load(struct json_object *section);
struct json_object *library_project_with_id(const char *id);
void library_status(struct library_call *call);
void library_projects_list(struct library_call *call);
void library_project_get(struct library_call *call);
void library_search(struct library_call *call);

/* mstr_reports.c: reports and cubes, v2. */
void library_reports_load(struct json_object *section);
/* The seed's list "reports" or "cubes". */
struct json_object *library_reports_list(const char *kind);
void library_report_get(struct library_call *call);
void library_report_run(struct library_call *call);
void library_report_data(struct library_call *call);
void library_report_status(struct library_call *call);
void library_report_delete(struct library_call *call);
void library_report_turn(struct library_call *call);
void library_report_page_by(struct library_call *call);
/* The report or instance of a call; NULL with the refusal as the reply. */
struct json_object *library_report_find(struct library_call *call);
struct library_instance *library_instance_find(struct library_call *call);
void library_instances_forget(struct library_session *session);
void library_cube_status(struct library_call *call);

/* mstr_grids.c: reports of the seed that list their facts. What is returned is the caller's. */
struct json_object *library_grid_definition(struct json_object *report);
struct json_object *library_grid_page(struct library_instance *instance, int64_t offset, int64_t limit);
struct json_object *library_grid_page_by(const struct library_instance *instance, int64_t offset, int64_t limit);
/* False where these elements are no combination. */
bool library_grid_turn(struct library_instance *instance, struct json_object *elements);

/* mstr_filters.c */
bool library_fact_passes(const struct library_instance *instance, size_t fact);

/* mstr_prompts.c */
struct json_object *library_prompts_open(struct json_object *report);
void library_report_prompts(struct library_call *call);
void library_report_prompts_ahead(struct library_call *call);
void library_report_prompt_elements(struct library_call *call);
void library_report_answers(struct library_call *call);

/* mstr_changesets.c */
void library_changesets_unload(void);
void library_changeset_begin(struct library_call *call);
void library_changeset_commit(struct library_call *call);
void library_changeset_delete(struct library_call *call);

#endif
