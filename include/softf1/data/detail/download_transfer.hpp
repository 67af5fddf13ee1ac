// One attempt to fetch an image, as a handle of libcurl.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/download_address.hpp>
#include <softf1/data/detail/names.hpp>
#include <softf1/data/download_options.hpp>
#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

struct curl_deleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using curl_url_pointer = std::unique_ptr<CURLU, curl_deleter>;

/// Sets options of a handle. Throws backend_error for one that this libcurl does not have: all are needed.
template <class T>
void set_curl_option(CURL* handle, CURLoption option, T value) {
  if (auto const code = curl_easy_setopt(handle, option, value); code != CURLE_OK)
    throw backend_error("download_images: libcurl refuses option " + std::to_string(static_cast<int>(option)) + ": " +
                        curl_easy_strerror(code));
}

/// A URL taken apart as libcurl will do it.
struct parsed_url {
  curl_url_pointer url;
  std::string host;    ///< in lower case
  std::string reason;  ///< why it is no URL to fetch; empty where it is one
};

inline parsed_url parse_url(std::string const& text) {
  parsed_url parsed{curl_url_pointer(curl_url()), {}, {}};
  auto const part = [&](CURLUPart which) {
    char* value = nullptr;
    if (curl_url_get(parsed.url.get(), which, &value, 0) != CURLUE_OK) return std::string();
    std::string const copy = value;
    curl_free(value);
    return copy;
  };
  if (text.empty()) {
    parsed.reason = "the URL is empty";
  } else if (curl_url_set(parsed.url.get(), CURLUPART_URL, text.c_str(), CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME) !=
             CURLUE_OK) {
    parsed.reason = "expected a URL that begins with http:// or https://, got " + io::detail::in_quotes(text);
  } else if (auto const scheme = part(CURLUPART_SCHEME); scheme != "http" && scheme != "https") {
    parsed.reason = "expected a URL of http or https, got one of " + io::detail::in_quotes(scheme);
  } else if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    parsed.reason = "the URL holds a user name or a password";
  }
  parsed.host = lower_case(part(CURLUPART_HOST));
  return parsed;
}

/// An attempt that runs in a multi handle. It stays where it is: libcurl keeps pointers to it.
class download_transfer {
 public:
  using clock = std::chrono::steady_clock;

  download_transfer(std::size_t item, parsed_url url, download_options const& options)
      : item_(item), url_(std::move(url)), options_(options), handle_(curl_easy_init()) {
    if (!handle_) throw backend_error("download_images: libcurl makes no handle");
    set_options();
  }
  download_transfer(download_transfer const&) = delete;
  download_transfer& operator=(download_transfer const&) = delete;

  CURL* handle() const { return handle_.get(); }
  std::size_t item() const { return item_; }
  std::string const& host() const { return url_.host; }
  std::vector<std::byte> const& body() const { return body_; }
  clock::time_point last_data() const { return last_data_; }

  /// Whether the answer is a body to look at, or why not.
  struct verdict {
    std::string reason;      ///< empty for a body
    bool is_final = false;   ///< trying again would not help
    double retry_after = 0;  ///< seconds that the server asks for
  };

  verdict judge(CURLcode code) const {
    if (is_html_) return {"the server sent an HTML page in place of an image", true};
    if (is_large_ || code == CURLE_FILESIZE_EXCEEDED)
      return {"the image is larger than " + std::to_string(options_.max_bytes) + " bytes", true};
    if (code == CURLE_OK || is_error_body_) return judge_status();
    if (!refused_.empty()) return {"the address " + refused_ + " is not of the public internet", true};
    switch (code) {
      case CURLE_TOO_MANY_REDIRECTS:
        return {"more than " + std::to_string(options_.max_redirects) + " redirects", true};
      case CURLE_UNSUPPORTED_PROTOCOL:
        return {"redirected to a URL of neither http nor https", true};
      case CURLE_LOGIN_DENIED:
        return {"redirected to a URL that holds a user name or a password", true};
      case CURLE_URL_MALFORMAT:
        return {"redirected to what is no URL", true};
      case CURLE_OPERATION_TIMEDOUT:
        return {"not done in " + number_text(options_.timeout) + " s"};
      case CURLE_PEER_FAILED_VERIFICATION:
        return {"the server's certificate cannot be trusted", true};
      case CURLE_COULDNT_RESOLVE_HOST:
        return {"the name of the host cannot be resolved"};
      case CURLE_COULDNT_CONNECT:
        return {"the host takes no connection"};
      case CURLE_GOT_NOTHING:
      case CURLE_SEND_ERROR:
      case CURLE_RECV_ERROR:
        return {"the connection was closed without an answer"};
      case CURLE_PARTIAL_FILE:
        return {"the connection was closed before the image was complete"};
      default:
        return {*error_ ? std::string(error_) : std::string(curl_easy_strerror(code))};
    }
  }

