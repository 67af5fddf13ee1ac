"""What scikit-learn says of thresholds: (tp, fp) of each label, as threshold_by_hand.py, and the best F1."""
import warnings

import numpy as np
import sklearn
import sklearn.metrics as sk
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import Ridge
from sklearn.model_selection import TunedThresholdClassifierCV

from metric_cases import Differences

NAME = "scikit-learn " + sklearn.__version__
DIFFERENCES = known = Differences()
warnings.filterwarnings("ignore")


class Scores(ClassifierMixin, BaseEstimator):
    """A classifier whose decision is its one feature."""
    classes_ = np.array([0, 1])

    def fit(self, x, y):
        return self

    def decision_function(self, x):
        return x[:, 0]

    def predict(self, x):
        return (x[:, 0] >= 0).astype(int)


def tuned(y, s, thresholds):
    search = TunedThresholdClassifierCV(Scores(), scoring="f1", response_method="decision_function", cv="prefit",
                                        refit=False, thresholds=thresholds)
    return search.fit(s[:, None], y)


@known.add("thresholds that are tried",
           "TunedThresholdClassifierCV tries 100 of equal distance, unless given an array, and takes the lowest of "
           "equals; here every distinct score is tried, and the highest of equals taken: the best F1 is compared.")
def _():
    y, s = np.array([0, 1, 0, 1, 0]), np.array([0.0, 1.0, 1.0000001, 2.0, 9e9])
    return tuned(y, s, 100).best_score_ < tuned(y, s, s).best_score_


@known.add("constant scores", "TunedThresholdClassifierCV refuses them; here all or none are accepted.")
def _():
    try:
        tuned(np.array([0, 1]), np.ones(2), np.ones(1))
    except ValueError:
        return True
    return False


@known.add("a threshold is a score",
           "Curves of scikit-learn have scores as thresholds; here they lie midway to the next lower one: what they "
           "accept is compared.")
def _():
    return 0.75 in sk.precision_recall_curve([0, 1], [0.25, 0.75])[2]


def counts(y, w, s, at):
    return [(w * y * (s >= at)).sum(), (w * (1 - y) * (s >= at)).sum()]


def best(y, w, s, beta):
    """The highest threshold of the greatest F-beta of the precision-recall curve."""
    precision, recall, at = sk.precision_recall_curve(y, s, sample_weight=w)
    b = beta * beta
    f = (1 + b) * precision * recall / np.maximum(b * precision + recall, 1e-300)
    return at[np.flatnonzero(f[:-1] >= f[:-1].max() - 1e-11)[-1]]


def on_roc(y, w, s, value):
    fpr, tpr, at = sk.roc_curve(y, s, sample_weight=w, drop_intermediate=False)
    return at[np.argmax(value(fpr, tpr))]


ROC = {"youden": lambda fpr, tpr: tpr - fpr,
       "roc_corner": lambda fpr, tpr: -np.hypot(fpr, 1 - tpr),
       "equal_error": lambda fpr, tpr: -np.abs(fpr - (1 - tpr))}


def answers(case):
    parts = [case.label(j, case.scores) for j in range(case.labels)]
    out = {name: {"accepts": [None] * case.labels} for name in ("best", "best f_beta:beta=2", "global", *ROC)}
    y, w, s = case.pooled(case.scores)
    pooled = best(y, w, s, 1) if (y * w).sum() else None
    for j, (y, w, s) in enumerate(parts):
        if pooled is not None:
            out["global"]["accepts"][j] = counts(y, w, s, pooled)
        if not (y * w).sum():
            continue
        known("a threshold is a score")
        for name, beta in (("best", 1), ("best f_beta:beta=2", 2)):
            out[name]["accepts"][j] = counts(y, w, s, best(y, w, s, beta))
        for name, value in ROC.items() if ((1 - y) * w).sum() else ():
            out[name]["accepts"][j] = counts(y, w, s, on_roc(y, w, s, value))
    return out


def sizes(case):
    """MetaLabeler (Tang, Rajan and Narayanan 2009) as a ridge regression on the sum of a row's probabilities and the 8
    highest: the number of labels of each row, None where it lies between two numbers."""
    down = -np.sort(-case.probabilities, 1)
    x, truth, some = np.column_stack((down.sum(1), down[:, :8])), case.targets.sum(1), case.row_weights > 0
    found = Ridge(alpha=1).fit(x[some], truth[some], sample_weight=case.row_weights[some]).predict(x)
    whole = np.clip(np.floor(found + 0.5), truth[some].min(), truth[some].max()).astype(int)
    return [None if abs(f % 1 - 0.5) < 1e-6 else int(k) for f, k in zip(found, whole)]


def best_scores(case):
    """The F1 that TunedThresholdClassifierCV reaches, without weights; it is slow where rows are many."""
    for j in range(case.labels if case.weights is None and case.rows <= 250 else 0):
        y, _, s = case.label(j, case.scores)
        if len(np.unique(s)) == 1:
            known("constant scores")
        elif 0 < y.sum() < len(y):
            known("thresholds that are tried")
            yield j, tuned(y, s, np.unique(s)).best_score_
