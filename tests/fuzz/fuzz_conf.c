/*
 * Fuzzing the configuration language: any bytes are a configuration, a bad one perhaps.
 *
 * LLVMFuzzerTestOneInput() is libFuzzer's entry. Without libFuzzer the main() here reads the seed files it is
 * given (or the samples), and for each of them tries a number of mutations:
 *   fuzz_conf [-m MUTATIONS] [-s SEED] [FILE...]
 * It is part of make check. A failing input is left in fuzz_conf.failing, written before it is tried.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/load.h"

#define INPUT_BYTES_MAX 65536

struct input {
    const uint8_t *bytes;
    size_t length;
    unsigned int files; /* read so far */
};

/* Files that are there to be included in one run: as each includes the others, they would soon be many. */
#define FILES_MAX 100

/* Every path is the input, so that an include includes itself. */
static char *read_file(void *context, const char *path, size_t *length)
{
    struct input *input = context;
    char *copy;

    (void)path;
    errno = ENOENT;
    if (input->files++ >= FILES_MAX)
        return NULL;
    copy = malloc(input->length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, input->bytes, input->length);
    copy[input->length] = '\0';
    *length = input->length;
    return copy;
}

static int match(void *context, const char *pattern, struct conf_paths *paths)
{
    const struct input *input = context;

    paths->count = 0;
    paths->items = calloc(1, sizeof(*paths->items));
    if (paths->items == NULL)
        return ENOMEM;
    if (input->files >= FILES_MAX || strchr(pattern, '*') != NULL)
        return 0;
    paths->items[paths->count++] = strdup(pattern);
    return 0;
}

static void match_free(void *context, struct conf_paths *paths)
{
    (void)context;
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
}

static bool find_user(void *context, const char *name, uint32_t *uid, uint32_t *gid)
{
    (void)context;
    *uid = *gid = 1;
    return *name == 'r';
}

static bool find_group(void *context, const char *name, uint32_t *gid)
{
    (void)context;
    *gid = 1;
    return *name == 'r';
}

static bool has_interface(void *context, const char *name)
{
    (void)context;
    return *name == 'e';
}

static const char *environment(void *context, const char *name)
{
    (void)context;
    return *name == 'P' ? "value" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static FILE *sink;
    struct input input = {.bytes = bytes, .length = length};
    const struct conf_host host = {.context = &input,
                                   .read_file = read_file,
                                   .match = match,
                                   .match_free = match_free,
                                   .find_user = find_user,
                                   .find_group = find_group,
                                   .has_interface = has_interface,
                                   .environment = environment};
    const struct conf_load_request request = {.path = "/input", .config_id = "low", .host = &host};
    struct conf_result *result = conf_load(&request);

    if (sink == NULL)
        sink = fopen("/dev/null", "w");
    conf_diagnostics_print(conf_result_diagnostics(result), sink);
    conf_result_free(result);
    return 0;
}

#ifndef WITH_LIBFUZZER

static uint64_t random_state;

static size_t random_below(size_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return limit == 0 ? 0 : (size_t)(random_state % limit);
}

/* Words of the language that a mutation inserts. */
static const char *const words[] = {
    "{",
    "}",
    "\n",
    "\"",
    "$A=",
    "$A",
    "${A}",
    "\\\n",
    "~SEQ(A,1,3) ",
    "~LST({A,B},{1,2}) ",
    "@low ",
    "@^low ",
    "'",
    "\\",
    "#",
    "!",
    "include x\n",
    "includea {a,b}\n",
    "${_RANDOM 1 2}",
    "${_ENV PATH}",
    "vrrp_instance V {",
    "virtual_server 1.2.3.4 80 {",
    "real_server ::1 80 {",
    "virtual_ipaddress {",
    "notify 'a \\x41",
    "-1",
    "99999999999999999999",
    "0.0000001",
    "/",
    "1.2.3.4/33",
    "weight",
    "\r\n",
    "\t",
    "vrrp_sync_group G { group { V",
};

static size_t insert(uint8_t *bytes, size_t length, const char *text)
{
    size_t size = strlen(text), at = random_below(length + 1);

    if (length + size > INPUT_BYTES_MAX)
        return length;
    memmove(bytes + at + size, bytes + at, length - at);
    memcpy(bytes + at, text, size);
    return length + size;
}

