"""Writes multilabel.json: heads, odds and scores of clips of several classes by other means.

The objectives are written down from their formulas and minimised by
scipy's BFGS and, from there, by Newton-CG to 1e-13; scores of the answers
are scikit-learn's. Run once: python3 multilabel.py (numpy, scipy, scikit-learn).
"""
import json, numpy as np
from scipy.optimize import minimize
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

rng = np.random.default_rng(7)
N, d, C, scale = 30, 6, 4, 20.0
text = rng.normal(size=(C, d)); text /= np.linalg.norm(text, axis=1, keepdims=True)
Y = (rng.random((N, C)) < [0.5, 0.3, 0.15, 0.0]).astype(float)  # no clip is of the last
X = 0.6 * Y @ text + rng.normal(size=(N, d)) * 0.4 + 0.5
X = (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)
text = text.astype(np.float32)
x, t = X.astype(float), text.astype(float)

def ce(z, y):
    return np.logaddexp(0, z) - y * z

def odds(z, y, prior=(1.0, 0.0), hold=0.0, floor=None):
    up, down = y.sum(), len(y) - y.sum()
    target = np.where(y > 0, (up + 1) / (up + 2), 1 / (down + 2))
    f = lambda p: ce(p[0] * z + p[1], target).sum() + 0.5 * (p[0] / prior[0] - 1) ** 2 + 0.5 * hold * (p[1] - prior[1]) ** 2
    best = minimize(f, prior, method="BFGS", options={"gtol": 1e-12})
    best = minimize(f, best.x, method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-15, "maxiter": 20000})
    return best.x

centred = x - x.mean(0)
q = scale * centred @ t.T
a, b = odds(q.T.ravel(), Y.T.ravel())
out = {"features": X.tolist(), "text": text.tolist(), "labels": Y.astype(int).tolist(), "scale": scale, "common": [a, b], "heads": {}}
for strength in (0.3, 30.0):
    W, B = [], []
    for c in range(C):
        v, delta = np.zeros(d), 0.0
        if 0 < Y[:, c].sum() < N:
            def f(p):
                z = a * q[:, c] + b + centred @ p[:d] + p[d]
                value = ce(z, Y[:, c]).sum() + p[:d] @ p[:d] / (2 * strength) + p[d] ** 2 / 2
                r = 1 / (1 + np.exp(-z)) - Y[:, c]
                return value, np.append(centred.T @ r + p[:d] / strength, r.sum() + p[d])
            p = minimize(f, np.zeros(d + 1), jac=True, method="BFGS", options={"gtol": 1e-13}).x
            p = minimize(f, p, jac=True, method="Newton-CG", options={"xtol": 1e-14}).x
            v, delta = p[:d], p[d]
        w = a * scale * t[c] + v
        W.append(w.tolist()); B.append(float(b + delta - w @ x.mean(0)))
    out["heads"][str(strength)] = {"weight": W, "bias": B}
z = np.round(rng.normal(size=40) * 3, 3); y = (z + rng.normal(size=40) * 2 > 1).astype(int)
out["odds"] = [{"z": z.tolist(), "y": k.tolist(), "prior": [s, o], "hold": h, "want": odds(z, k.astype(float), (s, o), h).tolist()}
               for s, o, h in ((1.0, 0.0, 0.0), (0.4, -1.5, 1.0)) for k in (y, np.zeros(40, int), (z > 0).astype(int))]
score = np.round(rng.normal(size=(N, C)) + 1.2 * Y, 1); at = [0.5, 0.9, 0.2, 1.5]
said = (score >= at).astype(int)
out["scores"] = {"logits": score.tolist(), "thresholds": at,
  "ap": [average_precision_score(Y[:, c], score[:, c]) for c in range(3)], "auroc": [roc_auc_score(Y[:, c], score[:, c]) for c in range(3)],
  "f1": [f1_score(Y[:, c], said[:, c], zero_division=0) for c in range(4)], "micro": f1_score(Y, said, average="micro"),
  "macro": float(np.mean([f1_score(Y[:, c], said[:, c]) for c in range(3)]))}
json.dump(out, open("multilabel.json", "w"))
