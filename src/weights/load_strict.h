#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "weights/sources/key_comparison.h"
#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// Called with the name of a parameter as soon as it has its tensor, which is in the processor's cache then.
using OnGiven = std::function<void(const std::string& name)>;

/// Gives every parameter its tensor from `source`, by set_data, so that all handles see it. A parameter
/// needs only its shape beforehand:
///
///     declare("weight", shape)
///
/// Afterwards it is an ordinary tensor of `dtype` on `device`. On the CPU a tensor that is stored
/// in `dtype` already stays where it is, in the mapped file, and must not be written to; others are
/// converted in pieces and the pages they came from let go, so that the peak is the converted size. Onto
/// a GPU they are copied in pieces, without waiting, and converted there.
///
/// @param ignored  patterns (`*` for any characters) of names in the source that are passed over
/// @throws InputError naming all that is missing, unexpected, of another shape, or not a floating
///         point type: the parameters are then as they were before; and if a file fails meanwhile: some may
///         then have their tensors and others not
void load_strict(const Parameters& parameters, const WeightSource& source, at::Device device,
                 at::ScalarType dtype, const std::vector<std::string>& ignored = {},
                 const OnGiven& on_given = {});

/// Throws what load_strict() would of names, shapes and types; reads no tensor.
void check_strict(const Parameters& parameters, const WeightSource& source,
                  const std::vector<std::string>& ignored = {});

/// Gives those parameters that are named, and were loaded before, their tensors anew, one after the
/// other, so that old and new ones are not in memory together.
/// @throws as load_strict(), if the source lacks one
/// @pre    the names are among the parameters'
void load_some(const Parameters& parameters, const std::set<std::string>& names,
               const WeightSource& source, at::Device device, at::ScalarType dtype,
               const OnGiven& on_given = {});

}  // namespace velatura::weights
