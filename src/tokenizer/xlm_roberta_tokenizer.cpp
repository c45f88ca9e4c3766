#include "tokenizer/xlm_roberta_tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <span>
#include <stdexcept>
#include <utility>

#include "core/read_file.h"
#include "core/text.h"
#include "tokenizer/added_tokens.h"
#include "tokenizer/characters_map.h"
#include "tokenizer/limits.h"
#include "tokenizer/sentencepiece_model.h"
#include "tokenizer/unicode.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using Pieces = std::vector<SentencepieceModel::Piece>;

constexpr std::string_view kSpace = "\u2581";  // where a word begins

// fairseq's vocabulary: four of its own for the model's three, the model's others, and one more.
Pieces fairseq_pieces(Pieces pieces) {
  Pieces all{{"<s>"}, {"<pad>"}, {"</s>"}, {"<unk>"}};
  all.insert(all.end(), pieces.begin() + 3, pieces.end());
  all.push_back({"<mask>"});
  return all;
}

std::vector<AddedToken> special_tokens(const Pieces& pieces) {
  std::vector<AddedToken> tokens;
  for (const std::size_t id :
       {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}, pieces.size() - 1})
    tokens.push_back({.content = pieces[id].text, .id = static_cast<std::int64_t>(id)});
  return tokens;
}

// Calls it with each stretch between white space.
void each_word(std::string_view text, const std::function<void(std::string_view)>& on_word) {
  std::size_t begin = 0, i = 0;
  while (i < text.size()) {
    const std::size_t at = i;
    if (char_class(*next_code_point(text, i)) != CharClass::space) continue;
    if (at > begin) on_word(text.substr(begin, at - begin));
    begin = i;
  }
  if (begin < text.size()) on_word(text.substr(begin));
}

// Calls it with each part of a word that begins with kSpace; the word does.
void each_part(std::string_view word, const std::function<void(std::string_view)>& on_part) {
  while (!word.empty()) {
    const std::size_t end = std::min(word.find(kSpace, kSpace.size()), word.size());
    on_part(word.substr(0, end));
    word.remove_prefix(end);
  }
}

}  // namespace

struct XlmRobertaTokenizer::Model {
  // @throws InputError
  Model(SentencepieceModel model, const std::string& where)
      : pieces(fairseq_pieces(std::move(model.pieces))),
        characters(model.characters, where),
        special(special_tokens(pieces)) {
    std::string why;
    try {
      const auto status = processor.LoadFromSerializedProto(
          serialized_unigram(pieces, static_cast<std::size_t>(kUnknown)));
      if (!status.ok()) why = status.ToString();
    } catch (const std::exception& error) {
      why = error.what();
    }
    if (!why.empty()) throw InputError(where + ": sentencepiece does not take it: " + why);
  }

  Pieces pieces;
  CharactersMap characters;
  AddedTokenFinder special;
  sentencepiece::SentencePieceProcessor processor;

  // A space for each word's begin but the first.
  std::string text_of(std::span<const std::int64_t> ids) const {
    std::string text;
    for (const std::int64_t id : ids) {
      std::string_view piece = pieces[static_cast<std::size_t>(id)].text;
      if (piece.starts_with(kSpace)) {
        piece.remove_prefix(kSpace.size());
        if (!text.empty()) text += ' ';
      }
      text += piece;
    }
    return text;
  }

  void append(std::string_view word, std::vector<std::int64_t>& ids) const {
    std::vector<int> found;
    const auto status = processor.Encode(word, &found);
    if (!status.ok()) throw std::runtime_error("sentencepiece: " + status.ToString());
    ids.insert(ids.end(), found.begin(), found.end());
  }
};

XlmRobertaTokenizer XlmRobertaTokenizer::from_folder(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "sentencepiece.bpe.model";
  if (!std::filesystem::exists(file))
    throw InputError(folder.string() + ": expected sentencepiece.bpe.model");
  return {read_file(file, kLargestFile), file.string()};
}

XlmRobertaTokenizer::XlmRobertaTokenizer(std::string_view model, const std::string& where)
    : model_(std::make_unique<const Model>(SentencepieceModel::parse(model, where), where)) {}

XlmRobertaTokenizer::~XlmRobertaTokenizer() = default;
XlmRobertaTokenizer::XlmRobertaTokenizer(XlmRobertaTokenizer&&) noexcept = default;
XlmRobertaTokenizer& XlmRobertaTokenizer::operator=(XlmRobertaTokenizer&&) noexcept = default;

std::vector<std::int64_t> XlmRobertaTokenizer::tokenize(std::string_view text) const {
  if (!is_utf8(text)) throw InputError("prompt: not valid UTF-8");
  std::vector<std::int64_t> ids;
  const auto on_part = [&](std::string_view part) { model_->append(part, ids); };
  const auto on_word = [&](std::string_view word) {
    if (word.starts_with(kSpace)) return each_part(word, on_part);
    each_part(std::string(kSpace) + std::string(word), on_part);
  };
  const auto on_text = [&](std::string_view stretch) {
    each_word(model_->characters.normalised(stretch), on_word);
  };
  model_->special.split(text, on_text, [&](std::int64_t id) { ids.push_back(id); });
  return ids;
}

Encoding XlmRobertaTokenizer::encode(std::string_view prompt, std::size_t max_length) const {
  if (max_length < 2) throw UsageError("a prompt needs at least two tokens, for its begin and end");
  const std::vector<std::int64_t> tokens = tokenize(prompt);
  const std::size_t kept = std::min(tokens.size(), max_length - 2);
  Encoding encoding;
  encoding.tokens = tokens.size();
  encoding.ids.assign(max_length, kPad);
  encoding.ids.front() = kBos;
  std::copy_n(tokens.begin(), kept, encoding.ids.begin() + 1);
  encoding.ids[kept + 1] = kEos;
  encoding.dropped = model_->text_of(std::span(tokens).subspan(kept));
  return encoding;
}

std::size_t XlmRobertaTokenizer::vocab_size() const {
  return model_->pieces.size();
}

}  // namespace velatura::tokenizer
