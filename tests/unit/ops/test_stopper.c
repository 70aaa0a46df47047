#include "ops/stopper.h"

#include <glib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const int ENDING[] = {SIGTERM, SIGINT};

/* Runs fn in a child, tells it the signals one at a time whenever it writes a byte, and returns its exit status. */
static int
status_of_child(int (*fn)(int ready_fd), const int *numbers, int signals)
{
    int ready[2], status;
    char byte;
    pid_t child;

    g_assert_cmpint(pipe(ready), ==, 0);
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0)
        _exit(fn(ready[1]));
    for (int i = 0; i < signals; i++) {
        g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
        g_assert_cmpint(kill(child, numbers[i]), ==, 0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    close(ready[0]);
    close(ready[1]);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
tell_ready(int fd)
{
    if (write(fd, "", 1) != 1)
        _exit(99);
}

static void
wait_for_the_end(void)
{
    while (!stopper_wait_for(G_USEC_PER_SEC))
        continue;
}

static int
wait_once(int ready_fd)
{
    stopper_install();
    if (stopper_is_stopping())
        return 98;
    tell_ready(ready_fd);
    wait_for_the_end();
    wait_for_the_end();
    return stopper_is_stopping() ? 7 : 97;
}

static int
wait_stubbornly(int ready_fd)
{
    stopper_install();
    tell_ready(ready_fd);
    wait_for_the_end();
    tell_ready(ready_fd);
    pause();
    return 96;
}

/* SIGHUP asks for the files to be read again, once, and ends nothing. */
static int
reload_once(int ready_fd)
{
    stopper_install();
    if (stopper_take_reload())
        return 98;
    tell_ready(ready_fd);
    while (!stopper_take_reload())
        if (stopper_wait_for(G_USEC_PER_SEC / 100))
            return 97;
    return stopper_take_reload() || stopper_is_stopping() ? 96 : 6;
}

static int
ask_ourselves(int ready_fd G_GNUC_UNUSED)
{
    stopper_install();
    stopper_ask();
    wait_for_the_end();
    return 5;
}

static void
a_first_signal_wakes_who_waits(void)
{
    g_assert_cmpint(status_of_child(wait_once, ENDING, 1), ==, 7);
}

static void
a_second_signal_ends_the_process(void)
{
    g_assert_cmpint(status_of_child(wait_stubbornly, ENDING, 2), ==, 1);
}

static void
the_process_can_ask_itself(void)
{
    g_assert_cmpint(status_of_child(ask_ourselves, NULL, 0), ==, 5);
}

static void
hanging_up_asks_for_the_files_to_be_read_again(void)
{
    g_assert_cmpint(status_of_child(reload_once, &(int){SIGHUP}, 1), ==, 6);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ops/stopper/a_first_signal_wakes_who_waits", a_first_signal_wakes_who_waits);
    g_test_add_func("/ops/stopper/a_second_signal_ends_the_process", a_second_signal_ends_the_process);
    g_test_add_func("/ops/stopper/the_process_can_ask_itself", the_process_can_ask_itself);
    g_test_add_func("/ops/stopper/hanging_up_asks_for_the_files_to_be_read_again",
                    hanging_up_asks_for_the_files_to_be_read_again);
    return g_test_run();
}
