"""Decision strategies by their published definitions, in plain numpy: every threshold is tried, every set of a row.

An answer is one of: accepts, (tp, fp) of each label under its threshold; probabilities, the thresholds themselves;
rows, the decisions of each row as a text of 0 and 1. None: not defined, or two choices that differ by rounding alone.
"""
import itertools

import numpy as np

NEAR = 1e-11


def curve(y, w, s):
    """Distinct thresholds, from the highest, +inf before them, and what each accepts: tp and fp. Cells of weight 0 are
    none."""
    y, w, s = (a[w > 0] for a in (y, w, s))
    order = np.argsort(-s, kind="stable")
    y, w, s = y[order], w[order], s[order]
    last = np.append(s[1:] != s[:-1], True)[:len(s)]
    none = [0.0]
    return [np.concatenate((first, a)) for first, a in
            (([np.inf], s[last]), (none, np.cumsum(w * y)[last]), (none, np.cumsum(w * (1 - y))[last]))]


def choice(values):
    """The first of the greatest values; None where another is as great but for rounding, or none is defined."""
    values = np.where(np.isnan(values), -np.inf, values)
    best = int(np.argmax(values))
    near = (np.abs(values - values[best]) <= NEAR) & (values != values[best])
    return None if near.any() or not np.isfinite(values[best]) else best


def f_beta(tp, fp, positives, beta=1.0):
    b = beta * beta
    with np.errstate(invalid="ignore"):
        f = (1 + b) * tp / (b * positives + tp + fp)
    return np.nan_to_num(f)


def rates(tp, fp):
    return tp / tp[-1], fp / fp[-1]


def youden(tp, fp):
    tpr, fpr = rates(tp, fp)
    return tpr - fpr


def roc_corner(tp, fp):
    tpr, fpr = rates(tp, fp)
    return -np.hypot(fpr, 1 - tpr)


def equal_error(tp, fp):
    tpr, fpr = rates(tp, fp)
    return -np.abs(fpr - (1 - tpr))


def scutfbr(least, accepted):
    """Yang 2001, SCutFBR: where the best F1 stays below `least`, so many distinct scores are accepted."""
    def find(tp, fp):
        f = f_beta(tp, fp, tp[-1])
        at = choice(f)
        return at if at is None or f[at] >= least else accepted
    return find


def by_value(value):
    return lambda tp, fp: choice(value(tp, fp))


# Of tp and fp of a curve, the point that is chosen. Source of each: its header in include/softf1/thresholds.
EACH_LABEL = {
    "best": by_value(lambda tp, fp: f_beta(tp, fp, tp[-1])),
    "best f_beta:beta=2": by_value(lambda tp, fp: f_beta(tp, fp, tp[-1], 2)),
    "youden": by_value(youden),
    "roc_corner": by_value(roc_corner),
    "equal_error": by_value(equal_error),
    "scutfbr0": scutfbr(0.6, 0),
    "scutfbr1": scutfbr(0.6, 1),
    "cost": by_value(lambda tp, fp: -(2 * fp + 5 * (tp[-1] - tp))),
    "pcut_label": by_value(lambda tp, fp: -np.abs(tp + fp - tp[-1])),
}
BOTH_CLASSES = ("youden", "roc_corner", "equal_error")
# One threshold for all labels, from the curve of all cells.
ALL_LABELS = {"global": EACH_LABEL["best"], "pcut": EACH_LABEL["pcut_label"]}


def fixed_point(q, w):
    """Lipton, Elkan and Naryanaswamy 2014: F/2, where F <- 2 sum q [q >= F/2] / (sum [q >= F/2] + sum q)."""
    f = 0.0
    while True:
        yes = q >= f / 2
        total = (w * yes).sum() + (w * q).sum()
        better = 2 * (w * q * yes).sum() / total if total > 0 else 0.0
        if not better > f + 1e-15:
            return f / 2 if f > 0 else None
        f = better


def half_of_best(y, w, q):
    _, tp, fp = curve(y, w, q)
    return f_beta(tp, fp, tp[-1]).max() / 2


def online(y, w, q):
    """Busa-Fekete et al. 2015: a / b, with a the hits and b the predictions and true labels so far."""
    a = b = 0.0
    for target, weight, probability in zip(y, w, q):
        yes = weight > 0 and probability >= (a / b if b > 0 else 0)
        a += weight * yes * target
        b += weight * (yes + target)
    return a / b


