"""G2 and G4 of one element with their derivatives in NumPy: all triples of a centre as matrices over its neighbours, no loop over pairs.
An angular function depends on the squared sides u, v (from the centre) and w (opposite), so that its derivative by neighbour j is
2 sum_k (dG/du (r_j) + dG/dw (r_j - r_k)): two products of matrices."""
import numpy as np
from ase.neighborlist import neighbor_list


def cutoff(r, rc):
    """fc and dfc/dr / r."""
    return 0.5 * (np.cos(np.pi * r / rc) + 1), -0.5 * np.pi / rc * np.sin(np.pi * r / rc) / r


def described(atoms, rc, g2, g4):
    """Values [N, D] and derivatives [N, 3N, D], 1/Å, of the centres' functions by all coordinates."""
    n, size = len(atoms), len(g2) + len(g4)
    first, second, vectors = neighbor_list("ijD", atoms, rc)
    values, slopes = np.zeros((n, size)), np.zeros((n, n, 3, size))
    starts = np.searchsorted(first, np.arange(n + 1))
    for i in range(n):
        near = slice(starts[i], starts[i + 1])
        v, neighbours = vectors[near], second[near]
        u = np.einsum("jc,jc->j", v, v)
        r = np.sqrt(u)
        fc, dfc = cutoff(r, rc)
        by_vector = np.empty((len(v), 3, size))
        for k, eta in enumerate(g2):
            e = np.exp(-eta * u)
            values[i, k] = e @ fc
            by_vector[:, :, k] = (e * (dfc - 2 * eta * fc))[:, None] * v

        dot = v @ v.T
        w = u[:, None] + u[None, :] - 2 * dot
        np.fill_diagonal(w, 0)
        inside = (w < rc * rc) & ~np.eye(len(v), dtype=bool)
        third = np.sqrt(np.where(inside, w, 1))
        fw, dfw = cutoff(third, rc)
        fw, dfw = fw * inside, dfw * inside
        inverse = 1 / r
        cosine = dot * inverse[:, None] * inverse[None, :]
        # d(cosine)/du at fixed v, w; by w it is -1/(2 r_j r_k).
        by_w = -0.5 * inverse[:, None] * inverse[None, :]
        by_u = -by_w - 0.5 * cosine * (inverse * inverse)[:, None]
        gaussian = {}
        for k, (eta, zeta, gamma) in enumerate(g4, len(g2)):
            if eta not in gaussian:
                e = np.exp(-eta * u)
                ew = np.exp(-eta * w)
                a, da = e * fc, e * (dfc / 2 - eta * fc)
                b, db = ew * fw, ew * (dfw / 2 - eta * fw)
                gaussian[eta] = (a[:, None] * a[None, :] * b, da[:, None] * a[None, :] * b, a[:, None] * a[None, :] * db)
            radial, radial_u, radial_w = gaussian[eta]
            base = 1 + gamma * cosine
            power = 2 ** (1 - zeta) * base ** (zeta - 1)
            angle, slope = power * base, power * (zeta * gamma)
            values[i, k] = 0.5 * np.sum(angle * radial)
            gu = slope * by_u * radial + angle * radial_u
            gw = slope * by_w * radial + angle * radial_w
            by_vector[:, :, k] = 2 * ((gu + gw).sum(axis=1)[:, None] * v - gw @ v)
        np.add.at(slopes[i], neighbours, by_vector)
        slopes[i, i] -= by_vector.sum(axis=0)
    return values, slopes.reshape(n, 3 * n, size)
