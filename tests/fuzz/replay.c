/*
 * Drives a fuzz target without libFuzzer: it tries the files it is given, and of each a number of mutations.
 *   fuzz_TARGET [-m MUTATIONS] [-s SEED] [-d DICTIONARY] FILE|FOLDER...
 * make check runs it over what fuzzing has found and over the seeds (test_findings). Every input is kept in
 * fuzz_TARGET.failing before it is tried, and removed after.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz_random.h"
#include "fuzz_target.h"

#define INPUT_BYTES_MAX 65536
#define WORDS_MAX       4096
#define SECONDS_MAX     60 /* for one input, on whatever machine */

struct replay {
    const char *keep; /* path of what is being tried */
    unsigned long mutations;
    unsigned long tried;
    char *words[WORDS_MAX]; /* of the dictionary */
    size_t word_count;
};

static struct fuzz_random numbers = {.state = 88172645463325252ULL};

static size_t random_below(size_t limit)
{
    return fuzz_random_below(&numbers, limit);
}

/* ------------------------------------------------------------------ mutations */

static size_t insert(uint8_t *bytes, size_t length, const uint8_t *piece, size_t size)
{
    size_t at = random_below(length + 1);

    if (length + size > INPUT_BYTES_MAX)
        return length;
    memmove(bytes + at + size, bytes + at, length - at);
    memcpy(bytes + at, piece, size);
    return length + size;
}

/* Cuts a piece out, or copies it to another place. */
static size_t move_piece(uint8_t *bytes, size_t length, bool cut)
{
    size_t from = random_below(length), size = random_below(length - from < 200 ? length - from : 200);
    uint8_t piece[200];

    if (length == 0)
        return 0;
    memcpy(piece, bytes + from, size);
    if (!cut)
        return insert(bytes, length, piece, size);
    memmove(bytes + from, bytes + from + size, length - from - size);
    return length - size;
}

static size_t insert_word(const struct replay *replay, uint8_t *bytes, size_t length)
{
    uint8_t byte = (uint8_t)random_below(256);
    const char *word;

    if (replay->word_count == 0)
        return insert(bytes, length, &byte, 1);
    word = replay->words[random_below(replay->word_count)];
    return insert(bytes, length, (const uint8_t *)word, strlen(word));
}

static size_t mutate(const struct replay *replay, uint8_t *bytes, size_t length)
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
            length = insert_word(replay, bytes, length);
            break;
        }
    }
    return length;
}

/* ------------------------------------------------------------------ inputs */

static void try_input(struct replay *replay, const uint8_t *bytes, size_t length)
{
    uint8_t *exact = fuzz_exact(bytes, length);
    FILE *file = fopen(replay->keep, "w");

    if (file != NULL) {
        fwrite(bytes, 1, length, file);
        fclose(file);
    }
    alarm(SECONDS_MAX);
    LLVMFuzzerTestOneInput(exact, length);
    alarm(0);
    unlink(replay->keep);
    free(exact);
    replay->tried++;
}

static void try_seed(struct replay *replay, const uint8_t *seed, size_t length)
{
    static uint8_t bytes[INPUT_BYTES_MAX];

    try_input(replay, seed, length);
    for (unsigned long i = 0; i < replay->mutations; i++) {
        memcpy(bytes, seed, length);
        try_input(replay, bytes, mutate(replay, bytes, length));
    }
}

static bool try_file(struct replay *replay, const char *path)
{
    uint8_t *seed = malloc(INPUT_BYTES_MAX);
    FILE *file = fopen(path, "r");

    fuzz_require(seed != NULL);
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        free(seed);
        return false;
    }
    try_seed(replay, seed, fread(seed, 1, INPUT_BYTES_MAX, file));
    fclose(file);
    free(seed);
    return true;
}

static bool try_path(struct replay *replay, const char *path)
{
    struct stat status;
    struct dirent **entries;
    bool good = true;
    char inner[4096];
    int count;

    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return try_file(replay, path);
    count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        return false;
    for (int i = 0; i < count; i++) {
        snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            good = try_path(replay, inner) && good;
        free(entries[i]);
    }
    free(entries);
    return good;
}

/* ------------------------------------------------------------------ the dictionary */

/* "a\x0ab" to its bytes; NULL for a line that is none. */
static char *read_word(char *line)
{
    char *begin = strchr(line, '"'), *end = strrchr(line, '"'), *out;
    unsigned int byte;

    if (begin == NULL || end == begin)
        return NULL;
    *end = '\0';
    out = begin + 1;
    for (const char *at = begin + 1; *at != '\0';) {
        if (*at == '\\' && sscanf(at, "\\x%2x", &byte) == 1) {
            *out++ = (char)byte;
            at += 4;
        } else {
            *out++ = *at++;
        }
    }
    *out = '\0';
    return strdup(begin + 1);
}

static bool read_dictionary(struct replay *replay, const char *path)
{
    FILE *file = fopen(path, "r");
    char line[512];

    if (file == NULL)
        return false;
    while (replay->word_count < WORDS_MAX && fgets(line, sizeof(line), file) != NULL) {
        char *word = read_word(line);

        if (word != NULL)
            replay->words[replay->word_count++] = word;
    }
    fclose(file);
    return replay->word_count > 0;
}

int main(int argc, char **argv)
{
    struct replay replay = {0};
    bool good = true;
    char keep[4096];
    int option;

    snprintf(keep, sizeof(keep), "%s.failing", argv[0]);
    replay.keep = keep;
    while ((option = getopt(argc, argv, "m:s:d:")) != -1) {
        if (option == 'm')
            replay.mutations = strtoul(optarg, NULL, 10);
        else if (option == 's')
            numbers.state = strtoul(optarg, NULL, 10) * 2 + 1;
        else if (option != 'd' || !read_dictionary(&replay, optarg))
            return EXIT_FAILURE;
    }
    for (int i = optind; i < argc; i++)
        good = try_path(&replay, argv[i]) && good;
    for (size_t i = 0; i < replay.word_count; i++)
        free(replay.words[i]);
    printf("%lu inputs\n", replay.tried);
    return good && replay.tried > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