def top(scores, k):
    """The k highest, of those that tie the first."""
    chosen = np.zeros(len(scores), int)
    chosen[np.argsort(-scores, kind="stable")[:k]] = 1
    return chosen


def row_f1(y, p):
    return 2 * (y * p).sum() / (y.sum() + p.sum()) if y.sum() + p.sum() else 0.0


def best_size(case):
    """Yang 2001, RCut, as Mulan tunes it: the k whose mean F1 over rows is greatest; of at least 1."""
    rows = [i for i in range(case.rows) if case.row_weights[i] > 0]
    means = []
    for k in range(1, case.labels + 1):
        of_rows = [(y, top(s, k)) for y, s in (case.row(i, case.scores) for i in rows)]
        means.append(sum(case.row_weights[i] * row_f1(y, p) for i, (y, p) in zip(rows, of_rows)))
    at = choice(np.array(means))
    return None if at is None else at + 1


def above_largest_gap(scores):
    """Largeron, Moulin and Gery 2012: MCut."""
    down = -np.sort(-scores)
    gaps = down[:-1] - down[1:]
    if len(gaps) == 0 or not gaps.max() > 0:
        return np.ones(len(scores), int)
    return (scores >= down[np.argmax(gaps)]).astype(int)


def best_expected(q):
    """The set whose expected F1 is greatest where labels are independent; of nothing at all 1. All sets are tried on
    all outcomes."""
    sets = np.array(list(itertools.product((0, 1), repeat=len(q))))
    chance = np.prod(np.where(sets, q, 1 - q), 1)
    sums = sets.sum(1)
    either = sums[:, None] + sums[None, :]
    f = np.where(either > 0, 2 * (sets @ sets.T) / np.maximum(either, 1), 1.0)
    expected = f @ chance
    best = int(np.argmax(expected))
    return None if (np.abs(expected - expected[best]) <= NEAR).sum() > 1 else sets[best]


def rows_of(case, rule, *arrays):
    """The rule's decisions of each row."""
    decided = [rule(*case.row(i, *arrays)[1:]) for i in range(case.rows)]
    return [None if row is None else "".join(map(str, row)) for row in decided]


def accepted(case, thresholds):
    found = []
    for j, at in enumerate(thresholds):
        y, w, s = case.label(j, case.scores)
        found.append(None if at is None else [(w * y * (s >= at)).sum(), (w * (1 - y) * (s >= at)).sum()])
    return found


def answers(case):
    out = {}
    positives = [(y * w).sum() for y, w in (case.label(j) for j in range(case.labels))]
    negatives = [((1 - y) * w).sum() for y, w in (case.label(j) for j in range(case.labels))]
    for name, find in EACH_LABEL.items():
        thresholds = []
        for j in range(case.labels):
            at, tp, fp = curve(*case.label(j, case.scores))
            skipped = not positives[j] or (name in BOTH_CLASSES and not negatives[j])
            k = None if skipped else find(tp, fp)
            thresholds.append(None if k is None else at[k])
        out[name] = {"accepts": accepted(case, thresholds)}
    at, tp, fp = curve(*case.pooled(case.scores))
    for name, find in ALL_LABELS.items():
        k = find(tp, fp) if tp[-1] else None
        out[name] = {"accepts": accepted(case, [None if k is None else at[k]] * case.labels)}

    def probabilities(find, needs_positives=True):
        asked = [positives[j] > 0 or not needs_positives for j in range(case.labels)]
        return {"probabilities": [find(*case.label(j, case.probabilities)) if asked[j] else None
                                  for j in range(case.labels)]}

    out["f_star"] = probabilities(half_of_best)
    out["ofo"] = probabilities(online)
    out["label_free"] = probabilities(lambda y, w, q: fixed_point(q, w), False)
    if case.mask is not None:
        return out  # rules of rows are applied to whole rows
    out["rcut:k=2"] = {"rows": rows_of(case, lambda s: top(s, 2), case.scores)}
    k = best_size(case)
    if k is not None:
        out["rcut"] = {"rows": rows_of(case, lambda s: top(s, k), case.scores)}
    out["mcut"] = {"rows": rows_of(case, above_largest_gap, case.scores)}
    if case.labels <= 6:
        out["expected_f"] = {"rows": rows_of(case, best_expected, case.probabilities)}
    return out
