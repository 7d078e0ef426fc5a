#include <sqlite3.h>

/* sqlite3_config is variadic, which Swift cannot call. Without statistics an allocation takes no
   process-wide lock. */
static inline int meridian_sqlite3_config_memstatus(int on) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, on);
}
