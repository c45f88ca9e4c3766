#include "tokenizer/clip_tokenizer.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/clip_words.h"
#include "tokenizer/unicode.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

constexpr std::int64_t kLargestId = 1 << 24;

std::vector<std::string> tokens_by_id(const ClipVocabulary& vocabulary) {
  std::vector<std::string> tokens;
  for (const auto& [token, id] : vocabulary.ids) {
    if (id < 0 || id > kLargestId) {
      throw InputError(vocabulary.where + ": token " + token + " has id " + std::to_string(id));
    }
    const auto index = static_cast<std::size_t>(id);
    if (tokens.size() <= index) tokens.resize(index + 1);
    if (!tokens[index].empty()) {
      throw InputError(vocabulary.where + ": tokens " + tokens[index] + " and " + token +
                       " have the same id " + std::to_string(id));
    }
    tokens[index] = token;
  }
  return tokens;
}

std::int64_t id_of(const ClipVocabulary& vocabulary, const std::string& token, const char* role) {
  const auto found = vocabulary.ids.find(token);
  if (found != vocabulary.ids.end()) return found->second;
  throw InputError(vocabulary.where + ": " + role + " \"" + token + "\" is not in the vocabulary");
}

AddedTokenFinder finder(const ClipVocabulary& vocabulary, bool normalized) {
  std::vector<AddedToken> tokens;
  for (const AddedToken& token : vocabulary.added_tokens) {
    if (token.normalized != normalized) continue;
    tokens.push_back(token);
    if (normalized) tokens.back().content = nfc_lower(token.content);
  }
  return AddedTokenFinder(std::move(tokens));
}

// transformers trims what Python calls blank; of that, words can only begin or end with these.
std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \x1C\x1D\x1E\x1F";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

}  // namespace

ClipTokenizer::ClipTokenizer(ClipVocabulary vocabulary)
    : tokens_(tokens_by_id(vocabulary)),
      encoder_(vocabulary.ids, vocabulary.merges,
               id_of(vocabulary, vocabulary.unk_token, "unk_token"), vocabulary.where),
      verbatim_(finder(vocabulary, false)),
      normalized_(finder(vocabulary, true)),
      bos_(id_of(vocabulary, vocabulary.bos_token, "bos_token")),
      eos_(id_of(vocabulary, vocabulary.eos_token, "eos_token")),
      pad_(id_of(vocabulary, vocabulary.pad_token, "pad_token")),
      model_max_length_(vocabulary.model_max_length) {}

ClipTokenizer ClipTokenizer::from_folder(const std::filesystem::path& folder) {
  return ClipTokenizer(read_tokenizer_folder(folder));
}

ClipTokenizer ClipTokenizer::from_clip_vocabulary(const std::filesystem::path& file,
                                                  const std::string& pad_token) {
  return ClipTokenizer(read_clip_vocabulary(file, pad_token));
}

ClipTokenizer ClipTokenizer::with_words(std::vector<LearnedWord> words) const {
  std::vector<AddedToken> tokens;
  for (const LearnedWord& word : words)
    tokens.push_back({nfc_lower(word.text), word.first_id, true});
  ClipTokenizer taught = *this;
  taught.normalized_ = normalized_.with(std::move(tokens));
  taught.words_ = std::move(words);
  return taught;
}

std::vector<std::int64_t> ClipTokenizer::tokenize(std::string_view text) const {
  if (!is_utf8(text)) throw InputError("prompt: not valid UTF-8");
  std::vector<std::int64_t> ids;
  const auto add = [&](std::int64_t id) {
    ids.push_back(id);
    const auto word = std::ranges::find(words_, id, &LearnedWord::first_id);
    if (word == words_.end()) return;
    for (std::size_t i = 1; i < word->tokens; ++i) ids.push_back(++id);
  };
  const auto encode_words = [&](std::string_view part) {
    for_each_word(part, [&](std::string_view word) { encoder_.encode(word, ids); });
  };
  verbatim_.split(
      text, [&](std::string_view part) { normalized_.split(nfc_lower(part), encode_words, add); },
      add);
  return ids;
}

Encoding ClipTokenizer::encode(std::string_view prompt, std::size_t max_length) const {
  if (max_length < 2) throw UsageError("a prompt needs at least two tokens, for its begin and end");
  const std::vector<std::int64_t> tokens = tokenize(prompt);
  const std::span<const std::int64_t> all(tokens);
  const std::size_t kept = std::min(tokens.size(), max_length - 2);

  return {.ids = framed(all.first(kept), max_length),
          .tokens = tokens.size(),
          .dropped = decode(all.subspan(kept))};
}

std::vector<std::int64_t> ClipTokenizer::framed(std::span<const std::int64_t> tokens,
                                                std::size_t length) const {
  std::vector<std::int64_t> ids;
  ids.reserve(length);
  ids.push_back(bos_);
  ids.insert(ids.end(), tokens.begin(), tokens.end());
  ids.push_back(eos_);
  ids.resize(length, pad_);
  return ids;
}

const LearnedWord* ClipTokenizer::word_of(std::int64_t id) const {
  const auto found = std::ranges::find_if(words_, [id](const LearnedWord& word) {
    return id >= word.first_id && id < word.first_id + static_cast<std::int64_t>(word.tokens);
  });
  return found == words_.end() ? nullptr : &*found;
}

std::string ClipTokenizer::decode(std::span<const std::int64_t> ids) const {
  constexpr std::string_view kEndOfWord = "</w>";
  std::string bytes;
  for (const std::int64_t id : ids) {
    if (const LearnedWord* word = word_of(id)) {
      if (id == word->first_id) bytes += word->text + std::string(kEndOfWord);
      continue;
    }
    if (id < 0 || static_cast<std::size_t>(id) >= tokens_.size()) {
      throw InputError("token " + std::to_string(id) + " is not in the vocabulary of " +
                       std::to_string(tokens_.size()));
    }
    bytes += bytes_of(tokens_[static_cast<std::size_t>(id)]);
  }
  const std::string text = to_utf8_lossy(bytes);
  std::string spaced;
  for (std::size_t i = 0; i < text.size();) {
    const bool word_ends = std::string_view(text).substr(i).starts_with(kEndOfWord);
    spaced += word_ends ? ' ' : text[i];
    i += word_ends ? kEndOfWord.size() : 1;
  }
  return trimmed(spaced);
}

}  // namespace velatura::tokenizer
