#include "support/gpu_on_cpu/gpu_on_cpu.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <utility>

#include "support/gpu_on_cpu/sanitizer_fibers.h"

#undef threadIdx
#undef cudaGetLastError

// Saves what a function must keep and goes on with another stack where that was left; the calls of
// ucontext.h would ask the kernel each time, and blocks meet tens of thousands of times.
extern "C" void velatura_switch_stack(void** left, void* entered);
asm(R"(
  .text
  .type velatura_switch_stack, @function
velatura_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size velatura_switch_stack, .-velatura_switch_stack
)");

namespace velatura::gpu_on_cpu {
namespace {

constexpr std::size_t kStack = 64 << 10;
constexpr std::size_t kMostThreads = 1024, kWarp = 32;
constexpr std::size_t kShared = 48 << 10;          // what a kernel may ask for
constexpr std::size_t kSharedThere = 4 * kShared;  // with what lies past it

struct Fiber {
  void* context = nullptr;  // its stack's top while it does not run
  char* stack = nullptr;
  uint3 index{};
  bool done = false;
  std::size_t exchanges = 0;
  void* thread = nullptr;  // ThreadSanitizer's
  void* fake_stack = nullptr;
};

struct Block {
  dim3 grid, size;
  uint3 index{};
  std::vector<Fiber> fibers;
  std::array<std::vector<std::uint64_t>, 2> given;  // to shuffles in turn, one a thread
  void* scheduler = nullptr;
  Fiber* now = nullptr;
  void* scheduler_thread = nullptr;
  const std::function<void()>* body = nullptr;
  char* meeting = nullptr;  // an address of this block's own, which orders its threads
};

Block* block = nullptr;
cudaError_t last_error = cudaSuccess;
std::vector<Launch> all_launches;
char launch_end;  // an address, likewise

void* map_memory(std::size_t size, void* where = nullptr) {
  const int fixed = where != nullptr ? MAP_FIXED : 0;
  void* const memory = mmap(where, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
  if (memory == MAP_FAILED)
    std::_Exit(
        EXIT_FAILURE);  // not abort(): a test that ends by a signal has failed whatever it said
  return memory;
}

void* const shared = map_memory(kSharedThere);

std::size_t number(const Fiber& fiber) {
  return static_cast<std::size_t>(&fiber - block->fibers.data());
}

// What it reads after its thread's last meeting is ordered by nothing that ThreadSanitizer sees.
[[gnu::no_sanitize_thread]] void to_scheduler() {
  Fiber& self = *block->now;
  become_thread(block->scheduler_thread);
  leave_stack(self.done ? nullptr : &self.fake_stack, nullptr, 0);
  velatura_switch_stack(&self.context, block->scheduler);
  enter_stack(self.fake_stack);
}

[[gnu::no_sanitize_thread]] void entry() {
  enter_stack(nullptr);
  acquire(block->meeting);
  (*block->body)();
  block->now->done = true;
  release(&launch_end);
  to_scheduler();
}

void go_on(Fiber& fiber) {
  block->now = &fiber;
  become_thread(fiber.thread);
  void* fake_stack = nullptr;
  leave_stack(&fake_stack, fiber.stack, kStack);
  velatura_switch_stack(&block->scheduler, fiber.context);
  enter_stack(fake_stack);
}

// All threads up to their next meeting, again and again.
void run_fibers() {
  std::vector<std::size_t> turns(block->fibers.size());
  std::iota(turns.begin(), turns.end(), 0);
  if (order == Order::backward) std::reverse(turns.begin(), turns.end());
  std::mt19937 random(1);
  for (;;) {
    if (order == Order::shuffled) std::shuffle(turns.begin(), turns.end(), random);
    std::size_t done = 0;
    for (const std::size_t turn : turns) {
      Fiber& fiber = block->fibers[turn];
      if (!fiber.done) go_on(fiber);
      if (fiber.done) ++done;
    }
    if (done == turns.size()) return;
    if (done != 0) {
      std::fprintf(stderr, "gpu_on_cpu: %zu threads ended while %zu wait at a barrier\n", done,
                   turns.size() - done);
      std::_Exit(
          EXIT_FAILURE);  // not abort(): a test that ends by a signal has failed whatever it said
    }
  }
}

void make_fibers() {
  static char* const stacks = static_cast<char*>(map_memory(kStack * kMostThreads));
  const dim3& size = block->size;
  block->fibers = std::vector<Fiber>(std::size_t{size.x} * size.y * size.z);
  if (sees_races) map_memory(kStack * block->fibers.size(), stacks);  // no block has seen them
  for (auto& given : block->given) given.assign(block->fibers.size(), 0);
  for (unsigned i = 0; i < block->fibers.size(); ++i) {
    Fiber& fiber = block->fibers[i];
    fiber.index = {i % size.x, i / size.x % size.y, i / (size.x * size.y)};
    fiber.stack = stacks + i * kStack;
    // What velatura_switch_stack() takes off it: six registers, then where to go; entry() begins as if
    // called.
    auto** const top = reinterpret_cast<void**>(fiber.stack + kStack);
    top[-2] = reinterpret_cast<void*>(entry);
    fiber.context = top - 8;
    fiber.thread = new_thread();
  }
}

// NaN, and nothing that a block before has written; under ThreadSanitizer not even its memory.
void renew_shared_memory(std::size_t size) {
  if (sees_races) map_memory(kSharedThere, shared);
  std::memset(shared, 0xff, size);
}

void run_block(const uint3& index, const Launch& launch, const std::function<void()>& body,
               char* meeting) {
  Block here;
  here.grid = launch.grid;
  here.size = launch.block;
  here.index = index;
  here.body = &body;
  here.meeting = meeting;
  here.scheduler_thread = current_thread();
  block = &here;
  release(meeting);  // what the host wrote
  renew_shared_memory(launch.shared);
  make_fibers();
  run_fibers();
  for (Fiber& fiber : here.fibers) end_thread(fiber.thread);
  block = nullptr;
}

cudaError_t refusal(const Launch& launch) {
  const auto& [grid, size, bytes] = launch;
  const std::size_t threads = std::size_t{size.x} * size.y * size.z;
  const bool fits = threads > 0 && threads <= kMostThreads && size.z <= 64 && grid.x > 0 &&
                    grid.x <= 2147483647U && grid.y > 0 && grid.y <= 65535 && grid.z > 0 &&
                    grid.z <= 65535;
  if (!fits) return cudaErrorInvalidConfiguration;
  return bytes > kShared ? cudaErrorInvalidValue : cudaSuccess;
}

}  // namespace

const std::vector<Launch>& launches() {
  return all_launches;
}

void run(dim3 grid, dim3 size, std::size_t bytes, const std::function<void()>& body) {
  const Unseen unseen;
  const Launch launch{grid, size, bytes};
  all_launches.push_back(launch);
  if (const cudaError_t error = refusal(launch); error != cudaSuccess) {
    last_error = error;
    return;
  }
  unpoison(shared, kSharedThere);
  poison(static_cast<char*>(shared) + bytes, kSharedThere - bytes);
  std::vector<char> meetings(std::size_t{grid.x} * grid.y * grid.z);
  char* meeting = meetings.data();
  for (unsigned z = 0; z < grid.z; ++z) {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) run_block({x, y, z}, launch, body, meeting++);
    }
  }
  acquire(&launch_end);
}

cudaError_t take_last_error() {
  return std::exchange(last_error, cudaSuccess);
}

const uint3& thread_index() {
  return block->now->index;
}

const uint3& block_index() {
  return block->index;
}

const dim3& block_size() {
  return block->size;
}

const dim3& grid_size() {
  return block->grid;
}

void* shared_memory() {
  return shared;
}

void sync_threads() {
  const Unseen unseen;
  release(block->meeting);
  to_scheduler();
  acquire(block->meeting);
}

unsigned lane_index() {
  const Unseen unseen;
  return static_cast<unsigned>(number(*block->now) % kWarp);
}

std::uint64_t exchange(std::uint64_t bits, unsigned lane) {
  const Unseen unseen;
  const std::size_t self = number(*block->now);
  const std::size_t other = self / kWarp * kWarp + lane;
  // By turns, so that what is read of one exchange is not overwritten by the next.
  std::vector<std::uint64_t>& given = block->given[block->fibers[self].exchanges++ % 2];
  given[self] = bits;
  sync_threads();
  return other < given.size() ? given[other] : bits;
}

}  // namespace velatura::gpu_on_cpu

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    default:
      return "invalid argument";
  }
}
