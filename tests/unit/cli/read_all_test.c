/* core/cli/read_all.c: reading a descriptor to its end */
#define _GNU_SOURCE /* memfd_create() */
#include "cli/read_all.h"

#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void content_of_any_length_comes_whole(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 65535, 65536, 65537, 300000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        int file = memfd_create("content", MFD_CLOEXEC);
        char *octets = malloc(lengths[i] + 1);
        size_t length = 1;
        memset(octets, 'x', lengths[i]);
        octets[lengths[i] / 2] = '\0';
        assert_int_equal(write(file, octets, lengths[i]), (ssize_t)lengths[i]);
        lseek(file, 0, SEEK_SET);
        char *content = read_all(file, &length);
        assert_non_null(content);
        assert_int_equal(length, lengths[i]);
        assert_memory_equal(content, octets, length);
        free(content);
        free(octets);
        close(file);
    }
}

static void pieces_are_put_together(void **state)
{
    (void)state;
    int ends[2];
    size_t length = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        _exit(write(ends[1], "one", 3) != 3 || usleep(1000) != 0 || write(ends[1], "two", 3) != 3);
    }
    close(ends[1]);
    char *content = read_all(ends[0], &length);
    assert_int_equal(length, 6);
    assert_memory_equal(content, "onetwo", 6);
    free(content);
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    size_t length = 0;
    int folder = open("/", O_RDONLY | O_CLOEXEC);
    assert_null(read_all(folder, &length));
    assert_int_equal(errno, EISDIR);
    close(folder);
    assert_null(read_all(-1, &length));
    assert_int_equal(errno, EBADF);
}

static void what_has_no_end_is_too_large(void **state)
{
    (void)state;
    size_t length = 0;
    int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    assert_null(read_all(endless, &length));
    assert_int_equal(errno, EFBIG);
    close(endless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_of_any_length_comes_whole),
        cmocka_unit_test(pieces_are_put_together),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test(what_has_no_end_is_too_large),
    };
    return RUN_TESTS("cli/read_all");
}
