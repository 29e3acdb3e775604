/*
 * tandemctl upgrade: orders it, then watches until every process of the daemon has been replaced and runs.
 */
#ifndef TANDEM_CTL_UPGRADE_WAIT_H
#define TANDEM_CTL_UPGRADE_WAIT_H

/* Says how it went on stdout or stderr; an exit status of tandemctl. */
int upgrade_and_wait(const char *socket_path);

#endif
