/* A file read line by line: the same lines in whatever pieces it comes, and what happens where it breaks off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/load.h"
#include "conf/text.h"
#include "fake_host.h"

/* A file of the host below, its context. */
struct pieces {
    const char *bytes;
    size_t length;
    size_t piece;     /* so many at a time */
    size_t breaks_at; /* here it cannot be read any more; SIZE_MAX = nowhere */
    size_t used;
    bool open;
};

static void *open_pieces(void *context, const char *path, size_t *length)
{
    struct pieces *pieces = context;

    if (strcmp(path, "/pieces") != 0) {
        errno = ENOENT;
        return NULL;
    }
    pieces->open = true;
    pieces->used = 0;
    *length = pieces->length;
    return pieces;
}

static ssize_t read_pieces(void *file, char *bytes, size_t room)
{
    struct pieces *pieces = file;
    size_t count = pieces->length - pieces->used;

    if (pieces->used >= pieces->breaks_at) {
        errno = EIO;
        return -1;
    }
    if (count > pieces->piece)
        count = pieces->piece;
    if (count > room)
        count = room;
    memcpy(bytes, pieces->bytes + pieces->used, count);
    pieces->used += count;
    return (ssize_t)count;
}

static void close_pieces(void *file)
{
    struct pieces *pieces = file;

    pieces->open = false;
}

static struct conf_host host_of(struct pieces *pieces)
{
    struct conf_host host = fake_host;

    host.context = pieces;
    host.open_file = open_pieces;
    host.read_piece = read_pieces;
    host.close_file = close_pieces;
    return host;
}

/* Each line in brackets, those that are plain with a '+'. */
static void lines_of(struct pieces *pieces, char *out, int *error)
{
    struct conf_host host = host_of(pieces);
    struct conf_text_line line;
    struct conf_text text;
    size_t length;

    *out = '\0';
    assert_true(conf_text_open(&text, &host, "/pieces", &length));
    assert_int_equal(length, pieces->length);
    while (conf_text_next(&text, &line)) {
        out += sprintf(out, "%s[", line.plain ? "+" : "");
        memcpy(out, line.text, line.length);
        out += line.length;
        out += sprintf(out, "]");
        memset(line.text, '#', line.length + 1); /* as the caller may */
    }
    *error = conf_text_close(&text);
    assert_false(pieces->open);
}

static void lines_are_the_same_in_any_pieces(void **state)
{
    static const char text[] =
        "global_defs {\r\n\n  a \"quoted\" word\n}\nplain\n$x # !\n   \nwithout an end";
    static const char expected[] =
        "+[global_defs {]+[][  a \"quoted\" word]+[}]+[plain][$x # !]+[   ]+[without an end]";
    char found[512];
    int error;

    (void)state;
    for (size_t piece = 1; piece <= sizeof(text); piece++) {
        struct pieces pieces = {text, sizeof(text) - 1, piece, SIZE_MAX, 0, false};

        lines_of(&pieces, found, &error);
        assert_int_equal(error, 0);
        assert_string_equal(found, expected);
    }
}

static void nothing_has_no_lines(void **state)
{
    struct pieces pieces = {"", 0, 1, SIZE_MAX, 0, false};
    char found[16];
    int error;

    (void)state;
    lines_of(&pieces, found, &error);
    assert_int_equal(error, 0);
    assert_string_equal(found, "");
}

static void a_nul_makes_its_line_not_plain(void **state)
{
    struct pieces pieces = {"a\nb\0c\nd\n", 8, 3, SIZE_MAX, 0, false};
    struct conf_host host = host_of(&pieces);
    const bool plain[] = {true, false, true};
    struct conf_text_line line;
    struct conf_text text;
    size_t length, count = 0;

    (void)state;
    assert_true(conf_text_open(&text, &host, "/pieces", &length));
    for (; conf_text_next(&text, &line); count++)
        assert_int_equal(line.plain, plain[count]);
    assert_int_equal(count, 3);
    assert_int_equal(conf_text_close(&text), 0);
}

/* Longer than any piece. */
static void a_long_line_is_one(void **state)
{
    size_t length = 1000000, found;
    char *bytes = malloc(length);
    struct pieces pieces = {bytes, length, SIZE_MAX, SIZE_MAX, 0, false};
    struct conf_host host = host_of(&pieces);
    struct conf_text_line line;
    struct conf_text text;

    (void)state;
    memset(bytes, 'x', length);
    bytes[length - 2] = '\n';
    assert_true(conf_text_open(&text, &host, "/pieces", &found));
    assert_true(conf_text_next(&text, &line));
    assert_int_equal(line.length, length - 2);
    assert_memory_equal(line.text, bytes, line.length);
    assert_true(conf_text_next(&text, &line));
    assert_int_equal(line.length, 1);
    assert_false(conf_text_next(&text, &line));
    assert_int_equal(conf_text_close(&text), 0);
    free(bytes);
}

static void a_read_error_ends_the_lines(void **state)
{
    struct pieces pieces = {"one\ntwo\nthree\n", 14, 4, 8, 0, false};
    char found[64];
    int error;

    (void)state;
    lines_of(&pieces, found, &error);
    assert_int_equal(error, EIO);
    assert_string_equal(found, "+[one]+[two]");
}

static void half_a_file_is_refused(void **state)
{
    struct pieces pieces = {"global_defs {\n}\nglobal_defs {\n}\n", 32, 16, 16, 0, false};
    struct conf_host host = host_of(&pieces);
    const struct conf_load_request request = {.path = "/pieces", .config_id = "node1", .host = &host};
    const struct fake_file files[] = {{"/pieces", ""}, {0}};
    struct conf_result *result;
    const struct conf_diagnostic *item;

    (void)state;
    fake_host_files(files);
    result = conf_load(&request);
    assert_int_equal(conf_result_outcome(result), CONF_OUTCOME_REFUSED);
    item = conf_diagnostics_item(conf_result_diagnostics(result), 0);
    assert_string_equal(item->text, "'/pieces' cannot be read: Input/output error");
    conf_result_free(result);
}

/* What the machine reads whole and piece by piece is the same, also where it is longer than it was. */
static void the_machine_reads_pieces(void **state)
{
    char path[] = "/tmp/tandem-text-XXXXXX", piece[5], *whole;
    int fd = mkstemp(path);
    size_t length, used = 0;
    ssize_t got;
    void *file;

    (void)state;
    assert_int_equal(write(fd, "0123456789", 10), 10);
    whole = conf_host_system.read_file(NULL, path, &length);
    assert_int_equal(length, 10);
    file = conf_host_system.open_file(NULL, path, &length);
    assert_non_null(file);
    assert_int_equal(length, 10);
    assert_int_equal(write(fd, "more", 4), 4);
    while ((got = conf_host_system.read_piece(file, piece, sizeof(piece) - 1)) > 0) {
        assert_memory_equal(piece, whole + used, (size_t)got);
        used += (size_t)got;
    }
    assert_int_equal(used, 10);
    conf_host_system.close_file(file);
    free(whole);
    close(fd);
    unlink(path);
    assert_null(conf_host_system.open_file(NULL, "/", &length));
    assert_int_equal(errno, EISDIR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_in_any_pieces), cmocka_unit_test(nothing_has_no_lines),
        cmocka_unit_test(a_nul_makes_its_line_not_plain),   cmocka_unit_test(a_long_line_is_one),
        cmocka_unit_test(a_read_error_ends_the_lines),      cmocka_unit_test(half_a_file_is_refused),
        cmocka_unit_test(the_machine_reads_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
