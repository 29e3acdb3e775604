/*
 * The director: a child of the supervisor that keeps the kernel's IPVS table as the configuration and the
 * checkers' verdicts want it, and tells scripts what changed. Nothing else in tandem writes that table.
 *
 * It hears verdicts from the checkers, and speaks to scripts (real servers and quorums that changed) and vrrp
 * (the table is complete). It keeps CAP_NET_ADMIN and nothing else.
 */
#ifndef TANDEM_DIRECTOR_DIRECTOR_H
#define TANDEM_DIRECTOR_DIRECTOR_H

/* The program; returns its exit status. */
int director_main(int argc, char **argv);

#endif
