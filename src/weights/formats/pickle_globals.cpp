#include "weights/formats/pickle_globals.h"

#include <algorithm>
#include <array>

#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

using enum GlobalRole;

constexpr std::array kGlobals{
    PickledGlobal{"collections", "OrderedDict", ordered_dict},
    PickledGlobal{"torch._utils", "_rebuild_tensor", tensor},
    PickledGlobal{"torch._utils", "_rebuild_tensor_v2", tensor},
    PickledGlobal{"torch._utils", "_rebuild_tensor_v3", tensor_of_dtype},
    PickledGlobal{"torch._utils", "_rebuild_parameter", parameter},
    PickledGlobal{"torch.nn.modules.container", "ParameterDict", parameter_dict},

    PickledGlobal{"torch", "DoubleStorage", storage, at::kDouble},
    PickledGlobal{"torch", "FloatStorage", storage, at::kFloat},
    PickledGlobal{"torch", "HalfStorage", storage, at::kHalf},
    PickledGlobal{"torch", "BFloat16Storage", storage, at::kBFloat16},
    PickledGlobal{"torch", "LongStorage", storage, at::kLong},
    PickledGlobal{"torch", "IntStorage", storage, at::kInt},
    PickledGlobal{"torch", "ShortStorage", storage, at::kShort},
    PickledGlobal{"torch", "CharStorage", storage, at::kChar},
    PickledGlobal{"torch", "ByteStorage", storage, at::kByte},
    PickledGlobal{"torch", "BoolStorage", storage, at::kBool},
    PickledGlobal{"torch.storage", "UntypedStorage", storage, at::kByte},

    PickledGlobal{"torch", "float64", dtype, at::kDouble},
    PickledGlobal{"torch", "float32", dtype, at::kFloat},
    PickledGlobal{"torch", "float16", dtype, at::kHalf},
    PickledGlobal{"torch", "bfloat16", dtype, at::kBFloat16},
    PickledGlobal{"torch", "int64", dtype, at::kLong},
    PickledGlobal{"torch", "int32", dtype, at::kInt},
    PickledGlobal{"torch", "int16", dtype, at::kShort},
    PickledGlobal{"torch", "int8", dtype, at::kChar},
    PickledGlobal{"torch", "uint8", dtype, at::kByte},
    PickledGlobal{"torch", "bool", dtype, at::kBool},
    PickledGlobal{"torch", "float8_e4m3fn", dtype, at::kFloat8_e4m3fn},
    PickledGlobal{"torch", "float8_e5m2", dtype, at::kFloat8_e5m2},

    PickledGlobal{"__builtin__", "set", inert},
    PickledGlobal{"builtins", "set", inert},
    PickledGlobal{"_codecs", "encode", inert},
    PickledGlobal{"numpy", "dtype", inert},
    PickledGlobal{"numpy", "ndarray", inert},
    PickledGlobal{"numpy.core.multiarray", "scalar", inert},
    PickledGlobal{"numpy.core.multiarray", "_reconstruct", inert},
    PickledGlobal{"numpy._core.multiarray", "scalar", inert},
    PickledGlobal{"numpy._core.multiarray", "_reconstruct", inert},
    PickledGlobal{"pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint", inert},
    PickledGlobal{"lightning.pytorch.callbacks.model_checkpoint", "ModelCheckpoint", inert},
};

std::string in_ascii(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string ascii;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      ascii += c;
    } else {
      ascii += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return ascii;
}

}  // namespace

const PickledGlobal* find_global(std::string_view module, std::string_view name) {
  const auto* found = std::find_if(kGlobals.begin(), kGlobals.end(), [&](const auto& global) {
    return global.module == module && global.name == name;
  });
  return found == kGlobals.end() ? nullptr : found;
}

std::string shown_global(std::string_view module, std::string_view name) {
  constexpr std::size_t kLongest = 1000;  // what shown() cuts off needs no escaping
  return "'" + shown(in_ascii(name.substr(0, kLongest))) + "' of module '" +
         shown(in_ascii(module.substr(0, kLongest))) + "'";
}

}  // namespace velatura::weights
