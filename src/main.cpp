#include "cli/program.h"

int main(int argc, char** argv) {
  return velatura::cli::run(argc, argv);
}
