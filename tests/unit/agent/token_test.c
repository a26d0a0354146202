/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/token.c */
#include "agent/token.h"

#include "base/whole_file.h"
#include "support/context.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What befalls a token that is made, just before it takes its place: another agent's does, or the disk fails. */
static const char *others;
static int failure;
static unsigned made;

int __real_whole_file_end(struct whole_file *file, const char *place, enum whole_file_end how);
int __wrap_whole_file_end(struct whole_file *file, const char *place, enum whole_file_end how);

int __wrap_whole_file_end(struct whole_file *file, const char *place, enum whole_file_end how)
{
    made++;
    if (others != NULL) {
        struct whole_file other = WHOLE_FILE_NONE;
        assert_int_equal(whole_file_begin(&other, place), 0);
        assert_int_equal(whole_file_write(&other, others, strlen(others)), 0);
        assert_int_equal(__real_whole_file_end(&other, place, WHOLE_FILE_NEW), 0);
    }
    int later = __real_whole_file_end(file, place, failure == 0 ? how : WHOLE_FILE_DROP);
    return failure == 0 ? later : failure;
}

static enum mstr_code open_text(const char *text, mode_t mode, struct token *token)
{
    char *path = test_file(text, strlen(text));
    assert_int_equal(chmod(path, mode), 0);
    enum mstr_code code = token_open(path, token, NULL);
    unlink(path);
    free(path);
    return code;
}

static void a_token_is_made_where_there_is_none(void **state)
{
    (void)state;
    struct stat status;
    struct token token = {0};
    struct token again = {0};
    char *path = test_file("", 0);
    unlink(path);
    assert_int_equal(token_open(path, &token, NULL), MSTR_OK);
    assert_int_equal(token.text.length, 43); /* 32 octets */
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(token_open(path, &again, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&again.text), buffer_text(&token.text));
    token_release(&token);
    token_release(&again);
    unlink(path);
    free(path);
}

static void of_two_agents_the_first_makes_the_token(void **state)
{
    (void)state;
    struct token token = {0};
    char *path = test_file("", 0);
    unlink(path);
    others = "0123456789abcdef";

    assert_int_equal(token_open(path, &token, NULL), MSTR_OK);

    others = NULL;
    assert_string_equal(buffer_text(&token.text), "0123456789abcdef");
    token_release(&token);
    unlink(path);
    free(path);
}

static void one_that_others_can_read_or_that_is_short_is_refused(void **state)
{
    (void)state;
    struct token token = {0};
    made = 0;
    errno = ENOENT; /* of whatever was before */
    assert_int_equal(open_text("0123456789abcdef\n", 0600, &token), MSTR_OK);
    assert_string_equal(buffer_text(&token.text), "0123456789abcdef");
    token_release(&token);
    assert_int_equal(open_text("0123456789abcdef", 0640, &token), MSTR_E_CONFIG);
    assert_int_equal(open_text("0123456789abcdef", 0604, &token), MSTR_E_CONFIG);
    assert_int_equal(open_text("0123456789abcde", 0600, &token), MSTR_E_CONFIG);
    token_release(&token);
    assert_int_equal(token_open("/dev/null", &token, NULL), MSTR_E_CONFIG);
    assert_int_equal(token_open("/dev/null/token", &token, NULL), MSTR_E_CONFIG);
    assert_int_equal(made, 0);
}

/* What is told of the file, which then goes. */
static void assert_told(const char *path, const char *words)
{
    struct token token = {0};
    mstr_error *error = mstr_error_new();
    assert_int_equal(token_open(path, &token, error), MSTR_E_CONFIG);
    if (strstr(mstr_error_message(error), words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", mstr_error_message(error), words);
    }
    mstr_error_free(error);
    token_release(&token);
    unlink(path);
}

static void one_that_cannot_be_made_is_told_with_the_reason(void **state)
{
    (void)state;
    char *path = test_file("", 0);
    unlink(path);
    failure = EIO;
    assert_told(path, "Input/output error");
    failure = 0;
    free(path);
    assert_told("/proc/token", "/proc/token No such file or directory"); /* where nobody makes one */
}

static void what_is_no_file_of_ones_own_is_refused_with_the_reason(void **state)
{
    (void)state;
    char *path = test_file("", 0);
    assert_told(path, "holds less than 16 octets");
    char *other = test_file("0123456789abcdef", 16); /* good in itself */
    assert_int_equal(symlink(other, path), 0);
    assert_told(path, "is a link");
    unlink(other);
    free(other);
    assert_int_equal(symlink("/nowhere/at/all", path), 0);
    assert_told(path, "is a link");
    assert_int_equal(mkfifo(path, 0600), 0); /* which nobody writes to */
    assert_told(path, "is no file");
    free(path);
}

/* Whether a file of `owner` is good for a process of `user`. */
static bool is_good_for(uid_t user, uid_t owner)
{
    static const char text[] = "0123456789abcdef";
    char *path = test_file(text, strlen(text));
    int status = 0;
    assert_int_equal(chown(path, owner, owner), 0);
    pid_t child = fork();
    if (child == 0) {
        struct token token = {0};
        _exit(seteuid(user) != 0 ? 2 : token_open(path, &token, NULL) == MSTR_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    unlink(path);
    free(path);
    return WEXITSTATUS(status) == 0;
}

static void it_belongs_to_the_user_or_to_root(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_true(is_good_for(0, 0));
    assert_false(is_good_for(0, 777)); /* who could write another into it */
    assert_true(is_good_for(777, 777));
}

static void whoever_guesses_is_answered_ten_times_a_second_and_shuts_nobody_out(void **state)
{
    (void)state;
    struct token token = {0};
    buffer_puts(&token.text, "0123456789abcdef");
    assert_int_equal(token_check(&token, "0123456789abcdef", 1000), TOKEN_GOOD);
    assert_int_equal(token_check(&token, "0123456789abcdef0", 1000), TOKEN_WRONG);
    assert_int_equal(token_check(&token, "", 1000), TOKEN_WRONG);
    for (int i = 2; i < 10; i++) {
        assert_int_equal(token_check(&token, NULL, 1000), TOKEN_WRONG);
    }
    assert_int_equal(token_check(&token, "0123456789abcdee", 1999), TOKEN_TOO_MANY);
    assert_int_equal(token_check(&token, NULL, 1999), TOKEN_TOO_MANY);
    assert_int_equal(token_check(&token, "0123456789abcdef", 1999), TOKEN_GOOD);
    assert_int_equal(token_check(&token, "0123456789abcdee", 2000), TOKEN_WRONG);
    token_release(&token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_made_where_there_is_none),
        cmocka_unit_test(of_two_agents_the_first_makes_the_token),
        cmocka_unit_test(one_that_others_can_read_or_that_is_short_is_refused),
        cmocka_unit_test(one_that_cannot_be_made_is_told_with_the_reason),
        cmocka_unit_test(what_is_no_file_of_ones_own_is_refused_with_the_reason),
        cmocka_unit_test(it_belongs_to_the_user_or_to_root),
        cmocka_unit_test(whoever_guesses_is_answered_ten_times_a_second_and_shuts_nobody_out),
    };
    return RUN_TESTS("agent/token");
}
