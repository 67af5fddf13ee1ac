"""Metrics as their definitions say, in plain numpy: where no peer has them, or none takes the case."""
import numpy as np
import scipy.stats

from metric_cases import BINS, Differences, MAX_FPR, PROMISES, TOP_K, ZERO_DIVISIONS, mean

NAME = "the definitions"
DIFFERENCES = Differences()
MOST_CELLS = 1200  # of a curve: each threshold asks each cell


def ratio(a, b):
    return a / b if b else (np.nan if a == 0 or np.isnan(a) else np.inf)


def f_beta(beta):
    return lambda tp, fp, fn, tn: ratio((1 + beta**2) * tp, (1 + beta**2) * tp + beta**2 * fn + fp)


def recall(tp, fp, fn, tn):
    return ratio(tp, tp + fn)


def precision(tp, fp, fn, tn):
    return ratio(tp, tp + fp)


def specificity(tp, fp, fn, tn):
    return ratio(tn, tn + fp)


def mcc(tp, fp, fn, tn):
    return ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn)))


def cohen_kappa(tp, fp, fn, tn):
    n = tp + fp + fn + tn
    if min(tp + fp + fn, n - tp) <= 0:
        return np.nan
    chance = ((tp + fp) * (tp + fn) + (tn + fp) * (tn + fn)) / n**2
    return ratio((tp + tn) / n - chance, 1 - chance)


SCORES = {
    "accuracy": lambda tp, fp, fn, tn: (tp + tn) / (tp + fp + fn + tn),
    "balanced_accuracy": lambda *c: (recall(*c) + specificity(*c)) / 2,
    "cohen_kappa": cohen_kappa,
    "critical_success_index": lambda tp, fp, fn, tn: ratio(tp, tp + fp + fn),
    "f0.5": f_beta(0.5), "f1": f_beta(1), "f2": f_beta(2), "f_beta": f_beta(1), "tversky": f_beta(1),
    "false_discovery_rate": lambda *c: 1 - precision(*c),
    "false_negative_rate": lambda *c: 1 - recall(*c),
    "false_omission_rate": lambda tp, fp, fn, tn: ratio(fn, fn + tn),
    "false_positive_rate": lambda *c: 1 - specificity(*c),
    "fowlkes_mallows": lambda *c: np.sqrt(precision(*c) * recall(*c)),
    "g_mean": lambda *c: np.sqrt(recall(*c) * specificity(*c)),
    "hamming": lambda tp, fp, fn, tn: (fp + fn) / (tp + fp + fn + tn),
    "jaccard": lambda tp, fp, fn, tn: ratio(tp, tp + fp + fn),
    "mcc": mcc,
    "negative_likelihood_ratio": lambda *c: ratio(1 - recall(*c), specificity(*c)),
    "negative_predictive_value": lambda tp, fp, fn, tn: ratio(tn, tn + fn),
    "positive_likelihood_ratio": lambda *c: ratio(recall(*c), 1 - specificity(*c)),
    "precision": precision,
    "predicted_rate": lambda tp, fp, fn, tn: (tp + fp) / (tp + fp + fn + tn),
    "prevalence": lambda tp, fp, fn, tn: (tp + fn) / (tp + fp + fn + tn),
    "recall": recall,
    "specificity": specificity,
    "youden_j": lambda *c: recall(*c) + specificity(*c) - 1,
}


def confusion(y, p, w):
    return [float((w * (a == 1) * (b == 1)).sum()) for a, b in ((y, p), (1 - y, p), (y, 1 - p), (1 - y, 1 - p))]


def averages(score, labels, rows, row_weights, zero):
    """`labels`, `rows`: their counts, those of no weight left out."""
    of = [score(*c) for c in labels]
    support = [c[0] + c[2] for c in labels]
    micro = score(*np.sum(labels, 0))
    return [mean(of, np.ones(len(of)), zero), zero if np.isnan(micro) else micro,
            mean(of, support, zero) if sum(support) > 0 else zero,
            mean([score(*c) for c in rows], row_weights, zero)]


