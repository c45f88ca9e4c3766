#pragma once

#include <string>

#include "weights/formats/pickle_globals.h"
#include "weights/formats/pickle_value.h"

namespace velatura::weights {

/// The storage that a persistent id of torch.save stands for: `("storage", type, key, location,
/// numel)`, in the legacy form with `(view key, offset, size)` or None at the end.
/// @param where  file, opcode and place, for messages
/// @throws InputError
PickledStorage read_storage(const PickledValue& persistent_id, const std::string& where);

/// What calling `callable` with `arguments` gives in a pickle of weights; the tensors and dicts go
/// to `heap`. Nothing is called. @throws InputError
PickledValue read_call(const PickledValue& callable, const PickledValue& arguments,
                       PickleHeap& heap, const std::string& where);

}  // namespace velatura::weights