 private:
  verdict judge_status() const {
    long status = 0;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return {};
    curl_off_t wait = 0;
#if LIBCURL_VERSION_NUM >= 0x074200
    curl_easy_getinfo(handle(), CURLINFO_RETRY_AFTER, &wait);
#endif
    bool const may_pass = status >= 500 || status == 429 || status == 408;
    return {"the server answered with status " + std::to_string(status), !may_pass, static_cast<double>(wait)};
  }

  void set_options() {
    auto* const h = handle();
    auto const milliseconds = [](double seconds) { return static_cast<long>(std::clamp(1000 * seconds, 1.0, 1e9)); };
    set_curl_option(h, CURLOPT_CURLU, url_.url.get());
    // Also after redirects: neither files nor other services of this machine are anybody's images.
#if LIBCURL_VERSION_NUM >= 0x075500
    set_curl_option(h, CURLOPT_PROTOCOLS_STR, "http,https");
    set_curl_option(h, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    set_curl_option(h, CURLOPT_PROTOCOLS, long{CURLPROTO_HTTP | CURLPROTO_HTTPS});
    set_curl_option(h, CURLOPT_REDIR_PROTOCOLS, long{CURLPROTO_HTTP | CURLPROTO_HTTPS});
#endif
    set_curl_option(h, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set_curl_option(h, CURLOPT_FOLLOWLOCATION, 1L);
    set_curl_option(h, CURLOPT_MAXREDIRS, static_cast<long>(options_.max_redirects));
    // A proxy would connect for us, to addresses that we do not see.
    set_curl_option(h, CURLOPT_PROXY, "");
    set_curl_option(h, CURLOPT_NOSIGNAL, 1L);
    set_curl_option(h, CURLOPT_TIMEOUT_MS, milliseconds(options_.timeout));
    set_curl_option(h, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.max_bytes));
    set_curl_option(h, CURLOPT_USERAGENT, options_.user_agent.c_str());
    set_curl_option(h, CURLOPT_ERRORBUFFER, static_cast<char*>(error_));
    set_curl_option(h, CURLOPT_PRIVATE, static_cast<void*>(this));
    set_curl_option(h, CURLOPT_WRITEFUNCTION, &download_transfer::take_body);
    set_curl_option(h, CURLOPT_WRITEDATA, static_cast<void*>(this));
    set_curl_option(h, CURLOPT_HEADERFUNCTION, &download_transfer::take_header);
    set_curl_option(h, CURLOPT_HEADERDATA, static_cast<void*>(this));
    set_curl_option(h, CURLOPT_OPENSOCKETFUNCTION, &download_transfer::open_socket);
    set_curl_option(h, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  }

  static std::size_t take_header(char*, std::size_t size, std::size_t count, void* self) {
    static_cast<download_transfer*>(self)->last_data_ = clock::now();
    return size * count;
  }

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<download_transfer*>(self)->take({data, size * count}) ? size * count : 0;
  }

  /// False ends the transfer.
  bool take(std::string_view data) {
    last_data_ = clock::now();
    long status = 0;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    is_error_body_ = status != 200;
    if (is_error_body_) {
      // A short page is read to its end, so that the connection can be used again.
      constexpr std::size_t longest_page = 100'000;
      ignored_ += data.size();
      return ignored_ <= longest_page;
    }
    if (body_.empty()) {
      char const* type = nullptr;
      curl_easy_getinfo(handle(), CURLINFO_CONTENT_TYPE, &type);
      is_html_ = type && lower_case(type).starts_with("text/html");
      if (is_html_) return false;
    }
    is_large_ = data.size() > options_.max_bytes - body_.size();
    if (is_large_) return false;
    auto const bytes = std::as_bytes(std::span(data));
    body_.insert(body_.end(), bytes.begin(), bytes.end());
    return true;
  }

  /// Looks at the address that a connection is made to, whatever name or redirect led there.
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<download_transfer*>(self);
    auto const& options = transfer.options_;
    // libcurl's member has the type sockaddr and the room of the larger kinds.
    auto const* const raw = reinterpret_cast<char const*>(address) + offsetof(curl_sockaddr, addr);
    auto const text = address_text(address->family, raw);
    auto const& allowed = options.allowed_addresses;
    bool const is_fine = options.allow_private || is_public(address->family, raw) ||
                         std::find(allowed.begin(), allowed.end(), text) != allowed.end();
    if (!is_fine) {
      transfer.refused_ = text;
      return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  std::size_t item_;
  parsed_url url_;
  download_options const& options_;
  std::vector<std::byte> body_;
  std::size_t ignored_ = 0;
  bool is_html_ = false, is_large_ = false, is_error_body_ = false;
  std::string refused_;  // an address
  clock::time_point last_data_ = clock::now();
  char error_[CURL_ERROR_SIZE] = "";
  std::unique_ptr<CURL, curl_deleter> handle_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
