// When the run ends: asked for by SIGINT and SIGTERM, or by the program itself. Any thread.
#pragma once

namespace netvsc_fwd {

void stop_on_signals();
void ask_to_stop();
bool stop_asked();

}  // namespace netvsc_fwd