def decisions(case, out):
    counts = [confusion(*(lambda y, w, p: (y, p, w))(*case.label(j, case.predicted))) for j in range(case.labels)]
    counted = [c for c in counts if sum(c) > 0]
    rows = case.counted_rows()
    of_rows = [confusion(*case.row(i, case.predicted), 1) for i in rows]
    weights = case.row_weights[rows]
    with np.errstate(all="ignore"):
        for name, score in SCORES.items():
            out["label." + name] = [score(*c) if sum(c) > 0 else np.nan for c in counts]
            out["average." + name] = [x for zero in ZERO_DIVISIONS
                                      for x in averages(score, counted, of_rows, weights, zero)]
    p, r = (mean(out["label." + name] if len(counted) == len(counts) else [SCORES[name](*c) for c in counted],
                 np.ones(len(counted)), 0) for name in ("precision", "recall"))
    out["f1_of_means"] = [2 * p * r / (p + r) if p + r else 0.0]
    guess = []
    for tp, fp, fn, tn in counted:
        y, n = tp + fn, tp + fp + fn + tn
        guess.append([y * y / n, (n - y) * y / n, y * (1 - y / n), (n - y) * (1 - y / n)])
    macro = lambda c: averages(SCORES["f1"], c, [], [], 0)[0]
    out["baselines"] = [macro(c) for c in (counted, [[a + c, b + d, 0, 0] for a, b, c, d in counted],
                                           [[0, 0, a + c, b + d] for a, b, c, d in counted], guess)]
    out["counts"] = [x for c in counts for x in c]
    out["row_counts"] = [x for i in range(case.rows) for x in confusion(*case.row(i, case.predicted), 1)]
    y = np.where(case.present, case.targets, 0)
    p = np.where(case.present, case.predicted, 0)
    missed, alarm, w = y * (1 - p), p * (1 - y) * case.present, case.row_weights[:, None]
    out["together"] = (y.T @ (w * y)).ravel()
    out["taken_for"] = (missed.T @ (w * alarm)).ravel()
    size = case.present.sum(1)
    sets = [(missed + alarm).sum(1) == 0, (missed + alarm).sum(1) / np.maximum(size, 1),
            ((y & p).sum(1) > 0) | ((y | p).sum(1) == 0), missed.sum(1) == 0, alarm.sum(1) == 0,
            np.where((y | p).sum(1) > 0, (y & p).sum(1) / np.maximum((y | p).sum(1), 1), 1), p.sum(1) == 0,
            y.sum(1) == 0, y.sum(1) / np.maximum(size, 1), p.sum(1), y.sum(1), p.sum(1) / np.maximum(size, 1)]
    out["sets"] = [np.average(np.asarray(s, float)[rows], weights=weights) for s in sets] if rows else [np.nan] * 12
    out["subset_accuracy"] = out["sets"][:1]
    y, w, p = case.pooled(case.predicted)
    out["hamming_loss"] = [np.average(y != p, weights=w)]


def compared(case, out):
    result, ps = [], []
    for j in range(case.labels):
        y, w, a, b = case.label(j, case.predicted, case.second)
        first, second = (int(((x == y) & (z != y) & (w > 0)).sum()) for x, z in ((a, b), (b, a)))
        n = first + second
        p = (1.0 if n == 0 else scipy.stats.binomtest(first, n, 0.5).pvalue if n < 25
             else scipy.stats.chi2.sf(max(abs(first - second) - 1, 0)**2 / n, 1))
        result += [first, second, p]
        ps.append(p)
    out["mcnemar"] = result
    ps = np.array(ps)
    out["benjamini_hochberg"] = scipy.stats.false_discovery_control(ps)
    order = np.argsort(ps)
    holm = np.minimum(np.maximum.accumulate(ps[order] * np.arange(len(ps), 0, -1)), 1)
    out["holm"] = holm[np.argsort(order)]


def discounted(s, here, weights, k, discounts):
    """Of each row, Σ over its k best cells of weight · discount of the place, averaged over the orders of ties."""
    sums = np.append(0, np.cumsum(discounts))[:k + 1]
    above, at_least = (np.sum(here[:, None, :] & of(s[:, None, :], s[:, :, None]), 2)
                       for of in (np.greater, np.greater_equal))
    share = (sums[np.minimum(at_least, k)] - sums[np.minimum(above, k)]) / np.maximum(at_least - above, 1)
    return np.sum(np.where(here, weights * share, 0), 1)


