#include "cli/program.h"
#include "core/end_process.h"

int main(int argc, char** argv) {
  velatura::end_process(velatura::cli::run(argc, argv));
}
