/*
 * Click quality: which clicks count. Every click is redirected and kept; a flag says why it is not counted.
 *
 * Rules: MRC's Invalid Traffic Guidelines (known bots, prefetching), COUNTER R5 (two clicks of one visitor on one thing
 * within 30 s are one), and one paid click an hour for each visitor and listing, as ad networks do.
 */
#pragma once

#include "base/clock.h"
#include "base/str.h"
#include "tracking/agent_list.h"
#include "tracking/event.h"

#define USER_AGENT_LIMIT 1024 /* bytes that are looked at; the rest is ignored */

/* What a request says about itself. Absent where there is no such header. */
typedef struct {
    Str method;
    Str user_agent;
    Str sec_purpose, purpose, x_purpose, x_moz;
} ClickRequest;

/* A set of ClickFlag: what can be told from the request alone. robots: the operator's list, which ignores case; NULL: none. */
unsigned click_request_flags(const ClickRequest *request, const AgentList *robots);

/* The family in one word: "Chrome", "Safari", ..., "bot" when flags (of click_request_flags()) say so, "other", or "none"
 * when absent. Static. */
Str user_agent_family(Str user_agent, unsigned flags);

/*
 * Clicks seen lately in this process, for the windows. Bounded: when a place is needed, the oldest click among a few
 * that share it is forgotten. From any thread.
 */
typedef struct ClickWindow ClickWindow;

/* capacity: clicks remembered, 40 bytes each; rounded up to a power of two. */
ClickWindow *click_window_new(const Clock *clock, size_t capacity);
void click_window_free(ClickWindow *window);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClickWindow, click_window_free)
/* 0, CLICK_DUPLICATE (within 30 s of the one before, counted or not) or CLICK_REPEAT (within an hour of the last that
 * counted). Call it only for clicks without other flags, so that a bot never spoils a person's click. */
unsigned click_window_flags(ClickWindow *window, Str visitor_hash, Str source, Str listing_id);
