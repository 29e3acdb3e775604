/*
 * A machine made for tests of the configuration language: files in memory, two users, a few interfaces.
 */
#ifndef TANDEM_TESTS_FAKE_HOST_H
#define TANDEM_TESTS_FAKE_HOST_H

#include "conf/load.h"

struct fake_file {
    const char *path;
    const char *text;
};

/* Sets the files; a path without text ends the list. Patterns match by fnmatch(3). */
void fake_host_files(const struct fake_file *files);

/* Users: root 0:0, alice 1000:1000, keepalived_script 900:900 only if wanted. Groups: wheel 10.
 * Interfaces: eth0 eth1 eth2 lo. Environment: COLOUR=blue. */
extern struct conf_host fake_host;
extern bool fake_host_has_script_user;
extern bool fake_host_has_no_multicast; /* its interfaces */

/* Loads text as /etc/tandem/tandem.conf, with configuration id "node1". */
struct conf_result *fake_load(const char *text);

/* The same as a reload, which replaces what runs. */
struct conf_result *fake_reload(const char *text);

/* The same for tests that look at one configuration at a time: its model, and what was said of it until the
 * next call; released by the teardown, which also leaves the machine as it was. */
extern struct conf_result *fake_result;
const struct conf_model *fake_model(const char *text);
int fake_release(void **state);

/* The n-th diagnostic of that problem (from 0), or NULL. */
const struct conf_diagnostic *fake_find(struct conf_result *result, enum conf_problem problem, size_t n);

/* A file of the source tree, by its path there; fails the test without it. The caller frees it. */
char *fake_source(const char *name);

/* What conf_diagnostics_print() writes; the caller frees it. */
char *fake_print(struct conf_result *result);

#endif
