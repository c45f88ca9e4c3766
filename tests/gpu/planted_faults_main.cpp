// planted_faults FAULT: runs it as what it was compiled for; a sanitizer speaks for itself.

#include <cstdio>
#include <vector>

#include "gpu/planted_faults.h"

int main(int argc, char** argv) {
  std::vector<float> x(64, 1.F);
  cudaError_t error = cudaSuccess;
  if (argc != 2 || !velatura::planted::launch(argv[1], x.data(), error)) {
    std::fprintf(stderr, "usage: planted_faults FAULT\n");
    return 2;
  }
  std::printf("launched: %s\n", cudaGetErrorString(error));
  return error == cudaSuccess ? 0 : 1;
}