/* Cuts a piece out, or copies it to another place. */
static size_t move_piece(uint8_t *bytes, size_t length, bool cut)
{
    size_t from = random_below(length), size = random_below(length - from < 200 ? length - from : 200);
    char piece[201];

    if (length == 0)
        return 0;
    memcpy(piece, bytes + from, size);
    piece[size] = '\0';
    if (!cut)
        return insert(bytes, length, piece);
    memmove(bytes + from, bytes + from + size, length - from - size);
    return length - size;
}

static size_t mutate(uint8_t *bytes, size_t length)
{
    for (size_t steps = 1 + random_below(8); steps > 0; steps--) {
        switch (random_below(5)) {
        case 0:
            if (length > 0)
                bytes[random_below(length)] = (uint8_t)random_below(256);
            break;
        case 1:
            length = move_piece(bytes, length, true);
            break;
        case 2:
            length = move_piece(bytes, length, false);
            break;
        default:
            length = insert(bytes, length, words[random_below(sizeof(words) / sizeof(words[0]))]);
            break;
        }
    }
    return length;
}

static void keep(const uint8_t *bytes, size_t length)
{
    FILE *file = fopen("fuzz_conf.failing", "w");

    if (file != NULL) {
        fwrite(bytes, 1, length, file);
        fclose(file);
    }
}

static void try_seed(const uint8_t *seed, size_t length, unsigned long mutations)
{
    static uint8_t bytes[INPUT_BYTES_MAX];

    LLVMFuzzerTestOneInput(seed, length);
    for (unsigned long i = 0; i < mutations; i++) {
        size_t size;

        memcpy(bytes, seed, length);
        size = mutate(bytes, length);
        keep(bytes, size);
        alarm(20);
        LLVMFuzzerTestOneInput(bytes, size);
    }
    unlink("fuzz_conf.failing");
}

static bool try_file(const char *path, unsigned long mutations)
{
    static uint8_t seed[INPUT_BYTES_MAX];
    FILE *file = fopen(path, "r");
    size_t length;

    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    length = fread(seed, 1, sizeof(seed), file);
    fclose(file);
    try_seed(seed, length, mutations);
    return true;
}

/* A seed that knows most of the language, for a run without files. */
static const char builtin[] =
    "$P=100\n$BODY= \\\n interface eth0 \\\n priority $P \\\n @low state MASTER \\\n\nglobal_defs {\n "
    "router_id a\n"
    " script_user root\n include_check read +match\n}\n~SEQ(N, 1, 3) vrrp_instance V$N { \n "
    "virtual_router_id $N\n}\n"
    "vrrp_instance W {\n $BODY\n virtual_router_id 9\n authentication { auth_type PASS\n auth_pass \"a b\"\n "
    "}\n"
    " virtual_ipaddress {\n 192.0.2.1/24 dev eth0 label eth0:1 brd +\n 192.0.2.2 peer 192.0.2.3 "
    "preferred_lft 5\n }\n"
    " unicast_peer {\n 192.0.2.7 min_ttl 3\n }\n track_interface { eth1 weight -3 reverse\n }\n"
    " notify_master \"/bin/sh -c 'echo \\x41'\" root\n}\nvrrp_sync_group G {\n group { V1 W }\n}\n"
    "virtual_server 192.0.2.1 80 {\n lvs_sched sh\n sh-port\n lvs_method DR\n protocol TCP\n quorum 2\n"
    " persistence_granularity 255.255.255.0\n real_server 10.0.0.1 80 {\n HTTP_GET {\n url { path /\n"
    " status_code 200 301-302\n }\n connect_timeout 3\n }\n TCP_CHECK { }\n }\n}\nvrrp_script x {\n script "
    "'a b'\n}\n";

int main(int argc, char **argv)
{
    unsigned long mutations = 3000;
    bool good = true;
    int option;

    random_state = 88172645463325252ULL;
    while ((option = getopt(argc, argv, "m:s:")) != -1) {
        if (option == 'm')
            mutations = strtoul(optarg, NULL, 10);
        else if (option == 's')
            random_state = strtoul(optarg, NULL, 10) * 2 + 1;
        else
            return EXIT_FAILURE;
    }
    if (optind == argc)
        try_seed((const uint8_t *)builtin, strlen(builtin), mutations);
    for (int i = optind; i < argc; i++)
        good = try_file(argv[i], mutations) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
