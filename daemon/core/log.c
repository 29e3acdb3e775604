/*
 * Log lines, the sending side. See log.h.
 */
#include "daemon/core/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct {
    int socket;
    enum log_level level;
    unsigned int lost; /* lines since the last one that went out */
    log_sink *sink;
    void *sink_data;
} output = {.socket = -1, .level = LOG_LEVEL_INFO};

void log_to_socket(int fd)
{
    output.socket = fd;
}

void log_set_level(enum log_level level)
{
    output.level = level;
}

void log_to_sink(log_sink *sink, void *data)
{
    output.sink = sink;
    output.sink_data = data;
}

static bool send_line(const struct log_datagram *line, size_t length)
{
    return send(output.socket, line, LOG_DATAGRAM_HEAD + length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static void report_lost_lines(void)
{
    struct log_datagram line = {.level = LOG_LEVEL_WARNING};
    int length = snprintf(line.text, sizeof(line.text),
                          "%u log lines were lost: the log was not read in time", output.lost);

    if (send_line(&line, (size_t)length))
        output.lost = 0;
}

static void __attribute__((format(printf, 2, 0)))
log_arguments(enum log_level level, const char *format, va_list arguments)
{
    struct log_datagram line = {.level = level};
    int length;

    if (level > output.level)
        return;
    length = vsnprintf(line.text, sizeof(line.text), format, arguments);
    if (length < 0)
        return;
    if ((size_t)length >= sizeof(line.text))
        length = (int)sizeof(line.text) - 1;
    if (output.sink != NULL) {
        output.sink(level, line.text, output.sink_data);
        return;
    }
    if (output.socket < 0) {
        fprintf(stderr, "%s\n", line.text);
        return;
    }
    if (output.lost > 0)
        report_lost_lines();
    if (!send_line(&line, (size_t)length))
        output.lost++;
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_arguments(level, format, arguments);
    va_end(arguments);
}

void log_fatal(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_arguments(LOG_LEVEL_ERROR, format, arguments);
    va_end(arguments);
    exit(EXIT_FAILURE);
}
