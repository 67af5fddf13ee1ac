// Which network addresses belong to the public internet.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// An address of IPv4, in the host's order of bytes, that is public: not private (RFC 1918), of a carrier's network
/// (RFC 6598), loopback, link-local, unspecified, for documentation or benchmarks, multicast or reserved (RFC 6890).
constexpr bool is_public_ipv4(std::uint32_t address) {
  struct block {
    std::uint32_t network;
    int bits;
  };
  constexpr block reserved[] = {{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},
                                {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24},
                                {0xC0586300, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xC6336400, 24},
                                {0xCB007100, 24}, {0xE0000000, 3}};
  for (auto const& block : reserved)
    if ((address ^ block.network) >> (32 - block.bits) == 0) return false;
  return true;
}

/// An address of IPv6 that is public: global unicast (2000::/3) without Teredo, 6to4 and documentation; and
/// 64:ff9b::/96 (RFC 6052), where the IPv4 address in it is public. IPv4-mapped, unique local, link-local, multicast
/// and loopback addresses are not.
inline bool is_public_ipv6(unsigned char const (&bytes)[16]) {
  auto const word = [&](int k) { return (static_cast<std::uint32_t>(bytes[2 * k]) << 8) | bytes[2 * k + 1]; };
  if (word(0) == 0x64 && word(1) == 0xff9b && (word(2) | word(3) | word(4) | word(5)) == 0)
    return is_public_ipv4((word(6) << 16) | word(7));
  if (word(0) >> 13 != 1 || word(0) == 0x2002) return false;
  return word(0) != 0x2001 || (word(1) >= 0x0200 && word(1) != 0x0db8);
}

/// Whether a socket may be connected to this address (of sockaddr's kinds) without further questions; false for
/// anything but IP.
inline bool is_public(int family, void const* address) {
  if (family == AF_INET) {
    ::sockaddr_in ip{};
    std::memcpy(&ip, address, sizeof ip);
    return is_public_ipv4(ntohl(ip.sin_addr.s_addr));
  }
  if (family != AF_INET6) return false;
  ::sockaddr_in6 ip{};
  std::memcpy(&ip, address, sizeof ip);
  unsigned char bytes[16];
  std::memcpy(bytes, &ip.sin6_addr, sizeof bytes);
  return is_public_ipv6(bytes);
}

/// "127.0.0.1", "::1"; "of no internet protocol" for anything else.
inline std::string address_text(int family, void const* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (family == AF_INET) {
    ::sockaddr_in ip{};
    std::memcpy(&ip, address, sizeof ip);
    ::inet_ntop(AF_INET, &ip.sin_addr, text, sizeof text);
  } else if (family == AF_INET6) {
    ::sockaddr_in6 ip{};
    std::memcpy(&ip, address, sizeof ip);
    ::inet_ntop(AF_INET6, &ip.sin6_addr, text, sizeof text);
  }
  return *text ? text : "of no internet protocol";
}

}  // namespace softf1::inline SOFTF1_ABI::data::detail
