/*
 * Knowledge watch: what searches learned of sources, read when a process starts, and written down now and then and when it
 * ends.
 */
#pragma once

#include "ops/metrics.h"
#include "search/engine.h"

typedef struct KnowledgeWatch KnowledgeWatch;
/* Reads the file, before the first search, and starts. path is the watch's from now on; the rest must outlive it. */
KnowledgeWatch *knowledge_watch_start(char *path, SearchEngine *engine, Metrics *metrics);
/* Writes once more. NULL is allowed. */
void knowledge_watch_stop(KnowledgeWatch *watch);
