/*
 * Keys for marks: random, in a file. See secret_key.h.
 */
#include "conf/secret_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

bool conf_secret_key_make(struct conf_secret_key *key)
{
    return getrandom(key->bytes, sizeof(key->bytes), 0) == (ssize_t)sizeof(key->bytes);
}

static bool finish(int fd, bool good)
{
    int error = errno;

    close(fd);
    errno = error;
    return good;
}

bool conf_secret_key_save(const struct conf_secret_key *key, const char *path)
{
    int fd;

    unlink(path); /* a new file, lest it is somebody else's */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    return finish(fd, write(fd, key->bytes, sizeof(key->bytes)) == (ssize_t)sizeof(key->bytes));
}

bool conf_secret_key_read(struct conf_secret_key *key, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t length;

    if (fd < 0)
        return false;
    length = read(fd, key->bytes, sizeof(key->bytes));
    if (length >= 0 && length < (ssize_t)sizeof(key->bytes))
        errno = EINVAL;
    return finish(fd, length == (ssize_t)sizeof(key->bytes));
}
