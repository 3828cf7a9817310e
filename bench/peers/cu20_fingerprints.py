"""dscribe: G2 and G4 of cu20. Its derivatives are numerical (the only way it has for these functions), an image at a time because they take seconds."""
from importlib.metadata import version

from dscribe.descriptors import ACSF

from cu20 import CUTOFF, FRAMES, G2, G4
from rounds import serve

acsf = ACSF(r_cut=CUTOFF, g2_params=[[eta, 0] for eta in G2], g4_params=G4, species=["Cu"], periodic=True)
# The first function is G1, which dscribe always adds.
values = acsf.create(FRAMES)[:, :, 1:]
slopes, _ = acsf.derivatives(FRAMES[0], attach=True)
serve(
    {
        "values 1": lambda: acsf.create(FRAMES, n_jobs=1),
        "values 2": lambda: acsf.create(FRAMES, n_jobs=2),
        "derivatives 1": lambda: acsf.derivatives(FRAMES[:1], attach=True, n_jobs=1),
        "derivatives 2": lambda: acsf.derivatives(FRAMES[:2], attach=True, n_jobs=2),
    },
    versions={"dscribe": version("dscribe")},
    values=values.tolist(),
    slopes=slopes[..., 1:].tolist(),
)
