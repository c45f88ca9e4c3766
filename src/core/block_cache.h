#pragma once

namespace velatura {

/// Makes libtorch take the memory of large CPU tensors from a cache of blocks, the largest of them in
/// huge pages. The C library would return such memory to the system at every free and take it again,
/// page by page, at the next allocation: on two cores that costs a tenth of a denoising step and a
/// sixth of a decode. At most 224 MiB lie idle. For the whole process, once; later calls do nothing.
void use_block_cache();

}  // namespace velatura
