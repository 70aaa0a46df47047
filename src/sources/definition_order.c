/* Loading what a partner prepares first: submit, and poll until it is ready. */
#include "sources/definition.h"

#define ORDER_ANSWER_BYTES (1024 * 1024)
#define POLLS_LIMIT        1000

static Operation *
load_step(DefinitionLoader *loader, const YamlNode *node, const YamlKey *keys, OperationKind kind, const char *name,
          Operation *operation)
{
    Operation *step = definition_new_operation(loader, kind, name);

    step->timeout_us = yaml_get_duration_us(node, keys, "timeout");
    step->size_limit_bytes = ORDER_ANSWER_BYTES;
    step->zone = operation->zone != NULL ? g_time_zone_ref(operation->zone) : NULL;
    step->pages.window_us = operation->pages.window_us; /* {since} and {until} are those of the stretch */
    step->numbers = operation->numbers;
    step->hosts = operation->hosts;
    return step;
}

/* What the answer of a step gives, by a path or a header. */
static void
load_given(DefinitionLoader *loader, const YamlNode *node, const YamlKey *keys, const char *key, const char *header_key,
           Operation *step)
{
    step->given = definition_load_path(loader, node, key, &step->document);
    step->given_header = arena_strdup(loader->arena, yaml_get_text(node, keys, header_key));
    if (step->given >= 0 && step->given_header != NULL)
        yaml_mistake(loader->mistakes, yaml_find(node, header_key), header_key, "%s is given already", key);
}

static void
load_submit(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    Operation *submit = load_step(loader, node, SUBMIT_KEYS, OPERATION_SUBMIT, "submit", operation);

    operation->order->submit = submit;
    definition_load_request(loader, node, submit);
    definition_load_small_answer(loader, node, submit);
    load_given(loader, node, SUBMIT_KEYS, "ticket", "ticket_header", submit);
    if (submit->given < 0 && submit->given_header == NULL)
        yaml_mistake(loader->mistakes, node, "ticket", "is missing: what is asked after");
    definition_finish_reader(submit);
}

static void
load_states(DefinitionLoader *loader, const YamlNode *node, OrderSteps *order)
{
    order->status = definition_load_path(loader, node, "status", &order->poll->document);
    order->message = definition_load_path(loader, node, "message", &order->poll->document);
    order->ready = yaml_texts(yaml_find(node, "ready"), loader->arena);
    order->failed = yaml_texts(yaml_find(node, "failed"), loader->arena);
    if ((yaml_find(node, "status") != NULL) != (order->ready[0] != NULL))
        yaml_mistake(loader->mistakes, node, "ready", "status and ready belong together");
    if (yaml_find(node, "status") == NULL && order->failed[0] != NULL)
        yaml_mistake(loader->mistakes, yaml_find(node, "failed"), "failed", "needs status");
}

static void
load_poll(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    OrderSteps *order = operation->order;
    Operation *poll = load_step(loader, node, POLL_KEYS, OPERATION_POLL, "poll", operation);

    order->poll = poll;
    poll->relative_to = order->submit;
    loader->scope.ticket = true;
    definition_load_request(loader, node, poll);
    loader->scope.ticket = false;
    definition_load_small_answer(loader, node, poll);
    load_given(loader, node, POLL_KEYS, "result", "result_header", poll);
    load_states(loader, node, order);
    order->every_us = yaml_get_duration_us(node, POLL_KEYS, "every");
    order->deadline_us = yaml_get_duration_us(node, POLL_KEYS, "deadline");
    if (order->every_us < US_PER_SECOND || order->deadline_us / MAX(order->every_us, 1) > POLLS_LIMIT)
        yaml_mistake(loader->mistakes, node, "every", "must be at least 1s and a thousandth of the deadline");
    if (order->deadline_us > 12 * US_PER_HOUR)
        yaml_mistake(loader->mistakes, yaml_find(node, "deadline"), "deadline", "must be at most 12h");
    definition_finish_reader(poll);
}

/* Where it cannot be: nobody waits for a search, and pages that are counted would each be ordered anew. */
static void
check_order(DefinitionLoader *loader, const YamlNode *node, const Operation *operation)
{
    if (operation->kind == OPERATION_SEARCH)
        yaml_mistake(loader->mistakes, node, "submit", "a search is not waited for: only feeds, reports and totals");
    if (operation->pages.by != PAGES_NONE && operation->pages.by != PAGES_NEXT_LINK)
        yaml_mistake(loader->mistakes, node, "submit", "what was prepared can have pages by next_link only");
}

void
definition_load_order(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    const YamlNode *submit = yaml_find(node, "submit"), *poll = yaml_find(node, "poll");

    if (submit == NULL && poll == NULL)
        return;
    if (submit == NULL || poll == NULL || submit->kind != YAML_MAPPING || poll->kind != YAML_MAPPING) {
        yaml_mistake(loader->mistakes, submit != NULL ? submit : poll, "submit", "submit and poll belong together");
        return;
    }
    check_order(loader, submit, operation);
    operation->hosts = yaml_texts(yaml_find(node, "hosts"), loader->arena);
    operation->order = ARENA_NEW(loader->arena, OrderSteps);
    load_submit(loader, submit, operation);
    load_poll(loader, poll, operation);
    operation->relative_to = operation->order->submit;
    if (operation->detail != NULL) /* the URL of its list may be the partner's, and at another host */
        operation->detail->relative_to = operation->order->submit;
    loader->scope.ticket = loader->scope.result = true;
}
