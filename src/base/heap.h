/* The heap of the process. */
#pragma once

/* Once, first thing: blocks of some hundred KiB, which come and go with each answer and each listing (CLD2's table of
 * hits), stay in the process, instead of being given to the kernel and asked back, which cost more than the work done in
 * them. */
void heap_keep_blocks(void);
