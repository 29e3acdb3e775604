/*
 * Opening FIFOs as root. See fifo_open.h.
 */
#include "notify/fifo_open.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/core/descriptor.h"

#define FIFO_MODE  (S_IRUSR | S_IWUSR)
#define PIPE_BYTES (1 << 20) /* room for some 20,000 lines, where the kernel allows it */
#define OPEN_FLAGS (O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)

struct fifo_opening {
    struct loop_watch *watch;
    int socket;
    pid_t pid;
    fifo_opened *opened; /* NULL = cancelled */
    void *data;
    int fd;
    char why[160];
};

/* ------------------------------------------------------------------ in the new process */

static bool become(uint32_t uid, uint32_t gid)
{
    return setresuid(0, 0, 0) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
}

static int refuse(char why[static 160], const char *what, int error)
{
    snprintf(why, 160, "%s%s%s", what, error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
    return -1;
}

/* Root may be kept from what belongs to the FIFO's user (he has no capabilities here), but that user is not.
 */
static int open_existing(const struct conf_fifo *conf)
{
    int fd = open(conf->path, OPEN_FLAGS);

    if (fd < 0 && errno == EACCES && become(conf->uid, conf->gid))
        fd = open(conf->path, OPEN_FLAGS);
    return fd;
}

static int check(int fd, const struct conf_fifo *conf, char why[static 160])
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        refuse(why, "it cannot be looked at", errno);
    else if (!S_ISFIFO(status.st_mode))
        refuse(why, "it is no FIFO", 0);
    else if (status.st_uid != 0 && status.st_uid != conf->uid && status.st_uid != getuid())
        refuse(why, "it belongs neither to root nor to its configured user", 0);
    else
        return fd;
    close(fd);
    return -1;
}

static int make_and_open(const struct conf_fifo *conf, char why[static 160])
{
    bool made;
    int fd;

    become(0, 0); /* or go on as who we are: a test may run without the privilege */
    umask(0);
    made = mkfifo(conf->path, FIFO_MODE) == 0;
    if (!made && errno != EEXIST)
        return refuse(why, "it cannot be made", errno);
    fd = open_existing(conf);
    if (fd < 0)
        return refuse(why, "it cannot be opened", errno);
    if (!made)
        return check(fd, conf, why);
    fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
    if ((getuid() == conf->uid && getgid() == conf->gid) || fchown(fd, conf->uid, conf->gid) == 0)
        return fd;
    refuse(why, "it cannot be given to its user", errno);
    unlink(conf->path);
    close(fd);
    return -1;
}

/* ------------------------------------------------------------------ in ours */

static void finish(struct fifo_opening *opening)
{
    loop_watch_free(opening->watch);
    close(opening->socket);
    while (waitpid(opening->pid, NULL, 0) < 0 && errno == EINTR)
        continue; /* its end of the socket is closed: it has ended, or is about to */
    if (opening->opened != NULL)
        opening->opened(opening->fd, opening->fd < 0 ? opening->why : NULL, opening->data);
    else if (opening->fd >= 0)
        close(opening->fd);
    free(opening);
}

static void answered(int socket, unsigned int ready, void *data)
{
    struct fifo_opening *opening = data;
    union descriptor_control control;
    struct iovec part = {opening->why, sizeof(opening->why)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    ssize_t length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    bool surplus;

    (void)ready;
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        finish(opening);
        return;
    }
    opening->why[sizeof(opening->why) - 1] = '\0';
    opening->fd = descriptor_take(&message, &surplus);
}

struct fifo_opening *fifo_open(struct loop *loop, const struct conf_fifo *conf, fifo_opened *opened,
                               void *data)
{
    struct fifo_opening *opening;
    int ends[2], error;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return NULL;
    pid = fork();
    if (pid == 0) {
        char why[160] = "";
        int fd = make_and_open(conf, why);

        descriptor_send(ends[1], why, sizeof(why), fd, MSG_NOSIGNAL);
        _exit(0);
    }
    error = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        errno = error;
        return NULL;
    }
    opening = calloc(1, sizeof(*opening));
    if (opening == NULL)
        abort();
    *opening = (struct fifo_opening){.socket = ends[0],
                                     .pid = pid,
                                     .opened = opened,
                                     .data = data,
                                     .fd = -1,
                                     .why = "the process that was to open it ended"};
    opening->watch = loop_watch_new(loop, ends[0], LOOP_READ, answered, opening);
    return opening;
}

void fifo_open_cancel(struct fifo_opening *opening)
{
    if (opening == NULL)
        return;
    opening->opened = NULL;
    kill(opening->pid, SIGKILL);
}
