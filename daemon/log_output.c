/*
 * Log lines on their way out. See log_output.h.
 */
#include "daemon/log_output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES (LOG_LINE_BYTES + 100)

static struct {
    int syslog; /* -1 = not used */
    int facility;
    int file; /* -1 = not used */
    const char *path;
    mode_t umask;
    bool no_syslog;
    bool to_stderr;
    bool for_journal; /* stderr is the journal: it wants "<5>" and no time */
    bool starting;
    unsigned int lost;
} out = {.syslog = -1, .file = -1, .to_stderr = true, .starting = true};

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

static bool stderr_is_the_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long device, inode;
    struct stat status;

    return stream != NULL && sscanf(stream, "%lu:%lu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

/* True once the socket is connected; syslog daemons restart, so this is tried again at each failure. */
static bool connect_syslog(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

    if (out.syslog < 0)
        out.syslog = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return out.syslog >= 0 && connect(out.syslog, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

/* In a directory that others write to, the file must not be theirs. */
static bool is_ours(int file, const char *path)
{
    char *copy = strdup(path);
    const char *directory = copy == NULL ? "/" : dirname(copy);
    struct stat status, above;
    bool ours = fstat(file, &status) == 0 && stat(directory, &above) == 0 && S_ISREG(status.st_mode) &&
                (status.st_uid == geteuid() || status.st_uid == above.st_uid);

    free(copy);
    return ours;
}

static void open_file(void)
{
    const char *reason;
    int file = open(out.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                    0666 & ~out.umask);

    if (file >= 0 && is_ours(file, out.path)) {
        if (out.file >= 0)
            close(out.file);
        out.file = file;
        return;
    }
    reason = file < 0 ? strerror(errno) : "it is somebody else's, or no ordinary file";
    if (file >= 0)
        close(file);
    log_error("the log file %s cannot be opened: %s", out.path, reason);
}

void log_output_open(const struct log_output *choice)
{
    out.for_journal = stderr_is_the_journal();
    out.facility = choice->facility;
    out.no_syslog = choice->no_syslog || choice->to_stderr;
    out.to_stderr = choice->to_stderr || (!out.no_syslog && !connect_syslog() && choice->foreground);
    out.no_syslog |= out.to_stderr;
    out.path = choice->file;
    out.umask = choice->umask;
    if (out.no_syslog && out.syslog >= 0) {
        close(out.syslog);
        out.syslog = -1;
    }
    if (out.path != NULL)
        open_file();
}

void log_output_reopen(void)
{
    if (out.path != NULL)
        open_file();
}

void log_output_start_is_over(void)
{
    out.starting = false;
}

/* A pipe or terminal that poll calls writable takes PIPE_BUF bytes without waiting. */
static bool write_stderr(const char *line, size_t length)
{
    struct pollfd state = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (length > PIPE_BUF || poll(&state, 1, 0) != 1 || (state.revents & POLLOUT) == 0)
        return false;
    return write(STDERR_FILENO, line, length) >= 0;
}

/* With time and level; returns its length. */
static size_t dated_line(enum log_level level, const char *text, char *line, size_t room)
{
    char when[32];
    struct timespec now;
    struct tm local;

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &local);
    return (size_t)snprintf(line, room, "%s.%03ld %s: %s\n", when, now.tv_nsec / 1000000, level_names[level],
                            text);
}

static bool line_to_stderr(enum log_level level, const char *text)
{
    char line[LINE_BYTES + 64];

    if (out.for_journal)
        return write_stderr(line, (size_t)snprintf(line, sizeof(line), "<%d>%s\n", level, text));
    return write_stderr(line, dated_line(level, text, line, sizeof(line)));
}

static bool line_to_file(enum log_level level, const char *text)
{
    char line[LINE_BYTES + 64];
    size_t length = dated_line(level, text, line, sizeof(line));

    return write(out.file, line, length) == (ssize_t)length;
}

static bool line_to_syslog(enum log_level level, const char *text)
{
    char line[LINE_BYTES + 64], when[32];
    time_t now = time(NULL);
    struct tm local;
    int length;

    localtime_r(&now, &local);
    strftime(when, sizeof(when), "%b %e %H:%M:%S", &local);
    length = snprintf(line, sizeof(line), "<%d>%s tandemd[%ld]: %s", out.facility | (int)level, when,
                      (long)getpid(), text);
    if (send(out.syslog, line, (size_t)length, MSG_NOSIGNAL) >= 0)
        return true;
    if (errno == EAGAIN || !connect_syslog())
        return false;
    return send(out.syslog, line, (size_t)length, MSG_NOSIGNAL) >= 0;
}

/* False if it did not get through everywhere. */
static bool put(enum log_level level, const char *text)
{
    bool filed = out.file < 0 || line_to_file(level, text);

    if (out.to_stderr)
        return line_to_stderr(level, text) && filed;
    if (out.starting && level <= LOG_LEVEL_WARNING)
        line_to_stderr(level, text);
    return (out.no_syslog || line_to_syslog(level, text)) && filed;
}

/* Whoever made a process say it: one line stays one line, and a terminal is not addressed. */
static void blank_control_characters(char *line)
{
    for (; *line != '\0'; line++) {
        if ((unsigned char)*line < ' ' || *line == 0x7f)
            *line = ' ';
    }
}

void log_output_line(enum log_level level, const char *process, const char *text, int length)
{
    char line[LINE_BYTES];

    if (level < LOG_LEVEL_ERROR || level > LOG_LEVEL_DEBUG)
        level = LOG_LEVEL_ERROR;
    if (out.lost > 0) {
        snprintf(line, sizeof(line), "%u log lines were lost: the log was not read in time", out.lost);
        if (put(LOG_LEVEL_WARNING, line))
            out.lost = 0;
    }
    snprintf(line, sizeof(line), "%s%s%.*s", process, process[0] == '\0' ? "" : ": ", length, text);
    blank_control_characters(line);
    if (!put(level, line))
        out.lost++;
}
