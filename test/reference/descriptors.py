"""Symmetry functions by DScribe's ACSF (cosine cutoff) and by a plain sum over all images written from the formulas (polynomial cutoff, and
as a check of DScribe itself): writes descriptors.json beside itself. Run: python descriptors.py (dscribe 2.1, numpy, ase).

DScribe takes eta in 1/Å², the settings take it in 1/Rc²; DScribe puts a G1 before the G2 of each element, which is left out here.
"""
import itertools
import json
from importlib.metadata import version
from pathlib import Path

import ase
import numpy as np
from dscribe.descriptors import ACSF

CUTOFF = 4.3
G2 = [(0.4, 0.0), (7.0, 1.9), (96.0, 2.6)]  # eta (1/Rc²), rs (Å)
G4 = [(0.3, 1.0, 1.0), (1.7, 4.0, -1.0), (0.9, 2.5, 0.6)]  # eta (1/Rc²), zeta, gamma
G5 = [(0.2, 2.0, -1.0), (1.1, 3.3, -0.7)]
POLYNOMIAL = 3.5


def structures():
    """Crooked ones, so that no sum is right by symmetry; the periodic ones are smaller than the cutoff."""
    rng = np.random.default_rng(7)
    crooked = [[3.9, 0.3, -0.2], [0.5, 4.4, 0.4], [-0.6, 0.2, 5.1]]
    places = np.array([[0.1, 0.1, 0.0], [0.6, 0.15, 0.1], [0.2, 0.6, 0.45], [0.65, 0.55, 0.7], [0.1, 0.2, 0.75]])
    periodic = places @ np.array(crooked) + rng.normal(0, 0.05, (5, 3))
    cluster = np.array([[0, 0, 0], [1.9, 0.4, 0.1], [-0.8, 1.7, 0.5], [0.3, -1.2, 1.6], [2.1, 2.3, -0.9], [1.2, 0.9, 2.4], [6.5, 0.2, 0.1]])
    yield "cluster of one element", ase.Atoms("Cu7", positions=cluster)
    yield "cluster of two elements, one atom nearly alone", ase.Atoms("CuNCu2NCu2", positions=cluster)
    yield "cluster of three elements", ase.Atoms("COHCu2NH", positions=cluster)
    yield "periodic cell of one element", ase.Atoms("Cu5", positions=periodic, cell=crooked, pbc=True)
    yield "periodic cell of three elements", ase.Atoms("CuNCu2O", positions=periodic, cell=crooked, pbc=True)
    yield "slab of two elements", ase.Atoms("Cu3NCu", positions=periodic, cell=crooked, pbc=[True, True, False])


def by_dscribe(atoms, elements):
    """[N][D] in the settings' order: G2 element by element, then for each pair of elements its G4, then for each its G5."""
    absolute = CUTOFF**2
    acsf = ACSF(
        r_cut=CUTOFF,
        g2_params=[[eta / absolute, rs] for eta, rs in G2],
        g4_params=[[eta / absolute, zeta, gamma] for eta, zeta, gamma in G4],
        g5_params=[[eta / absolute, zeta, gamma] for eta, zeta, gamma in G5],
        species=elements,
        periodic=bool(atoms.pbc.any()),
    )
    radial, angular = 1 + len(G2), len(G4) + len(G5)
    pairs = list(itertools.combinations_with_replacement(range(len(elements)), 2))
    # Where DScribe keeps a pair of elements is read off three atoms that have no other pair.
    slots = []
    for a, b in pairs:
        probe = ase.Atoms([elements[0], elements[a], elements[b]], positions=[[0, 0, 0], [1.1, 0, 0], [0.3, 1.3, 0]])
        row = acsf.create(probe, centers=[0])[0][radial * len(elements) :].reshape(len(pairs), angular)
        (slot,) = np.flatnonzero(np.abs(row).sum(axis=1) > 0)
        slots.append(slot)
    assert sorted(slots) == list(range(len(pairs)))
    rows = acsf.create(atoms)
    g2 = rows[:, : radial * len(elements)].reshape(len(atoms), len(elements), radial)[:, :, 1:]
    g45 = rows[:, radial * len(elements) :].reshape(len(atoms), len(pairs), angular)[:, slots]
    parts = [g2, g45[:, :, : len(G4)], g45[:, :, len(G4) :]]
    return np.concatenate([part.reshape(len(atoms), -1) for part in parts], axis=1)


