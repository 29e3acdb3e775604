/*
 * Looking for a running keepalived in /proc. See keepalived.h.
 */
#include "daemon/keepalived.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_FILE          "/etc/keepalived/keepalived.conf"
#define COMMAND_BYTES         8192
#define LETTERS_WITH_ARGUMENT "prcbuSiMtsA" /* of keepalived's options: the rest of the word is theirs */

/* What a keepalived command line says that matters here. */
struct command_line {
    const char *file;
    bool only_checkers;
    bool only_vrrp;
};

static size_t read_small(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, buffer, size - 1);

    if (fd >= 0)
        close(fd);
    buffer[length < 0 ? 0 : length] = '\0';
    return length < 0 ? 0 : (size_t)length;
}

static bool read_link(const char *path, char *buffer, size_t size)
{
    ssize_t length = readlink(path, buffer, size - 1);

    buffer[length < 0 ? 0 : length] = '\0';
    return length > 0;
}

/* A word such as "-nlf"; true if the file is the word after it. */
static bool take_letters(const char *word, struct command_line *line)
{
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        if (*letter == 'f' && letter[1] == '\0')
            return true;
        if (*letter == 'f')
            line->file = letter + 1;
        line->only_checkers |= *letter == 'C';
        line->only_vrrp |= *letter == 'P';
        if (*letter == 'f' || strchr(LETTERS_WITH_ARGUMENT, *letter) != NULL)
            return false;
    }
    return false;
}

static bool take_long_option(const char *word, struct command_line *line)
{
    static const char use_file[] = "--use-file";
    size_t length = sizeof(use_file) - 1;

    line->only_checkers |= strcmp(word, "--check") == 0;
    line->only_vrrp |= strcmp(word, "--vrrp") == 0;
    if (strncmp(word, use_file, length) != 0)
        return false;
    if (word[length] == '=')
        line->file = word + length + 1;
    return word[length] == '\0';
}

/* words: each terminated, length bytes together. */
static struct command_line parse_command_line(const char *words, size_t length)
{
    struct command_line line = {.file = DEFAULT_FILE};
    bool file_follows = false;

    for (const char *word = words + strlen(words) + 1; word < words + length; word += strlen(word) + 1) {
        if (file_follows) {
            line.file = word;
            file_follows = false;
        } else if (word[0] == '-' && word[1] == '-') {
            file_follows = take_long_option(word, &line);
        } else if (word[0] == '-') {
            file_follows = take_letters(word, &line);
        }
    }
    return line;
}

/* tandem may be started under keepalived's name. */
static bool is_tandem(const char *proc, const char *pid)
{
    char path[PATH_MAX], program[PATH_MAX];
    const char *slash;

    snprintf(path, sizeof(path), "%.200s/%.20s/exe", proc, pid);
    if (!read_link(path, program, sizeof(program)))
        return false;
    slash = strrchr(program, '/');
    return slash != NULL && strncmp(slash + 1, "tandem", 6) == 0;
}

static bool is_keepalived_beside_us(const char *proc, const char *pid, const char *own_namespace)
{
    char path[PATH_MAX], text[64];

    snprintf(path, sizeof(path), "%.200s/%.20s/comm", proc, pid);
    read_small(path, text, sizeof(text));
    if (strncmp(text, "keepalived", 10) != 0 || is_tandem(proc, pid))
        return false;
    snprintf(path, sizeof(path), "%.200s/%.20s/ns/net", proc, pid);
    return read_link(path, text, sizeof(text)) && strcmp(text, own_namespace) == 0;
}

/* False if it runs no VRRP. */
static bool describe(const char *proc, const char *pid, struct keepalived_process *process)
{
    char path[PATH_MAX], words[COMMAND_BYTES], directory[PATH_MAX / 2] = "";
    struct command_line line;
    size_t length;

    snprintf(path, sizeof(path), "%.200s/%.20s/cmdline", proc, pid);
    length = read_small(path, words, sizeof(words));
    line = parse_command_line(words, length);
    process->pid = (pid_t)atoi(pid);
    if (line.file[0] != '/') {
        snprintf(path, sizeof(path), "%.200s/%.20s/cwd", proc, pid);
        read_link(path, directory, sizeof(directory));
    }
    snprintf(process->file, sizeof(process->file), "%.2000s%s%.2000s", directory,
             line.file[0] == '/' ? "" : "/", line.file);
    return !line.only_checkers || line.only_vrrp;
}

static bool is_known(const struct keepalived_process *found, size_t count, const char *file)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(found[i].file, file) == 0)
            return true;
    }
    return false;
}

size_t keepalived_find(const char *proc, struct keepalived_process found[static KEEPALIVED_MAX])
{
    char path[PATH_MAX], own_namespace[64];
    const struct dirent *entry;
    size_t count = 0;
    DIR *directory;

    snprintf(path, sizeof(path), "%.200s/self/ns/net", proc);
    directory = read_link(path, own_namespace, sizeof(own_namespace)) ? opendir(proc) : NULL;
    if (directory == NULL)
        return 0;
    while (count < KEEPALIVED_MAX && (entry = readdir(directory)) != NULL) {
        if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) ||
            !is_keepalived_beside_us(proc, entry->d_name, own_namespace))
            continue;
        if (describe(proc, entry->d_name, &found[count]) && !is_known(found, count, found[count].file))
            count++;
    }
    closedir(directory);
    return count;
}

static bool same_router(const struct conf_instance *a, const struct conf_instance *b)
{
    const char *interface_a = a->interface == NULL ? "" : a->interface;
    const char *interface_b = b->interface == NULL ? "" : b->interface;

    return a->vrid == b->vrid && a->family == b->family && strcmp(interface_a, interface_b) == 0;
}

const struct conf_instance *keepalived_conflict(const struct conf_model *ours,
                                                const struct conf_model *theirs)
{
    for (uint32_t i = 0; i < ours->instances.count; i++) {
        for (uint32_t j = 0; j < theirs->instances.count; j++) {
            if (same_router(ours->instances.items[i], theirs->instances.items[j]))
                return ours->instances.items[i];
        }
    }
    return NULL;
}
