/* Lets Python say when callgrind counts: client requests are instructions, so they need C. */
#include <valgrind/callgrind.h>
#include <valgrind/valgrind.h>

int under_valgrind(void) { return RUNNING_ON_VALGRIND; }
void begin(void) {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}
void toggle(void) { CALLGRIND_TOGGLE_COLLECT; }
void end(const char *name) {
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
}
