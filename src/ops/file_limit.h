/*
 * File limit: every connection, to us and to a partner, is an open file, and systems begin a process with few.
 */
#pragma once

/* Raises the limit of open files to the most that the system grants without being asked for rights; what cannot be
 * raised stays as it is. From commands/, before other threads start. */
void file_limit_raise(void);
