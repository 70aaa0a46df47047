/*
 * weir feed export: the feed of /v1/feed.* into a file or to standard output.
 */
#pragma once

#include "commands/deployment.h"
#include "commands/filter_flags.h"

typedef struct {
    FilterFlags filter;
    char *format, *consumer, *channel, *keywords, *output; /* output NULL: standard output */
    gboolean gzip;
} FeedExportFlags;

void feed_export_flags_clear(FeedExportFlags *flags);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FeedExportFlags, feed_export_flags_clear)

/* INVALID with what is wrong of the flags. A file is complete or not there: it is written beside and moved. */
bool feed_export(Deployment *deployment, const FeedExportFlags *flags, GError **error) G_GNUC_WARN_UNUSED_RESULT;
