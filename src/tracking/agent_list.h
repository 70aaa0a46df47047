/*
 * Agent list: patterns of user agents, as lists of robots have them, looked for in one pass.
 *
 * Nearly every pattern holds a plain text, which a user agent must contain to match: at each place of the user agent, only
 * the texts that begin with the two bytes found there are compared, and what else a pattern asks for is tried when its text
 * was found. The few without such a text are tried each time. A list is filled once and then read from any thread.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

typedef struct AgentList AgentList;

/* ignores_case: ASCII letters of either case match; user agents are then to be given in lower case. */
AgentList *agent_list_new(bool ignores_case);
void agent_list_free(AgentList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AgentList, agent_list_free)
/* pattern: a regular expression of Perl's kind, found anywhere; plain text is one too. INVALID for what is none, and for a
 * pattern that matches a user agent without letters, and so nearly every one. */
bool agent_list_add(AgentList *list, Str pattern, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool agent_list_has(const AgentList *list, Str user_agent);
size_t agent_list_size(const AgentList *list);