def rows_of(case, out):
    y, s, here, w = case.targets == 1, case.scores, case.present, case.row_weights
    yes, no = y & here, ~y & here
    positives, negatives = yes.sum(1), no.sum(1)
    counted, both = here.any(1), (positives > 0) & (negatives > 0)
    # [i, j, l]: label l is at or above, or above, label j.
    at_least, above = (of(s[:, None, :], s[:, :, None]) for of in (np.greater_equal, np.greater))
    rank = (at_least & here[:, None, :]).sum(2)
    wrong = (at_least & no[:, None, :]).sum(2) * yes
    worse = (above & no[:, None, :]).sum(2) * yes

    def row_mean(values, rows):
        return np.average(values[rows], weights=w[rows]) if w[rows].sum() else np.nan

    pairs = np.maximum(positives * negatives, 1)
    precision_sum = ((at_least & yes[:, None, :]).sum(2) / np.maximum(rank, 1) * yes).sum(1) / np.maximum(positives, 1)
    none = (positives == 0)
    first_right = ~none & ((np.where(yes, s, -np.inf).max(1) > np.where(no, s, -np.inf).max(1)) | (negatives == 0))
    out["coverage_error"] = [row_mean((rank * yes).max(1), counted)]
    out["ranking_loss"] = [row_mean(wrong.sum(1) / pairs, counted)]
    out["lrap"] = [row_mean(np.where(none, 1, precision_sum), counted)]
    out["row_errors"] = [row_mean(v, counted) for v in (~first_right, wrong.sum(1) > 0, wrong.sum(1))]
    out["rows_left_out"] = [(~counted).sum(), (counted & none).sum(), (counted & (negatives == 0)).sum()]
    out["average.average_precision"] = [None] * 3 + [row_mean(precision_sum, ~none & counted)]
    out["average.roc_auc"] = [None] * 3 + [row_mean(1 - (wrong + worse).sum(1) / 2 / pairs, both)]

    gains = (1 + np.arange(case.labels) / 2) * y
    places = np.arange(max(TOP_K))
    ones, logs = np.ones(len(places)), 1 / np.log2(places + 2)
    names = ("precision_at_k", "recall_at_k", "ndcg_at_k", "scored_precision_at_k", "scored_ndcg_at_k")
    out.update({name: [] for name in names})
    for k in TOP_K:
        hits = discounted(s, here, y, k, ones)
        ideal = discounted(y + 0.0, here, y, k, logs)
        ideal = np.where(ideal > 0, ideal, 1)
        out["precision_at_k"].append(row_mean(hits / k, counted))
        out["recall_at_k"].append(row_mean(hits / np.maximum(positives, 1), ~none & counted))
        out["ndcg_at_k"].append(row_mean(discounted(s, here, y, k, logs) / ideal, counted))
        for name, discounts, norm in (("scored_precision_at_k", ones, k), ("scored_ndcg_at_k", logs, ideal)):
            value, best = (row_mean(discounted(by, here, gains, k, discounts) / norm, counted) for by in (s, gains))
            out[name] += [value / best if best else np.nan, value]


def calibration(y, w, p, bins):
    """ECE, MCE, RMSCE; reliability and resolution; mean probability and frequency of each bin."""
    if w.sum() == 0:
        return [np.nan] * 5, [np.nan] * (2 * bins)
    place = np.minimum((p * bins).astype(int), bins - 1)
    weight, prob, hit = (np.bincount(place, x, bins) for x in (w, w * p, w * y))
    some = weight > 0
    gap = np.abs(prob - hit)[some] / weight[some]
    share = weight[some] / w.sum()
    off = hit[some] / weight[some] - hit.sum() / w.sum()
    points = np.where(some, [prob / np.where(some, weight, 1), hit / np.where(some, weight, 1)], np.nan)
    return [(share * gap).sum(), gap.max(), np.sqrt((share * gap**2).sum()), (share * gap**2).sum(),
            (share * off**2).sum()], points.T.ravel()


def adaptive(y, w, p, s, bins):
    """The calibration error in bins of equal weight; equal scores lie where the middle of theirs does."""
    if w.sum() == 0:
        return np.nan
    at, of = np.unique(-s, return_inverse=True)
    weight = np.bincount(of, w, len(at))
    bin_of = np.minimum(np.floor(bins * (np.cumsum(weight) - weight / 2) / w.sum()), bins - 1).astype(int)[of]
    return np.abs(np.bincount(bin_of, w * (p - y), bins)).sum() / w.sum()


def probabilities(case, out):
    parts = [case.label(j, case.probabilities, case.scores) for j in range(case.labels)]
    pooled = case.pooled(case.probabilities, case.scores)

    def loss(y, w, p, s):
        if case.logits:
            each = np.logaddexp(0, np.where(y == 1, -s, s))
        else:
            each = -np.log(np.maximum(np.where(y == 1, p, 1 - p), np.finfo(float).eps))
        return np.average(each, weights=w) if w.sum() else np.nan

    def put(name, of):
        values = [of(*part) for part in parts]
        out[name] = values + [mean(values, np.ones(len(values)), np.nan), of(*pooled)]

    put("log_loss", loss)
    put("adaptive", lambda y, w, p, s: adaptive(y, w, p, s, 3))
    put("brier", lambda y, w, p, s: np.average((p - y)**2, weights=w) if w.sum() else np.nan)
    for bins in BINS:
        for k, name in enumerate(("ece", "mce", "rmsce")):
            put(f"{name}.{bins}", lambda y, w, p, s: calibration(y, w, p, bins)[0][k])
    figures, out["diagram"] = calibration(*pooled[:3], 10)
    y, w, p, _ = pooled
    rate = np.average(y, weights=w)
    reliability, resolution, uncertainty = figures[3], figures[4], rate * (1 - rate)
    brier = out["brier"][-1]
    out["brier_parts"] = [brier, reliability, resolution, uncertainty,
                          brier - reliability + resolution - uncertainty]


