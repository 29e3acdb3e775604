/*
 * A machine of which one file is given, and which remembers what it was asked.
 *
 * For those who load a text that they have read already, or a part of it, in place of the file: every other
 * question goes to the machine below, and into a fingerprint. Two loads with the same fingerprint have asked
 * the same in the same order.
 */
#ifndef TANDEM_CONF_SERVED_HOST_H
#define TANDEM_CONF_SERVED_HOST_H

#include "conf/host.h"
#include "conf/script_path.h"

struct conf_served_host {
    struct conf_host host; /* for conf_load_request */
    const struct conf_host *below;
    struct script_path_files script_files;
    const char *path;
    const char *text;
    size_t length;
    uint64_t asked; /* the fingerprint; asking for the file itself does not count */
};

/* path, text and below stay the caller's and must stay valid. */
void conf_served_host_begin(struct conf_served_host *served, const struct conf_host *below, const char *path,
                            const char *text, size_t length);

#endif
