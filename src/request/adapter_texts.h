#pragma once

#include <string>

#include "request/field.h"
#include "velatura/adapters.h"

namespace velatura::request {

/// How text says adapters:
///     FILE[:SCALE[:TEXT_SCALE]][@down=X,mid=X,up=X]
///     [TOKEN=]FILE
///     PHRASE@LEFT,TOP,RIGHT,BOTTOM
///     TEXT_OR_IMAGE[:WEIGHT]
/// @throws UsageError naming the field
LoraUse lora_in(const Field& field, const std::string& text);
EmbeddingUse embedding_in(const Field& field, const std::string& text);
Grounding grounding_in(const Field& field, const std::string& text);
MixItem mix_item_in(const Field& field, const std::string& text);

/// The text that says it; "" for what names no file.
std::string text_of(const LoraUse& lora);
std::string text_of(const EmbeddingUse& embedding);
std::string text_of(const Grounding& grounding);
std::string text_of(const MixItem& item);

}  // namespace velatura::request