def curves(case, out):
    for name, (y, w, s) in (("first", case.label(0, case.scores)), ("pooled", case.pooled(case.scores))):
        if len(y) > MOST_CELLS:
            continue
        points = curve(y, w, s)
        if name == "pooled":
            out["average.average_precision"][1], out["average.roc_auc"][1] = areas(points)
        counts = [(tp, fp, *rest) for _, tp, fp, *rest in points]
        total = w.sum()
        with np.errstate(all="ignore"):
            rows = {
                "roc": [(t, 1 - specificity(*c), recall(*c)) for (t, *_), c in zip(points, counts)],
                "det": [(t, 1 - specificity(*c), 1 - recall(*c)) for (t, *_), c in zip(points, counts)],
                "gain": [(t, ratio(c[0] + c[1], total), recall(*c), ratio(recall(*c), ratio(c[0] + c[1], total)))
                         for (t, *_), c in zip(points, counts)],
                "precision_recall": [(t, precision(*c), recall(*c)) for (t, *_), c in zip(points[:0:-1], counts[:0:-1])]
                                    + [(np.inf, 1, 0)],
                "f1_curve": [(t, np.nan_to_num(SCORES["f1"](*c)) if total else np.nan)
                             for (t, *_), c in zip(points, counts)],
            }
        for kind, values in rows.items():
            out[f"{kind}.{name}"] = np.array(values).ravel()
    out["partial_area"], out["partial_roc_auc"], each, supports = [], [], [], []
    best = {name: [] for name in ("precision_at_recall", "recall_at_precision", "sensitivity_at_specificity",
                                  "specificity_at_sensitivity")}
    for j in range(case.labels):
        points = curve(*case.label(j, case.scores))
        each.append(areas(points))
        supports.append(points[0][3])
        tpr, fpr = (np.array([of(*p[1:]) for p in points]) for of in (recall, lambda *c: 1 - specificity(*c)))
        for most in MAX_FPR:
            x = np.append(fpr[fpr <= most], most)
            if np.isnan(tpr + fpr).any():
                out["partial_area"].append(np.nan)
            else:
                y = np.append(tpr[fpr <= most], cut(fpr, tpr, most))
                out["partial_area"].append(float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum()))
            area, chance = out["partial_area"][-1], most**2 / 2
            out["partial_roc_auc"].append(area if most == 1 else (1 + (area - chance) / (most - chance)) / 2)
        for least in PROMISES:
            for name, (score, promise) in zip(best, ((precision, recall), (recall, precision), (recall, specificity),
                                                     (specificity, recall))):
                best[name] += operating(points, score, promise, least)
    out.update(best)
    for name, values in zip(("average_precision", "roc_auc"), zip(*each)):
        out["label." + name] = list(values)
        out["average." + name][0] = mean(values, np.ones(len(values)), np.nan)
        out["average." + name][2] = mean(values, supports, np.nan)


def curve(y, w, s):
    """(threshold, tp, fp, fn, tn) from +inf downwards."""
    y, w, s = y[w > 0], w[w > 0], s[w > 0]
    at = np.unique(s)[::-1]
    above = s[None, :] >= at[:, None]
    tp, fp = above @ (w * y), above @ (w * (1 - y))
    p, n = (w * y).sum(), (w * (1 - y)).sum()
    return [(np.inf, 0.0, 0.0, p, n)] + [(t, a, b, p - a, n - b) for t, a, b in zip(at, tp, fp)]


def areas(points):
    """Average precision and AUROC."""
    steps = list(zip(points, points[1:]))
    p, n = points[0][3:]
    precisions = sum((b[1] - a[1]) * b[1] / (b[1] + b[2]) for a, b in steps)
    area = sum((b[2] - a[2]) * (a[1] + b[1]) / 2 for a, b in steps)
    return precisions / p if p else np.nan, area / (p * n) if p * n else np.nan


def cut(fpr, tpr, most):
    """The ROC curve's line at a false positive rate: the upper end where it is vertical."""
    k = np.flatnonzero(fpr <= most)[-1]
    if fpr[k] == most or k + 1 == len(fpr):
        return tpr[k]
    return tpr[k] + (tpr[k + 1] - tpr[k]) * (most - fpr[k]) / (fpr[k + 1] - fpr[k])


def operating(points, score, promise, least):
    scored = [(score(*p[1:]), promise(*p[1:]), p[0]) for p in points]
    scored = [p for p in scored if not np.isnan(p[0] + p[1])]
    kept = [p for p in scored if p[1] >= least]
    if not scored:
        return [np.nan, np.inf]
    return [max(kept)[0], max(kept)[2]] if kept else [0.0, np.inf]


def answers(case):
    out = {}
    decisions(case, out)
    compared(case, out)
    rows_of(case, out)
    probabilities(case, out)
    curves(case, out)
    return out
