"""Writes comparemulti.json: mAP of two classifiers on resamples of whole groups, by scikit-learn.

A resample repeats the clips of a group as often as it drew the group; mAP is
the mean of average_precision_score over classes that have clips in it.
Run once: python3 comparemulti.py (numpy, scikit-learn).
"""
import json, numpy as np
from sklearn.metrics import average_precision_score

rng = np.random.default_rng(11)
N, C, G = 40, 3, 12
group = rng.integers(0, G, size=N)
Y = (rng.random((N, C)) < [0.5, 0.25, 0.06]).astype(int)
score = [np.round(rng.normal(size=(N, C)) + k * Y, 1) for k in (1.5, 0.8)]  # one decimal, so that some are equal
times = [[1] * G] + [np.bincount(rng.integers(0, G, size=G), minlength=G).tolist() for _ in range(24)]

def mean_ap(z, t):
    rows = np.repeat(np.arange(N), np.array(t)[group])
    ap = [average_precision_score(Y[rows, c], z[rows, c]) for c in range(C) if Y[rows, c].sum() > 0]
    return float(np.mean(ap))

json.dump({"group": group.tolist(), "labels": Y.tolist(), "scores": [z.tolist() for z in score], "times": times,
           "map": [[mean_ap(z, t) for t in times] for z in score]}, open("comparemulti.json", "w"))
