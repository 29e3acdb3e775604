/*
 * The programs, kept open. See programs.h.
 */
#include "daemon/programs.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

static struct program {
    bool opened;
    int fd;
    dev_t device;
    ino_t inode;
} programs[ROLE_COUNT];

void programs_open(const char *directory)
{
    for (enum role role = ROLE_LINKS; role < ROLE_COUNT; role++) {
        struct program *program = &programs[role];
        struct stat facts;
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", directory, role_program(role));
        program->fd = open(path, O_PATH | O_CLOEXEC);
        program->opened = program->fd >= 0 && fstat(program->fd, &facts) == 0;
        if (!program->opened)
            continue;
        program->device = facts.st_dev;
        program->inode = facts.st_ino;
    }
}

void programs_path(const char *directory, enum role role, char *path, size_t size)
{
    const struct program *program = &programs[role];
    struct stat facts;

    snprintf(path, size, "%s/%s", directory, role_program(role));
    if (!program->opened ||
        (stat(path, &facts) == 0 && facts.st_dev == program->device && facts.st_ino == program->inode))
        return;
    snprintf(path, size, "/proc/self/fd/%d", program->fd);
}
