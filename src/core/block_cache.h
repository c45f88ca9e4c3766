#pragma once

namespace velatura {

/// Makes libtorch take the memory of large CPU tensors from a cache of blocks, the largest of them in
/// huge pages. The C library would return such memory to the system at every free and take it again,
/// page by page, at the next allocation: on two cores that costs a tenth of a denoising step and a
/// sixth of a decode. At most 224 MiB lie idle. For the whole process, once; later calls do nothing.
void use_block_cache();

/// While one lives, this thread allocates what is written once and kept, as weights are: in no huge pages,
/// whatever its size. Under a hypervisor that looks for memory when it is first touched, huge pages were four
/// times as slow then, which only memory that is used again and again makes up for.
class KeptMemory {
 public:
  KeptMemory();
  ~KeptMemory();
  KeptMemory(const KeptMemory&) = delete;
  KeptMemory& operator=(const KeptMemory&) = delete;

 private:
  bool outer_;
};

}  // namespace velatura
