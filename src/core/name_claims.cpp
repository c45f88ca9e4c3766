#include "core/name_claims.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <random>
#include <sstream>
#include <utility>
#include <vector>

#include "core/sha256.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

const std::string kPrefix = ".velatura-";
constexpr const char* kEnding = ".claim";
constexpr std::time_t kDay = std::time_t{24} * 60 * 60;
constexpr int kMostAttempts = 100;

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

// A name of its own, so that the longest name can be reserved.
fs::path claim_of(const fs::path& file) {
  const std::string hash = sha256(file.filename().string()).substr(0, 24);
  return folder_of(file) / (kPrefix + hash + kEnding);
}

std::string random_name() {
  std::random_device random;
  std::ostringstream name;
  name << kPrefix << std::hex << random() << random() << kEnding;
  return name.str();
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// Who made a claim, as its file says.
struct Maker {
  std::string host;
  pid_t process = 0;
  std::string tag;
};

Maker read_maker(int descriptor) {
  std::array<char, 1024> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  std::istringstream lines(std::string(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0));
  Maker maker;
  std::string process;
  std::getline(lines, maker.host);
  std::getline(lines, process);
  std::getline(lines, maker.tag);
  maker.process = static_cast<pid_t>(std::strtol(process.c_str(), nullptr, 10));
  return maker;
}

bool is_same_file(const struct stat& a, const fs::path& path) {
  struct stat b {};
  return ::lstat(path.c_str(), &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/// A claim that is being looked at.
class Opened {
 public:
  explicit Opened(const fs::path& path) : path_(path) {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor_ < 0 && errno == EACCES)  // another user's
      descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    is_gone_ = descriptor_ < 0 && errno == ENOENT;
  }
  ~Opened() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  bool is_gone() const { return is_gone_; }
  std::optional<Maker> maker() const {
    return descriptor_ < 0 ? std::nullopt : std::optional(read_maker(descriptor_));
  }

  // Whether its run is at work no more. It stays locked then: nobody else takes it meanwhile.
  // @param tag  of who asks
  bool is_abandoned(const std::string& tag) {
    struct stat status {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) return false;
    const bool locked = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno == EWOULDBLOCK) return false;
    if (!is_same_file(status, path_)) return false;
    const Maker maker = read_maker(descriptor_);
    // Its run was killed as it made it; one that is at it sees that it is gone, and makes another.
    if (maker.host.empty() && status.st_nlink == 1) return true;
    if (std::time(nullptr) - status.st_mtime > kDay) return true;
    // Where locks do not reach from machine to machine, or are missing, they tell less.
    if (!locked) return maker.host == host_name() && is_dead(maker.process);
    return maker.host == host_name() || (!tag.empty() && maker.tag == tag);
  }

 private:
  static bool is_dead(pid_t process) {
    return process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
  }

  fs::path path_;
  int descriptor_ = -1;
  bool is_gone_ = false;
};

}  // namespace

NameClaims::NameClaims(std::string tag) : tag_(std::move(tag)) {}

NameClaims::~NameClaims() {
  while (!anchors_.empty()) drop(fs::path(anchors_.begin()->first));
}

bool NameClaims::take(const fs::path& file) {
  const fs::path claim = claim_of(file);
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    Anchor* const anchor = anchor_in(folder_of(file));
    if (anchor == nullptr) return true;
    if (::link(anchor->path.c_str(), claim.c_str()) == 0 || is_own(*anchor, claim)) {
      anchor->claims.insert(claim);
      return true;
    }
    if (errno == EEXIST) {
      Opened other(claim);
      if (other.is_gone()) continue;
      if (!other.is_abandoned(tag_)) return false;
      ::unlink(claim.c_str());
    } else if (errno == ENOENT) {
      drop(folder_of(file));  // somebody has removed it
    } else {
      return true;
    }
  }
  return false;
}

bool NameClaims::take_new(const fs::path& file) {
  const auto is_there = [&file] {
    std::error_code unreadable;
    return fs::exists(fs::symlink_status(file, unreadable));
  };
  if (is_there() || !take(file)) return false;
  if (!is_there()) return true;
  give_back(file);  // it came and was given back in between
  return false;
}

void NameClaims::give_back(const fs::path& file) {
  const auto anchor = anchors_.find(folder_of(file));
  const fs::path claim = claim_of(file);
  if (anchor == anchors_.end() || anchor->second.claims.erase(claim) == 0) return;
  if (is_own(anchor->second, claim)) ::unlink(claim.c_str());
  if (anchor->second.claims.empty()) drop(folder_of(file));
}

std::optional<std::string> NameClaims::holder(const fs::path& file) {
  const auto maker = Opened(claim_of(file)).maker();
  return maker ? std::optional(maker->tag) : std::nullopt;
}

void NameClaims::sweep(const fs::path& folder, const std::string& tag) {
  std::vector<fs::path> claims, files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool is_claim = name.starts_with(kPrefix) && name.ends_with(kEnding);
    (is_claim ? claims : files).push_back(entry.path());
  }
  if (claims.empty()) return;
  std::set<fs::path> of_files;
  for (const fs::path& file : files) of_files.insert(claim_of(file));
  for (const fs::path& path : claims) {
    Opened claim(path);
    const auto maker = claim.maker();
    if (!maker || (!maker->tag.empty() && maker->tag != tag && of_files.contains(path))) continue;
    if (claim.is_abandoned(tag)) ::unlink(path.c_str());
  }
}

// Null where nothing can be reserved.
NameClaims::Anchor* NameClaims::anchor_in(const fs::path& folder) {
  const auto known = anchors_.find(folder);
  if (known != anchors_.end()) return &known->second;
  std::error_code failed;
  fs::create_directories(folder, failed);
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    const fs::path path = folder / random_name();
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EEXIST) continue;
    if (descriptor < 0) return nullptr;
    struct stat status {};
    ::fstat(descriptor, &status);
    const bool held = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (!held || !is_same_file(status, path)) {  // somebody looked at it just now
      ::unlink(path.c_str());
      ::close(descriptor);
      continue;
    }
    const std::string text = host_name() + "\n" + std::to_string(::getpid()) + "\n" + tag_ + "\n";
    // Without its text it would be taken for one of another machine, and expires late.
    [[maybe_unused]] const ssize_t written = ::write(descriptor, text.data(), text.size());
    return &anchors_.emplace(folder, Anchor{path, descriptor, {}}).first->second;
  }
  return nullptr;
}

// link() may have made a link though it says that one is there: on NFS, where answers get lost.
bool NameClaims::is_own(const Anchor& anchor, const fs::path& claim) const {
  const int reason = errno;
  struct stat status {};
  const bool own = ::fstat(anchor.descriptor, &status) == 0 && is_same_file(status, claim);
  errno = reason;
  return own;
}

void NameClaims::drop(const fs::path& folder) {
  const auto found = anchors_.find(folder);
  if (found == anchors_.end()) return;
  const Anchor& anchor = found->second;
  for (const fs::path& claim : anchor.claims)
    if (is_own(anchor, claim)) ::unlink(claim.c_str());
  ::unlink(anchor.path.c_str());
  ::close(anchor.descriptor);
  anchors_.erase(found);
}

}  // namespace velatura
