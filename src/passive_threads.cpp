// CPU threads that wait spin unless they are told otherwise, which makes everything several times slower
// on a machine that is busy with other programs. OpenMP's runtime reads OMP_WAIT_POLICY when it is
// initialised, before main(). So where the user has not set it, the program starts itself anew with
// `passive`, and does so before any library is initialised: that costs their loading alone, hundredths
// of a second.
#include <elf.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <climits>
#include <cstddef>
#include <cstring>

namespace {

constexpr char kVariable[] = "OMP_WAIT_POLICY=";
char passive[] = "OMP_WAIT_POLICY=passive";

// Called by the dynamic loader when nothing but the C library's functions can be relied on.
void restart_passive(int, char** arguments, char** environment) {
  std::size_t count = 0;
  for (; environment[count] != nullptr; ++count) {
    if (std::strncmp(environment[count], kVariable, sizeof kVariable - 1) == 0) return;
  }
  if (getauxval(AT_BASE) == 0) return;  // run by hand through the loader, whose path is another
  char program[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return;
  program[length] = '\0';

  constexpr std::size_t kMost = 4096;
  char* changed[kMost + 2];
  if (count > kMost) return;
  std::memcpy(changed, environment, count * sizeof *changed);
  changed[count] = passive;
  changed[count + 1] = nullptr;
  execve(program, arguments, changed);  // where it fails, all goes on as it was
}

}  // namespace

[[gnu::section(".preinit_array"), gnu::used]] void (*const start_passive)(int, char**,
                                                                          char**) = restart_passive;
