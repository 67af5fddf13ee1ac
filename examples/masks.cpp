// Missing labels, row weights and a streamed report, with nothing but std::vector.
#include <softf1/metrics/all.hpp>
#include <softf1/metrics/report_text.hpp>

#include <cstdint>
#include <cstdio>
#include <vector>

using namespace softf1;

int main() {
  std::vector<float> scores{.9f, .2f, .4f, .8f, .7f, .6f, .3f, .1f};  // 4 rows, 2 labels, probabilities
  std::vector<std::uint8_t> targets{1, 0, 0, 1, 1, 1, 1, 0};
  std::vector<std::uint8_t> known{1, 1, 1, 1, 1, 0, 1, 1};  // row 2, label 1 was never annotated
  std::vector<double> weights{1, 1, 2, 1};

  auto const report =
      make_report(as_matrix(scores, 4, 2), as_matrix(targets, 4, 2),
                  {.domain = probability, .mask = as_matrix(known, 4, 2), .row_weights = weights}, {"cat", "dog"});
  std::fputs(to_text(report).c_str(), stdout);

  confusion_counts all;  // batches of any size; the counts add up, so the F1 is that of the whole
  for (std::size_t first = 0; first < 4; first += 2)
    all.add(as_matrix(scores.data() + 2 * first, 2, 2), as_matrix(targets.data() + 2 * first, 2, 2),
            {.domain = probability});
  std::printf("label 0: tp %g, fp %g, fn %g, tn %g\n", all[0].tp, all[0].fp, all[0].fn, all[0].tn);
}