def cosine(r):
    return 0.5 * (np.cos(np.pi * r / CUTOFF) + 1) if r < CUTOFF else 0.0


def polynomial(r):
    x = r / CUTOFF
    return 1 + POLYNOMIAL * x ** (POLYNOMIAL + 1) - (POLYNOMIAL + 1) * x**POLYNOMIAL if x < 1 else 0.0


def by_hand(atoms, elements, fc):
    """The formulas, term by term, over every image within three cells."""
    repeats = [range(-3, 4) if periodic else [0] for periodic in atoms.pbc]
    shifts = [np.array(s) @ atoms.cell[:] for s in itertools.product(*repeats)]
    pairs = list(itertools.combinations_with_replacement(range(len(elements)), 2))
    symbols = atoms.get_chemical_symbols()
    rows = []
    for centre in atoms.positions:
        around = [
            (elements.index(symbol), position + shift - centre)
            for symbol, position in zip(symbols, atoms.positions)
            for shift in shifts
            if 0 < np.linalg.norm(position + shift - centre) < CUTOFF
        ]
        g2 = np.zeros((len(elements), len(G2)))
        g4 = np.zeros((len(pairs), len(G4)))
        g5 = np.zeros((len(pairs), len(G5)))
        for kind, vector in around:
            r = np.linalg.norm(vector)
            for f, (eta, rs) in enumerate(G2):
                g2[kind, f] += np.exp(-eta * (r - rs) ** 2 / CUTOFF**2) * fc(r)
        for (kind_j, vector_j), (kind_k, vector_k) in itertools.combinations(around, 2):
            pair = pairs.index((min(kind_j, kind_k), max(kind_j, kind_k)))
            rij, rik, rjk = np.linalg.norm(vector_j), np.linalg.norm(vector_k), np.linalg.norm(vector_j - vector_k)
            cos = vector_j @ vector_k / (rij * rik)
            for f, (eta, zeta, gamma) in enumerate(G4):
                angle = 2 ** (1 - zeta) * (1 + gamma * cos) ** zeta
                g4[pair, f] += angle * np.exp(-eta * (rij**2 + rik**2 + rjk**2) / CUTOFF**2) * fc(rij) * fc(rik) * fc(rjk)
            for f, (eta, zeta, gamma) in enumerate(G5):
                angle = 2 ** (1 - zeta) * (1 + gamma * cos) ** zeta
                g5[pair, f] += angle * np.exp(-eta * (rij**2 + rik**2) / CUTOFF**2) * fc(rij) * fc(rik)
        rows.append(np.concatenate([g2.ravel(), g4.ravel(), g5.ravel()]))
    return np.array(rows)


cases = []
for name, atoms in structures():
    elements = [ase.data.chemical_symbols[z] for z in sorted(set(atoms.numbers))]
    dscribe, formula = by_dscribe(atoms, elements), by_hand(atoms, elements, cosine)
    difference = float(np.abs(dscribe - formula).max())
    print(f"{name}: DScribe and the formulas differ by {difference:.1e}")
    assert difference < 1e-10, name
    cases.append(
        {
            "name": name,
            "symbols": atoms.get_chemical_symbols(),
            "positions": atoms.positions.tolist(),
            "cell": atoms.cell.tolist() if atoms.pbc.any() else None,
            "pbc": atoms.pbc.tolist(),
            "cosine": dscribe.tolist(),
            "polynomial": by_hand(atoms, elements, polynomial).tolist(),
        }
    )
content = {
    "versions": {name: version(name) for name in ("dscribe", "numpy", "ase")},
    "cutoff": CUTOFF,
    "polynomial": POLYNOMIAL,
    "g2": [dict(zip(("eta", "rs"), f)) for f in G2],
    "g4": [dict(zip(("eta", "zeta", "gamma"), f)) for f in G4],
    "g5": [dict(zip(("eta", "zeta", "gamma"), f)) for f in G5],
    "cases": cases,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")
