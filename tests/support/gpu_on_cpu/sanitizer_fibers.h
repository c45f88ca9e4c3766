#pragma once

// What the sanitizers must be told of fibers; nothing without them.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace velatura::gpu_on_cpu {

/// While it lives, ThreadSanitizer does not see what the emulation itself reads and writes.
class Unseen {
 public:
#if defined(__SANITIZE_THREAD__)
  Unseen() {
    AnnotateIgnoreReadsBegin("", 0);
    AnnotateIgnoreWritesBegin("", 0);
  }
  ~Unseen() {
    AnnotateIgnoreWritesEnd("", 0);
    AnnotateIgnoreReadsEnd("", 0);
  }
#else
  Unseen() {}
#endif
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
};

/// Whether this build looks for what is the same in every order of threads.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

/// Whether this build orders threads by their meetings alone, and reports what is not ordered.
#if defined(__SANITIZE_THREAD__)
constexpr bool sees_races = true;
inline void release(void* meeting) {
  __tsan_release(meeting);
}
inline void acquire(void* meeting) {
  __tsan_acquire(meeting);
}
inline void* current_thread() {
  return __tsan_get_current_fiber();
}
inline void* new_thread() {
  return __tsan_create_fiber(0);
}
inline void end_thread(void* thread) {
  __tsan_destroy_fiber(thread);
}
// Its own entry and exit would be of two threads.
[[gnu::no_sanitize_thread]] inline void become_thread(void* thread) {
  __tsan_switch_to_fiber(thread, 1 /* which orders nothing */);
}
#else
constexpr bool sees_races = false;
inline void release(void*) {}
inline void acquire(void*) {}
inline void* current_thread() {
  return nullptr;
}
inline void* new_thread() {
  return nullptr;
}
inline void end_thread(void*) {}
inline void become_thread(void*) {}
#endif

#if defined(__SANITIZE_ADDRESS__)
inline void poison(void* memory, std::size_t size) {
  ASAN_POISON_MEMORY_REGION(memory, size);
}
inline void unpoison(void* memory, std::size_t size) {
  ASAN_UNPOISON_MEMORY_REGION(memory, size);
}
/// @param kept  where the stack that is left keeps its fake frames; null: it is left for good
inline void leave_stack(void** kept, const void* stack, std::size_t size) {
  __sanitizer_start_switch_fiber(kept, stack, size);
}
inline void enter_stack(void* kept) {
  __sanitizer_finish_switch_fiber(kept, nullptr, nullptr);
}
#else
inline void poison(void*, std::size_t) {}
inline void unpoison(void*, std::size_t) {}
inline void leave_stack(void**, const void*, std::size_t) {}
inline void enter_stack(void*) {}
#endif

}  // namespace velatura::gpu_on_cpu
