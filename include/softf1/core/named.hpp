// Things that programs choose by name: type lists, and the grammar `name[:key=value[,key=value]]` joined by `+`.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A list of types: the only registry of a folder.
template <class... T>
struct type_list {
  static constexpr std::size_t size = sizeof...(T);
  /// The list with others behind.
  template <class... More>
  using with = type_list<T..., More...>;
  /// visit.template operator()<T>() for each T in order.
  template <class Visit>
  static constexpr void for_each(Visit&& visit) {
    (visit.template operator()<T>(), ...);
  }
};

namespace detail {
template <class List>
struct variant_of;
template <class... T>
struct variant_of<type_list<T...>> {
  using type = std::variant<T...>;
};
}  // namespace detail

namespace detail {
template <class... List>
struct join_lists;
template <class... T>
struct join_lists<type_list<T...>> {
  using type = type_list<T...>;
};
template <class... T, class... U, class... More>
struct join_lists<type_list<T...>, type_list<U...>, More...> : join_lists<type_list<T..., U...>, More...> {};
}  // namespace detail

/// The types of several lists, one list after the other.
template <class... List>
using joined_lists = typename detail::join_lists<List...>::type;

/// One of the types of a list, chosen at run time.
template <class List>
using one_of = typename detail::variant_of<List>::type;

/// One item of the grammar: a name and its parameters, as written.
struct named_spec {
  struct parameter {
    std::string key, value;
  };
  std::string name;
  std::vector<parameter> parameters;
};

/// Parses `name[:key=value[,key=value]]`, joined by `+`: "bce:weight=0.3+soft_f1:weight=0.7" gives two items.
/// Throws value_error naming the text for an empty name, a parameter without `=`, or a repeated key.
inline std::vector<named_spec> parse_specs(std::string_view text) {
  auto const fail = [&](std::string const& why) {
    throw value_error("cannot read '" + std::string(text) + "': " + why + "; expected name[:key=value[,key=value]]");
  };
  auto const take = [](std::string_view& rest, char end) {
    std::size_t const at = rest.find(end);
    std::string_view const part = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return part;
  };
  std::vector<named_spec> specs;
  if (text.empty() || text.back() == '+') fail("a name is missing");
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view item = take(rest, '+');
    bool const has_parameters = item.find(':') != std::string_view::npos;
    named_spec spec;
    spec.name = take(item, ':');
    if (spec.name.empty()) fail("a name is missing");
    if (has_parameters && (item.empty() || item.back() == ',')) fail("a parameter is missing");
    while (!item.empty()) {
      std::string_view value = take(item, ',');
      if (value.find('=') == std::string_view::npos) fail("'" + std::string(value) + "' has no '='");
      std::string const key(take(value, '='));
      for (auto const& p : spec.parameters)
        if (p.key == key) fail("'" + key + "' is given twice");
      spec.parameters.push_back({key, std::string(value)});
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

/// The only item of a text, which is a name of `what`. Throws value_error for more, and as parse_specs.
inline named_spec parse_spec(std::string_view text, std::string_view what = "name") {
  auto specs = parse_specs(text);
  if (specs.size() != 1) throw value_error("expected one " + std::string(what) + ", got '" + std::string(text) + "'");
  return std::move(specs.front());
}

/// The number that `value` spells. Throws value_error naming `what`.
inline double parse_number(std::string_view value, std::string_view what) {
  double number = 0;
  auto const [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (code != std::errc{} || end != value.data() + value.size())
    throw value_error(std::string(what) + " must be a number, got '" + std::string(value) + "'");
  return number;
}

/// The option names of a thing that has none.
inline constexpr std::array<std::string_view, 0> no_options{};

/// The option names of a thing, none where it states none.
template <class C>
constexpr auto option_names_of() {
  if constexpr (requires { C::option_names; })
    return C::option_names;
  else
    return no_options;
}

/// Several arrays of names, one after the other.
template <std::size_t... N>
constexpr auto join_names(std::array<std::string_view, N> const&... parts) {
  std::array<std::string_view, (N + ... + 0)> all{};
  std::size_t k = 0;
  auto const append = [&](auto const& part) {
    for (auto name : part) all[k++] = name;
  };
  (append(parts), ...);
  return all;
}

/// The place of a word among the words that may stand there. Throws value_error listing them.
template <std::size_t N>
std::size_t place_of_word(std::string_view word, std::array<std::string_view, N> const& words, std::string_view what) {
  std::string known;
  for (std::size_t k = 0; k < N; ++k) {
    if (words[k] == word) return k;
    known += (k ? ", " : "") + std::string(words[k]);
  }
  throw value_error(std::string(what) + " must be one of " + known + ", got '" + std::string(word) + "'");
}

/// Sets the options of `thing` from a spec: numbers, of which C has `option_names` and `double& option(k)` for the k-th,
/// and words, of which it may have `word_names` and `set_word(key, value)`.
/// Throws value_error for a key that it does not have, listing those it has.
template <class C>
void set_options(C& thing, named_spec const& spec) {
  for (auto const& parameter : spec.parameters) {
    auto const &key = parameter.key, &value = parameter.value;  // no structured binding: clang's lambdas take none
    bool found = false;
    std::string known;
    auto const is_known = [&](std::string_view name) {
      known += (known.empty() ? "" : ", ") + std::string(name);
      return name == key;
    };
    std::size_t k = 0;
    for (std::string_view name : C::option_names) {
      if (is_known(name)) {
        found = true;
        if constexpr (!C::option_names.empty()) thing.option(k) = parse_number(value, spec.name + ": " + key);
      }
      ++k;
    }
    if constexpr (requires { C::word_names; })
      for (std::string_view name : C::word_names)
        if (is_known(name)) {
          found = true;
          thing.set_word(key, value);
        }
    if (!found)
      throw value_error(spec.name + " has no option '" + key + "'" +
                        (known.empty() ? ", it takes none" : ", it has " + known));
  }
}

/// Calls use(thing) for the type of the list that has the spec's name, its options set and, where it has a `check()`,
/// checked.
/// Throws value_error listing the names where there is none; `what` says what kind of thing was asked for.
template <class List, class Use>
void with_named(named_spec const& spec, std::string_view what, Use&& use) {
  bool found = false;
  std::string known;
  List::for_each([&]<class C>() {
    known += (known.empty() ? "" : ", ") + std::string(C::name);
    if (found || spec.name != C::name) return;
    found = true;
    C thing{};
    set_options(thing, spec);
    if constexpr (requires { thing.check(C::name); })
      thing.check(C::name);
    else if constexpr (requires { thing.check(); })
      thing.check();
    use(thing);
  });
  if (!found) throw value_error("no " + std::string(what) + " is named '" + spec.name + "', there are " + known);
}

}  // namespace softf1::inline SOFTF1_ABI
