/*
 * Landlock: giving up the file system (landlock(7)).
 */
#ifndef TANDEM_CORE_LANDLOCK_H
#define TANDEM_CORE_LANDLOCK_H

/* From here on this process can open no file at all. Descriptors it has stay usable. On a kernel without
 * Landlock (before 5.13, or not configured) nothing happens: the system call filter remains. */
void landlock_no_files(void);

/* The same of writing, making and removing files: reading goes on as before. */
void landlock_no_writing(void);

#endif
