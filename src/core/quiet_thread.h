#pragma once

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace velatura {

/// A thread that gets no signals: they are for the one that works, which may wait in a system call.
template <class Work>
std::jthread start_quiet_thread(Work work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::jthread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace velatura
