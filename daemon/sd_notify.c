/*
 * The sd_notify(3) protocol. See sd_notify.h.
 */
#include "daemon/sd_notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct {
    int socket;
    struct sockaddr_un address;
    socklen_t address_length;
    struct span watchdog;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)]; /* as it was in the environment */
} notify = {.socket = -1};

static void read_watchdog(void)
{
    const char *us = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");

    if (us != NULL && (pid == NULL || strtol(pid, NULL, 10) == (long)getpid()))
        notify.watchdog = span_us(strtoll(us, NULL, 10) / 2);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void sd_notify_open(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path == NULL ? 0 : strlen(path);

    read_watchdog();
    if (length < 2 || length >= sizeof(notify.address.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    strcpy(notify.path, path);
    notify.address.sun_family = AF_UNIX;
    memcpy(notify.address.sun_path, path, length);
    if (path[0] == '@')
        notify.address.sun_path[0] = '\0';
    notify.address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    notify.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unsetenv("NOTIFY_SOCKET");
}

void sd_notify_give_back(void)
{
    char us[24];

    if (notify.socket < 0)
        return;
    close(notify.socket);
    notify.socket = -1;
    setenv("NOTIFY_SOCKET", notify.path, 1);
    if (notify.watchdog.ns == 0)
        return;
    snprintf(us, sizeof(us), "%lld", (long long)(notify.watchdog.ns * 2 / NS_PER_US));
    setenv("WATCHDOG_USEC", us, 1);
}

static void say(const char *text)
{
    if (notify.socket >= 0)
        sendto(notify.socket, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&notify.address,
               notify.address_length);
}

void sd_notify_ready(void)
{
    char text[64];

    snprintf(text, sizeof(text), "READY=1\nMAINPID=%ld", (long)getpid());
    say(text);
}

void sd_notify_reloading(void)
{
    struct timespec now;
    char text[80];

    clock_gettime(CLOCK_MONOTONIC, &now); /* the protocol asks for this clock */
    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    say(text);
}

void sd_notify_stopping(void)
{
    say("STOPPING=1");
}

void sd_notify_status(const char *format, ...)
{
    char text[512] = "STATUS=";
    size_t head = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + head, sizeof(text) - head, format, arguments);
    va_end(arguments);
    say(text);
}

void sd_notify_watchdog(void)
{
    say("WATCHDOG=1");
}

struct span sd_notify_watchdog_interval(void)
{
    return notify.watchdog;
}
