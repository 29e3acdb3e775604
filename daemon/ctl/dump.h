/*
 * The files that signals ask for, in keepalived's formats, so that what reads keepalived's can read ours.
 *
 * All is taken from the boards: nobody is interrupted for it. Commands of scripts are not shown: ctl does not
 * know them.
 *
 *   dump.c            what the formats share: an instance's records, its counters, how a VIP is written
 *   dump_text.c       keepalived.data and keepalived.stats
 *   dump_balancer.c   keepalived_check.data
 *   dump_json.c       keepalived.json
 */
#ifndef TANDEM_CTL_DUMP_H
#define TANDEM_CTL_DUMP_H

#include <json-c/json.h>
#include <stdio.h>

#include "daemon/core/board_records.h"
#include "daemon/core/messages.h"
#include "daemon/ctl/status.h"

#define DUMP_VIP_TEXT 256

/* What is known of an instance now; zeros where a process that knows is absent. */
struct dump_instance {
    const struct conf_instance *conf;
    const char *group; /* NULL = in none */
    struct vrrp_record vrrp;
    struct links_record links;
    struct ctl_record counters; /* since they were last made to begin anew */
};

/* Writes one of the files. json_version 1 or 2, of DUMP_JSON. */
void dump_write(enum dump_kind kind, const struct status_source *source, unsigned int json_version,
                FILE *out);

/* Has the counters begin anew; own is the board of ctl. */
void dump_clear_counters(const struct status_source *source, struct board *own);

/* The file's content as an object, for dump_write and tandemctl; the caller puts it. */
struct json_object *dump_json(const struct status_source *source, unsigned int json_version);

/* ------------------------------------------------------------------ for the formats */

void dump_look(const struct status_source *source, const struct conf_instance *conf,
               struct dump_instance *instance);

/* What is known of a tracked script, file or process; false, and nothing written, if nothing is. */
bool dump_read_tracked(const struct status_source *source, uint64_t key, struct track_record *tracked);

/* "192.0.2.1/24 dev eth0 scope global set": with "set" if the instance's addresses are on. Returns buffer. */
const char *dump_vip(const struct dump_instance *instance, const struct conf_vip *vip,
                     char buffer[static DUMP_VIP_TEXT]);

/* The state it is in, or wants to be in when it is in none. */
enum vrrp_state dump_wanted_state(const struct dump_instance *instance);

void dump_data(const struct status_source *source, FILE *out);
void dump_statistics(const struct status_source *source, FILE *out);
void dump_balancer(const struct status_source *source, FILE *out);

#endif
