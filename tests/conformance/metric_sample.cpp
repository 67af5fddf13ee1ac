// metric_sample CASES ANSWERS: reads the cases that metric_cases.py has drawn, writes what softf1 says of them.
// A case is a list of doubles: rows, cols, 1 for logits, 1 for weights, for a mask, for thresholds; scores, targets, and
// what there is of the others. An answer is a line: the name, the number of numbers, the numbers; a case ends by ".".
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "conformance/metric_answers.hpp"

namespace {

/// The next n numbers of the file; ends the program where there are fewer.
std::vector<double> take(std::FILE* file, std::size_t n) {
  std::vector<double> numbers(n);
  if (std::fread(numbers.data(), sizeof(double), n, file) != n) {
    std::fprintf(stderr, "metric_sample: the cases end too early\n");
    std::exit(1);
  }
  return numbers;
}

metric_answers::metric_case read_case(std::FILE* file) {
  auto const head = take(file, 6);
  metric_answers::metric_case c;
  c.rows = static_cast<std::size_t>(head[0]), c.cols = static_cast<std::size_t>(head[1]), c.logits = head[2] != 0;
  c.scores = take(file, c.rows * c.cols), c.targets = take(file, c.rows * c.cols);
  if (head[3] != 0) c.weights = take(file, c.rows);
  if (head[4] != 0)
    for (double present : take(file, c.rows * c.cols)) c.mask.push_back(present != 0 ? 1 : 0);
  if (head[5] != 0) c.thresholds = take(file, c.cols);
  return c;
}

}  // namespace

int main(int arguments, char** argument) {
  if (arguments != 3) return std::fprintf(stderr, "usage: metric_sample CASES ANSWERS\n"), 2;
  std::FILE* const cases = std::fopen(argument[1], "rb");
  std::FILE* const out = std::fopen(argument[2], "w");
  if (!cases || !out) return std::fprintf(stderr, "metric_sample: cannot open the files\n"), 1;
  for (auto left = static_cast<std::size_t>(take(cases, 1)[0]); left > 0; --left) {
    for (auto const& [name, numbers] : metric_answers::answer(read_case(cases))) {
      std::fprintf(out, "%s %zu", name.c_str(), numbers.size());
      for (double x : numbers) std::fprintf(out, " %.17g", x);
      std::fprintf(out, "\n");
    }
    std::fprintf(out, ".\n");
  }
  std::fclose(cases);
  return std::fclose(out) == 0 ? 0 : 1;
}
